"""Walks over lists that are paged by cursor: to the first empty page, not to a short one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from synap_import import SourceError

from .refusals import NotThereError

Fetch = Callable[[str | None], Awaitable[list[Any]]]
FetchInProject = Callable[[str | None, str | None], Awaitable[list[Any]]]

_MOST_RESTARTS = 3
_HEAD_START_SECONDS = 0.002


class Cursor(NamedTuple):
    """Behind which item a list goes on.

    ``prior`` is the item before that one: some lists show an end and a cursor that was deleted
    in the same way. ``number`` and ``speaker`` are where a conversation is.
    """

    after: str | None = None
    prior: str | None = None
    number: int = 0
    speaker: str | None = None

    @classmethod
    def of(cls, text: str | None) -> Cursor:
        """The cursor in a text of :meth:`text`."""
        return cls(*json.loads(text)) if text else cls()

    def text(self) -> str:
        """As the host keeps it."""
        return json.dumps(self)

    def behind(self, ids: list[str]) -> Cursor:
        """Behind these items."""
        known = [one for one in (self.prior, self.after) if one is not None]
        newest = list(dict.fromkeys((*known, *ids)))[-2:]
        return self._replace(after=newest[-1], prior=newest[0] if len(newest) > 1 else None)

    def back(self) -> Cursor:
        """At the item before, or at the beginning."""
        return self._replace(after=self.prior, prior=None) if self.prior else Cursor()


BEGINNING = Cursor()


class Step(NamedTuple):
    """Items of a list, and the cursor behind them; ``anew`` when they are the list's first."""

    items: list[Any]
    cursor: Cursor
    anew: bool


async def walk(
    fetch: Fetch, start: Cursor = BEGINNING, *, last: str | None = None, doubt: bool = False
) -> AsyncGenerator[Step, None]:
    """The pages of a list from a cursor on; the next is asked for while one is in hand.

    A cursor that is gone is replaced by the one before it, or by the beginning: what comes twice
    is recognised by the host. With ``doubt`` an empty page is believed only behind ``last``, or
    when the cursor is seen to be there. Raises SourceError when the server ignores cursors.
    """
    cursor, before, restarts = start, list[str](), 0
    coming = _begin(fetch, cursor)
    try:
        while True:
            items = await coming
            ids = ids_of(items or [])
            if items and not ids:
                # Nothing to go on from, and nothing that Letta gives; the caller tells of them.
                yield Step(items, cursor, cursor.after is None)
                return
            if not items:
                believed = not doubt or cursor.after in (None, last)
                if items is not None and (believed or await _is_there(fetch, cursor)):
                    return
                restarts += 1
                _refuse_more(restarts)
                cursor, before = cursor.back(), []
                coming = _begin(fetch, cursor)
                continue
            _refuse_the_same(ids, before)
            anew = cursor.after is None
            cursor, before = cursor.behind(ids), ids
            coming = _begin(fetch, cursor)
            # Until it is sent: what the caller does with this page may take an answer's time.
            await asyncio.wait([coming], timeout=_HEAD_START_SECONDS)
            yield Step(items, cursor, anew)
    finally:
        coming.add_done_callback(_forget)
        coming.cancel()


async def every(fetch: Fetch) -> AsyncGenerator[dict[str, Any], None]:
    """Every object of a list, each id once."""
    seen: set[str] = set()
    async for step in walk(fetch):
        for item in step.items:
            own = item.get("id") if isinstance(item, dict) else None
            if isinstance(own, str) and own not in seen:
                seen.add(own)
                yield item


async def in_all(
    fetch: FetchInProject, projects: Sequence[str | None]
) -> AsyncGenerator[tuple[dict[str, Any], str | None], None]:
    """Every object of a list in all projects, each id once, with the project that showed it."""
    seen: set[str] = set()
    for project in projects:
        async for item in every(in_project(fetch, project)):
            if item["id"] not in seen:
                seen.add(item["id"])
                yield item, project


def in_project(fetch: FetchInProject, project: str | None) -> Fetch:
    """The list as one project has it."""

    async def fetch_there(after: str | None) -> list[Any]:
        return await fetch(after, project)

    return fetch_there


def ids_of(items: list[Any]) -> list[str]:
    """The ids of a page, each once."""
    found = (item.get("id") for item in items if isinstance(item, dict))
    return list(dict.fromkeys(one for one in found if isinstance(one, str) and one))


async def _fetched(fetch: Fetch, cursor: Cursor) -> list[Any] | None:
    """The page; None for a cursor that the server says it does not have."""
    try:
        return await fetch(cursor.after)
    except NotThereError:
        if cursor.after is None:
            raise
        return None


async def _is_there(fetch: Fetch, cursor: Cursor) -> bool:
    """Whether the item of the cursor still follows the one before it."""
    found = await _fetched(fetch, cursor.back())
    return cursor.after in ids_of(found or [])


def _begin(fetch: Fetch, cursor: Cursor) -> asyncio.Task[list[Any] | None]:
    return asyncio.ensure_future(_fetched(fetch, cursor))


def _forget(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


def _refuse_the_same(ids: list[str], before: list[str]) -> None:
    if ids == before:
        raise SourceError(
            "The Letta server gives the same page again and again.",
            remedy="It may be a version that this source does not know; its README says which.",
        )


def _refuse_more(restarts: int) -> None:
    if restarts > _MOST_RESTARTS:
        raise SourceError(
            "A list of the Letta server changes faster than it can be read.",
            remedy="Stop what deletes from it, and run the same command again.",
        )
