"""Checks with another cassette made of the author's: its items have one field more, or no times.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from synap_import.errors import SynapImportError
from synap_import.testing.cassettes import UnansweredError, replay
from synap_import.testing.provenance import load_cassette

from .items import check_times
from .running import run
from .stand_in import changed
from .walks import walk

if TYPE_CHECKING:
    from synap_import.sources import Unreadable

    from .walks import Subject, Walk

__tracebackhide__ = True

FIELD = "field_of_tomorrow"
"""No service has one of that name."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def check_new_field(subject: Subject, today: Walk, cassette: Path, folder: Path) -> None:
    """Every item of every list in the answers has one more field."""
    try:
        whole = _walk_of(subject, cassette, folder, lambda item: {**item, FIELD: "kept"})
    except SynapImportError as error:
        raise AssertionError(
            f"An answer whose items have one field more ends the run: {error.message} Services "
            "add fields; let models ignore those that they do not know."
        ) from error
    odd = whole.unreadable
    assert len(whole.records) >= len(today.records), (
        f"An item that has one field more becomes no record{_reason(odd[0]) if odd else ''}. "
        "Services add fields; let models ignore those that they do not know."
    )
    # Not in each: some are put together of other things than items of a list.
    kept = any(FIELD in json.dumps(record.raw, default=str) for record in whole.records)
    assert kept or not whole.records, (
        f"A field that the service adds to its items ({FIELD}) is in no record. Give the item as "
        "it came, raw=item, not what a model made of it: model_dump() has the fields only that "
        "the model knows."
    )


def check_missing_times(subject: Subject, cassette: Path, folder: Path) -> None:
    """No item has a time. To refuse them is fine; to make one up, or to break down, is not."""
    began = datetime.now(UTC)
    try:
        whole = _walk_of(subject, cassette, folder, _timeless)
    except SynapImportError:
        return
    except UnansweredError:
        pytest.skip("without the times of its items the adapter asks what the cassette lacks")
    except Exception as error:
        raise AssertionError(
            f"An item whose times are null ends as {type(error).__name__}: {error}. A bad item "
            "does not stop the good ones: give it without a time, or as Unreadable."
        ) from error
    check_times(whole, began, datetime.now(UTC))


def _reason(odd: Unreadable) -> str:
    return f", but unreadable: {odd.where}: {odd.reason}"


Change = Callable[[dict[str, Any]], dict[str, Any]]


def _walk_of(subject: Subject, cassette: Path, folder: Path, change: Change) -> Walk:
    """A reading of the cassette with its items changed."""
    content = load_cassette(cassette.read_text("utf-8"))
    for exchange in content["interactions"]:
        body = exchange["response"]["body"]
        body["string"] = changed(body.get("string") or "", lambda answer: _in_lists(answer, change))
    other = folder / cassette.name
    other.write_text(yaml.safe_dump(content), "utf-8")
    return run(walk, subject, within=replay(other, all_played=False))


def _in_lists(value: Any, change: Change, *, is_item: bool = False) -> Any:
    if isinstance(value, list):
        return [_in_lists(one, change, is_item=True) for one in value]
    if isinstance(value, dict):
        inner = {name: _in_lists(one, change) for name, one in value.items()}
        return change(inner) if is_item else inner
    return value


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(one) for name, one in value.items()}
    return None if isinstance(value, str) and _MOMENT.match(value) else value
