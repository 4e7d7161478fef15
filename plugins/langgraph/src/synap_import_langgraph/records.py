"""From a row of the table to a record. What becomes of what is a table in the README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from synap_import import Kind, MemoryRecord, State
from synap_import.mapping import time_reader

from .values import FIELDS, Path, Text, rest_of, text_of

if TYPE_CHECKING:
    from .namespaces import Owners
    from .store import Row

SYSTEM = "langgraph"
# SQLite's CURRENT_TIMESTAMP names no zone, and is UTC.
_NAIVE = "naive-time"
_read_time = time_reader("auto", "UTC")


@dataclass(frozen=True, slots=True)
class Reading:
    """Makes the records of a store. ``now`` decides what is over."""

    owners: Owners
    texts: Sequence[Path]
    now: datetime

    def record(self, row: Row) -> MemoryRecord:
        """Raises ValueError with a sentence when the row cannot become one."""
        value = _decoded(row.value)
        text = text_of(value, self.texts)
        times = _times(created_at=row.created, updated_at=row.updated, expires_at=row.expires)
        is_over = "expires_at" in times and times["expires_at"] <= self.now
        return MemoryRecord(
            system=SYSTEM,
            id=row.id,
            kind=Kind.DOCUMENT if text.origin is None else Kind.FACT,
            text=text.text,
            scope=self.owners.scope(row.namespace),
            state=State.EXPIRED if is_over else State.ACTIVE,
            metadata=_metadata(row, value, text),
            raw={**row.told(), "value": value},
            **times,
        )


def _decoded(value: bytes | str | None) -> Any:
    if value is None:
        raise ValueError("it has no value")
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"its value is not JSON: {error.msg} at {error.pos + 1}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"its value is not UTF-8 text at byte {error.start + 1}") from None
    except RecursionError:
        raise ValueError("its value is nested too deeply") from None


def _metadata(row: Row, value: Any, text: Text) -> dict[str, Any]:
    """The value's other fields, and beside them what LangGraph knows, under one key."""
    ours: dict[str, Any] = {"namespace": list(row.namespace), "key": row.key}
    ours["text_from"] = FIELDS if text.origin is None else ".".join(text.origin) or "value"
    if row.ttl_minutes is not None:
        ours["ttl_minutes"] = row.ttl_minutes
    rest = rest_of(value, text)
    return {**rest, SYSTEM: ours} if SYSTEM not in rest else {SYSTEM: {**ours, "value": rest}}


def _times(**given: str | None) -> dict[str, Any]:
    """Times by the record's names, and what had to be assumed about them."""
    read = {name: _read_time(value) for name, value in given.items() if value}
    times: dict[str, Any] = {name: one.time for name, one in read.items() if one.time}
    assumed = ((name, one.assumption) for name, one in read.items())
    told = [f"{code}:{name}" for name, code in assumed if code and code != _NAIVE]
    return {**times, "assumptions": tuple(told)}
