"""The messages of a conversation, page by page, in the order in which they were said."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from synap_import import Page
from synap_import_letta.messages import Place, Thread, message_records

from .walking import Cursor, ids_of, walk

if TYPE_CHECKING:
    from .api import LettaApi


async def pages_forward(
    api: LettaApi, agent: str, conversation: str | None, thread: Thread, start: Cursor
) -> AsyncGenerator[Page, None]:
    """From a cursor on, oldest first; the filter is on the agent's own list.

    The list of a conversation's own endpoint gives numbers twice after a compaction, and skips.
    """

    async def fetch(after: str | None) -> list[object]:
        return await api.messages(agent, after=after, conversation=conversation)

    place = Place(start.number, start.speaker)
    async with aclosing(walk(fetch, start)) as steps:
        async for step in steps:
            place = Place() if step.anew else place
            done, place = message_records(step.items, thread, place, f"messages of {agent}")
            cursor = step.cursor._replace(number=place.number, speaker=place.speaker)
            yield Page(done.records, cursor.text(), done.unreadable)


async def pages_backward(
    api: LettaApi, agent: str, thread: Thread, start: Cursor
) -> AsyncGenerator[Page, None]:
    """From a cursor back, newest first, for servers that give only windows before a message.

    Positions count down from the newest, so that they need no end.
    """
    cursor = start
    while True:
        items = await api.messages(agent, before=cursor.after)
        ids = [one for one in ids_of(items) if one != cursor.after]
        if not ids:
            return
        done, place = message_records(items, thread, Place(), f"messages of {agent}")
        first = cursor.number - place.number
        records = [
            record.model_copy(update={"position": first + (record.position or 0)})
            for record in done.records
        ]
        cursor = Cursor(after=ids[0], number=first)
        yield Page(records, cursor.text(), done.unreadable)
