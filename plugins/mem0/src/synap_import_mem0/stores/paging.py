"""Rows of a store that lies in files, as pages of records."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from synap_import import MemoryRecord, Page, SourceError, Unreadable
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import record_of_payload

from .skipping import is_stored_memory

PAGE_ROWS = 300
PAGE_CHARACTERS = 8 * 1024 * 1024
"""A page ends when this much was read for it: a few rows can be as large as many."""

_EXCERPT = 200


class Row(NamedTuple):
    """A row as it lies in the store, without its vector.

    ``key`` is the cursor that resumes behind it, ``where`` its place for people, ``size`` its
    length in characters, about. ``flaw`` says why it cannot be read, where that is known.
    """

    key: str
    where: str
    id: Any
    payload: Any
    size: int
    flaw: str = ""


class Sized(Protocol):
    """What can be put into pages."""

    @property
    def key(self) -> str:
        """The cursor that resumes behind it."""
        ...

    @property
    def size(self) -> int:
        """Its length in characters, about."""
        ...


SizedT = TypeVar("SizedT", bound=Sized)


class Group(NamedTuple, Generic[SizedT]):
    """The rows of one page; ``cursor`` is None for the last."""

    rows: Sequence[SizedT]
    cursor: str | None


def grouped(rows: Iterable[SizedT]) -> Iterator[Group[SizedT]]:
    """The rows in groups of a page each; at least one group."""
    group: list[SizedT] = []
    size = 0
    for row in rows:
        if group and (len(group) == PAGE_ROWS or size + row.size > PAGE_CHARACTERS):
            yield Group(group, group[-1].key)
            group, size = [], 0
        group.append(row)
        size += row.size
    yield Group(group, None)


def in_batches(
    fetch: Callable[[int], Generator[SizedT, None, None]], cursor: str | None
) -> Iterator[SizedT]:
    """All rows behind a cursor, fetched some at a time: no lock is held while they are used."""
    after = number_of(cursor)
    while batch := _some(fetch(after)):
        yield from batch
        after = int(batch[-1].key)


def pages_of(rows: Iterable[Row], now: datetime) -> Iterator[Page]:
    """The pages of a store's rows; what is no memory is left out."""
    for group in grouped(rows):
        records: list[MemoryRecord] = []
        unreadable: list[Unreadable] = []
        for row in group.rows:
            try:
                payload = payload_of(row)
                if is_stored_memory(payload):
                    records.append(record_of_payload(row.id, payload, now=now))
            except Unmappable as problem:
                unreadable.append(Unreadable(row.where, str(problem), _excerpt(row.payload)))
        yield Page(records, group.cursor, unreadable)


def payload_of(row: Row) -> Mapping[str, Any]:
    """The payload of a row as an object. Raises Unmappable."""
    if row.flaw:
        raise Unmappable("payload", row.flaw)
    payload = row.payload
    if isinstance(payload, bytes):
        payload = payload.decode(errors="replace")
    if payload is None:
        raise Unmappable("payload", "is missing")
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except ValueError:
            raise Unmappable("payload", "is not JSON") from None
        except RecursionError:
            raise Unmappable("payload", "is nested too deeply") from None
    if not isinstance(payload, Mapping):
        raise Unmappable("payload", "is not an object")
    return payload


def number_of(cursor: str | None) -> int:
    """The number that a cursor of ours is; 0 at the beginning. Raises SourceError."""
    if cursor is None:
        return 0
    if not cursor.isdecimal():
        raise SourceError(f"The cursor {cursor!r} is not one of this source.")
    return int(cursor)


def counted(memories: int) -> str:
    """The number with its noun."""
    return "1 memory" if memories == 1 else f"{memories:,} memories"


def _some(rows: Generator[SizedT, None, None]) -> list[SizedT]:
    batch: list[SizedT] = []
    size = 0
    with closing(rows):
        for row in islice(rows, PAGE_ROWS):
            batch.append(row)
            size += row.size
            if size > PAGE_CHARACTERS:
                break
    return batch


def _excerpt(payload: Any) -> str:
    if payload is None:
        return ""
    if isinstance(payload, bytes):
        return payload[:_EXCERPT].decode(errors="replace")
    if not isinstance(payload, str):
        try:
            payload = json.dumps(payload, ensure_ascii=False, default=str)
        except (ValueError, RecursionError):
            return f"({type(payload).__name__})"
    return str(payload)[:_EXCERPT].encode(errors="replace").decode()
