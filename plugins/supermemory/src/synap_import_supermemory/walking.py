"""A walk through one list, the oldest item first, although the list changes meanwhile.

Pages are cut by number. What is added comes behind everything else and does no harm; but when an
item that was read goes away, all behind it move up, and one slips from the next page into the last
one. The total does not tell: something may have been added at the same time. So behind each page
the item before it is asked for, and if that was not read yet, the walk goes back.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .models import LONG_AGO, Listing, Row
from .server import TooLargeError

Ask = Callable[[int, int, bool], Awaitable[Listing]]
"""A page, by number and size, with the texts of documents or without."""

_FAT, _THIN = 2_000_000, 1_000_000


class Place(NamedTuple):
    """How far a walk is: the time of the latest item, all ids of that instant, items so far."""

    time: datetime = LONG_AGO
    ids: frozenset[str] = frozenset()
    read: int = 0

    @classmethod
    def of(cls, cursor: str | None) -> Place:
        """Read what ``str`` made."""
        if cursor is None:
            return cls()
        told = json.loads(cursor)
        return cls(datetime.fromisoformat(told["time"]), frozenset(told["ids"]), told["read"])

    def __str__(self) -> str:
        time, ids = self.time.isoformat(), sorted(self.ids)
        return json.dumps({"time": time, "ids": ids, "read": self.read})

    def has(self, row: Row) -> bool:
        """Whether the walk has been there."""
        return row.created < self.time or (row.created == self.time and row.id in self.ids)

    def past(self, listing: Listing) -> Place:
        """Behind a page."""
        fresh = {row.id: row.created for row in listing.rows if not self.has(row)}
        if not fresh:
            return self
        time = max(fresh.values())
        ids = {own_id for own_id, created in fresh.items() if created == time}
        known = self.ids if time == self.time else frozenset()
        return Place(time, known | ids, self.read + len(fresh))


@dataclass(slots=True)
class PageSize:
    """How many items are asked for at once: as many as make a page that memory does not feel."""

    now: int
    most: int = 100

    def learn(self, listing: Listing, position: int) -> None:
        """From what came, before the page at this position. It grows where no item comes twice."""
        if listing.bytes > _FAT:
            self.now = max(1, self.now * _FAT // listing.bytes)
        elif listing.bytes < _THIN and position % (2 * self.now) == 0:
            self.now = min(self.most, 2 * self.now)


@dataclass(slots=True)
class Walk:
    """Reads one list to its end. ``shortfall``: how many items it counts but did not show."""

    ask: Ask
    size: PageSize
    shortfall: int = 0
    _doubted: set[int] = field(default_factory=set)

    async def pages(self, start: Place) -> AsyncGenerator[tuple[Listing, Place], None]:
        """Each page with the place behind it. Items may come again, but none fails to come.

        When some seem to have, all is read a second time, and ids are counted instead: the order
        may not be what was promised.
        """
        seen: set[str] = set()
        for is_second, begin in enumerate((start, Place())):
            async with aclosing(self._once(begin)) as pages:
                async for listing, place in pages:
                    if is_second:
                        seen.update(row.id for row in listing.rows)
                    yield listing, place
                    shown = len(seen) if is_second else place.read
                    self.shortfall = max(0, listing.total - shown)
            if not self.shortfall:
                return

    async def _once(self, place: Place) -> AsyncGenerator[tuple[Listing, Place], None]:
        position = place.read
        self._doubted.clear()
        while True:
            listing = await self._page_at(position)
            page = position // listing.size
            first = page * listing.size
            if not await self._follows(first, place):
                position = first - 1
                continue
            before, place = place, place.past(listing)
            if place != before:
                self._doubted.clear()
            yield listing, place
            may_go_on = len(listing.rows) >= listing.size and place != before
            if page + 1 >= listing.pages and not may_go_on:
                return
            position = first + listing.size
            self.size.learn(listing, position)

    async def _page_at(self, position: int) -> Listing:
        """The page that has the item at a position, made smaller until it can be received."""
        while True:
            size = self.size.now
            page = position // size + 1
            try:
                listing = await self.ask(page, size, True)
            except TooLargeError:
                if size > 1:
                    self.size.now = max(1, size // 4)
                    continue
                # One item is too large by itself; without its text it is known at least.
                return (await self.ask(page, 1, False))._replace(content_left_out=True)
            if listing.size == size:
                return listing
            # The server's pages are smaller than that, so this is another one than was meant.
            self.size.now = self.size.most = listing.size

    async def _follows(self, first: int, place: Place) -> bool:
        """Whether the item before position ``first`` was read.

        When going back from here brought nothing new, what comes is taken as it is.
        """
        if first == 0 or first in self._doubted:
            return True
        rows = (await self.ask(first, 1, False)).rows
        if rows and place.has(rows[0]):
            return True
        self._doubted.add(first)
        return False
