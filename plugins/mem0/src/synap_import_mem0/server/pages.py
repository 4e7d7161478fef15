"""Pages out of items that came in one answer, in the order of their ids."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import anyio

from synap_import import MemoryRecord, Page, Unreadable
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import record_of_item

from .history import versions_before
from .lists import Items, id_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from datetime import datetime

    from .api import ServerApi
    from .entities import Item

_PAGE = 250
_PAGE_WITH_HISTORY = 50
_EXCERPT = 500


class Reading(NamedTuple):
    """How items become pages.

    Several partitions can show an item; the one that answers for it reports that it cannot be
    read, or asks for its history.
    """

    api: ServerApi
    now: datetime
    with_history: bool
    answers_for: Callable[[Item], bool]


async def pages_of(
    items: Items, cursor: str | None, reading: Reading
) -> AsyncGenerator[Page, None]:
    """The pages behind a cursor: the last id of the page before."""
    left = sorted(one for one in items if cursor is None or one > cursor)
    size = _PAGE_WITH_HISTORY if reading.with_history else _PAGE
    for start in range(0, max(len(left), 1), size):
        ids = left[start : start + size]
        is_last = start + size >= len(left)
        made, unreadable = records_of([items[one] for one in ids], reading.now)
        if reading.with_history:
            records = await _with_history(made, reading)
        else:
            records = [record for _, record in made]
        yield Page(
            records,
            cursor=None if is_last else ids[-1],
            unreadable=[bad for item, bad in unreadable if reading.answers_for(item)],
        )


def records_of(
    items: Sequence[Item], now: datetime
) -> tuple[list[tuple[Item, MemoryRecord]], list[tuple[Item, Unreadable]]]:
    """Items with their records, and those that cannot become one."""
    made, unreadable = [], []
    for item in items:
        try:
            made.append((item, record_of_item(item, now=now)))
        except Unmappable as problem:
            raw = json.dumps(item)[:_EXCERPT]
            unreadable.append((item, Unreadable(f"memory {id_of(item)}", str(problem), raw)))
    return made, unreadable


async def _with_history(
    made: Sequence[tuple[Item, MemoryRecord]], reading: Reading
) -> list[MemoryRecord]:
    """Each record with its earlier versions behind it. The client bounds how many at once."""
    versions: list[list[MemoryRecord]] = [[] for _ in made]

    async def ask(place: int, record: MemoryRecord) -> None:
        versions[place] = versions_before(record, await reading.api.history(record.id))

    try:
        async with anyio.create_task_group() as asking:
            for place, (item, record) in enumerate(made):
                if reading.answers_for(item):
                    asking.start_soon(ask, place, record)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [
        one for (_, record), before in zip(made, versions, strict=True) for one in (record, *before)
    ]
