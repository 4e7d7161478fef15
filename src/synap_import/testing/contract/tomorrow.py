"""Checks that what a service adds to its items one day gets into the records.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from synap_import.errors import SynapImportError
from synap_import.testing.cassettes import replay
from synap_import.testing.provenance import load_cassette

from .running import run
from .stand_in import changed
from .walks import walk

if TYPE_CHECKING:
    from .walks import Subject

__tracebackhide__ = True

FIELD = "field_of_tomorrow"
"""No service has one of that name."""


def check_new_field(subject: Subject, cassette: Path, folder: Path) -> None:
    """Every item of every list in the answers has one more field."""
    newer = folder / cassette.name
    newer.write_text(_of_tomorrow(cassette.read_text("utf-8")), "utf-8")
    try:
        whole = run(walk, subject, within=replay(newer, all_played=False))
    except SynapImportError as error:
        raise AssertionError(
            f"An answer whose items have one field more ends the run: {error.message} Services "
            "add fields; let models ignore those that they do not know."
        ) from error
    # Not in each: some are put together of other things than items of a list.
    kept = any(FIELD in json.dumps(record.raw, default=str) for record in whole.records)
    assert kept or not whole.records, (
        f"A field that the service adds to its items ({FIELD}) is in no record. Give the item as "
        "it came, raw=item, not what a model made of it: model_dump() has the fields only that "
        "the model knows."
    )


def _of_tomorrow(cassette: str) -> str:
    content = load_cassette(cassette)
    for exchange in content["interactions"]:
        body = exchange["response"]["body"]
        body["string"] = changed(body.get("string") or "", _grown)
    return str(yaml.safe_dump(content))


def _grown(value: Any, *, is_item: bool = False) -> Any:
    if isinstance(value, list):
        return [_grown(one, is_item=True) for one in value]
    if isinstance(value, dict):
        grown = {name: _grown(one) for name, one in value.items()}
        return {**grown, FIELD: "kept"} if is_item else grown
    return value
