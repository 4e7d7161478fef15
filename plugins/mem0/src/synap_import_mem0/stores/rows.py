"""From rows of a vector store to a page: records, and the rows that cannot become one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from synap_import import MemoryRecord, Page, Unreadable
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import is_memory, record_of_payload

_EXCERPT = 200


class Row(NamedTuple):
    """A point or row without its vector."""

    id: str | int
    payload: Any


def is_identity(payload: Any) -> bool:
    """Whether it only notes who uses the store."""
    return isinstance(payload, dict) and not is_memory(payload)


def page_of(rows: Iterable[Row], cursor: str | None, *, place: str, now: datetime) -> Page:
    """The page of these rows; ``place`` names the store in what cannot be read."""
    records: list[MemoryRecord] = []
    unreadable: list[Unreadable] = []
    for row in rows:
        if is_identity(row.payload):
            continue
        try:
            records.append(record_of_payload(row.id, row.payload, now=now))
        except Unmappable as problem:
            where = f"{place}:{row.id}"
            beginning = json.dumps(row.payload, ensure_ascii=False, default=str)[:_EXCERPT]
            unreadable.append(Unreadable(where, str(problem), beginning))
    return Page(records, cursor, unreadable)


def is_uuid(text: str) -> bool:
    """Whether a store can be asked for it as for the id of a point or row."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
