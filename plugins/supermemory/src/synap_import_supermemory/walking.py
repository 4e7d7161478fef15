"""A walk through one list, the oldest item first, although the list changes meanwhile.

Pages are cut by number. What is added comes behind everything else and does no harm; but when an
item that was read goes away, all behind it move up, and one slips from the next page into the last
one. The total does not tell: something may have been added at the same time. So behind each page
the item before it is asked for, and if that was not read yet, the walk goes back.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from .models import LONG_AGO, Listing, Row
from .server import TooMuchError

Ask = Callable[[int, int, bool], Awaitable[Listing]]
"""A page, by number and size, with the texts of documents or without."""

_FAT, _THIN = 2_000_000, 1_000_000


class Place(BaseModel, frozen=True):
    """How far a walk is: the time of the latest item, all ids of that instant, items so far."""

    time: datetime = LONG_AGO
    ids: frozenset[str] = frozenset()
    read: int = 0

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
        return Place(time=time, ids=known | ids, read=self.read + len(fresh))


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

    async def pages(self, place: Place) -> AsyncGenerator[tuple[Listing, Place | None], None]:
        """Each page with the place behind it, None at the end of a list that was shown whole.

        Items may come again, but none fails to come. When some seem to have, all is read a second
        time, and ids are counted instead: the order may not be what was promised.
        """
        position, doubted = place.read, set[int]()
        seen: set[str] | None = None
        while True:
            listing = await self._page_at(position)
            page = position // listing.size
            first = page * listing.size
            # Where going back brought nothing new, what comes is taken as it is.
            if first and first not in doubted and not await self._was_read(first - 1, place):
                doubted.add(first)
                position = first - 1
                continue
            before, place = place, place.past(listing)
            if place != before:
                doubted.clear()
            if seen is not None:
                seen.update(row.id for row in listing.rows)
            self.shortfall = max(0, listing.total - (place.read if seen is None else len(seen)))
            is_short = len(listing.rows) < listing.size or place == before
            is_last = page + 1 >= listing.pages and is_short
            yield listing, None if is_last and not self.shortfall else place
            if not is_last:
                position = first + listing.size
                self.size.learn(listing, position)
            elif self.shortfall and seen is None:
                place, position, seen = Place(), 0, set()
            else:
                return

    async def _page_at(self, position: int) -> Listing:
        """The page that has the item at a position, made smaller until it can be received."""
        while True:
            size = self.size.now
            try:
                listing = await self.ask(position // size + 1, size, True)
            except TooMuchError:
                if size == 1:  # too large by itself; without its text it is known at least
                    listing = await self.ask(position + 1, 1, False)
                    return listing._replace(content_left_out=True)
                self.size.now = max(1, size // 4)
                continue
            if listing.size == size:
                return listing
            # The server's pages are smaller than that, so this is another one than was meant.
            self.size.now = self.size.most = listing.size

    async def _was_read(self, position: int, place: Place) -> bool:
        rows = (await self.ask(position + 1, 1, False)).rows
        return bool(rows) and place.has(rows[0])
