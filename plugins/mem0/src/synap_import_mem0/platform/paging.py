"""A walk over numbered pages: where it ends, and one page read ahead of the one in hand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .answers import Listing

Fetch = Callable[[int], Awaitable[Listing]]

_SLACK = 3
_HEAD_START_SECONDS = 0.002
_MOST_PAGES_WITHOUT_COUNT = 10_000


class Place(NamedTuple):
    """Where a walk is: the next page, and how many items a page held at most so far."""

    page: int = 1
    widest: int = 0


BEGINNING = Place()


class Step(NamedTuple):
    """A page of a walk, where to go on, and whether another page follows."""

    place: Place
    listing: Listing
    goes_on: bool


@dataclass(slots=True)
class Walk:
    """Decides after each page whether there is another one.

    A page shorter than asked for ends nothing: servers cap the size, and filter behind it.
    The count of the list does, and an empty page behind it. Without a count the list ends
    with a page that is empty or the same as the one before.
    """

    size: int
    page: int = 0
    received: int = 0
    widest: int = 0
    goes_on: bool = True
    _before: list[Any] = field(default_factory=list)

    @classmethod
    def from_place(cls, place: Place, size: int) -> Walk:
        """A walk whose earlier pages were as full as the widest of them."""
        return cls(size, place.page - 1, place.widest * (place.page - 1), place.widest)

    @property
    def place(self) -> Place:
        """Where it goes on."""
        return Place(self.page + 1, self.widest)

    def take(self, listing: Listing) -> None:
        """Note the next page."""
        self.page += 1
        self.received += len(listing.items)
        self.widest = max(self.widest, len(listing.items))
        self.goes_on = self._goes_on(listing)
        self._before = listing.items

    def last_page(self, count: int) -> int:
        """Where a list of this length ends."""
        return -(-count // (self.widest or self.size))

    def _goes_on(self, listing: Listing) -> bool:
        if listing.count is None:
            new = bool(listing.items) and listing.items != self._before
            return new and self.page < _MOST_PAGES_WITHOUT_COUNT
        last = self.last_page(listing.count)
        if self.page < last:
            return True
        return self.received < listing.count and (bool(listing.items) or self.page < last + _SLACK)


async def walk_pages(
    fetch: Fetch, size: int, *, start: Place = BEGINNING, ahead: int = 1
) -> AsyncGenerator[Step, None]:
    """The pages from ``start`` on; ``ahead`` of them are asked for while one is in hand."""
    walk = Walk.from_place(start, size)
    # Tasks, not a task group: that may not stay open over a yield.
    asked: deque[asyncio.Task[Listing]] = deque([_begin(fetch, start.page)])
    try:
        while asked:
            listing = await asked.popleft()
            walk.take(listing)
            if walk.goes_on:
                most = 1 if listing.count is None else walk.last_page(listing.count) - walk.page
                while len(asked) < min(ahead, max(1, most)):
                    asked.append(_begin(fetch, walk.page + len(asked) + 1))
                # Until they are sent: what the caller does with this page may take the time of
                # an answer.
                await asyncio.wait(asked, timeout=_HEAD_START_SECONDS)
            else:
                _give_up(asked)
            yield Step(walk.place, listing, walk.goes_on)
    finally:
        _give_up(asked)


def _begin(fetch: Fetch, page: int) -> asyncio.Task[Listing]:
    return asyncio.ensure_future(_fetched(fetch, page))


async def _fetched(fetch: Fetch, page: int) -> Listing:
    return await fetch(page)


def _give_up(asked: deque[asyncio.Task[Listing]]) -> None:
    while asked:
        task = asked.popleft()
        task.add_done_callback(_forget)
        task.cancel()


def _forget(task: asyncio.Task[Listing]) -> None:
    if not task.cancelled():
        task.exception()
