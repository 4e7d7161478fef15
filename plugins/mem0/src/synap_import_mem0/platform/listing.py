"""Reading one list of memories to its end, although it may move meanwhile.

Pages are cut by number from a list that others change, in an order that is nowhere promised: an
item may appear on two pages or slip between them. So the distinct items are counted against
what the list says of its length, and it is read again until none is left out.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from synap_import import Exported, Finding, MemoryRecord, Page, Severity, Unreadable
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import SYSTEM

from .answers import Listing
from .client import MOST_PER_PAGE, PlatformClient
from .enumeration import Reading, Subset, by_subset, filters_of, reached
from .paging import Place, Step, walk_pages
from .survey import probe

MOST_SCANS = 4
# About 15 MB of hashes; of a longer list the host's count of what came out has to do.
MOST_REMEMBERED = 200_000
_EXCERPT = 200

ToRecord = Callable[[Any], MemoryRecord]


class Converted(NamedTuple):
    """Items as records; those that cannot be one are told, under their id."""

    records: list[MemoryRecord]
    unreadable: list[Unreadable]


Convert = Callable[[Sequence[Any]], Awaitable[Converted]]


class Cursor(NamedTuple):
    """Where reading goes on: how often the list was read before, and the place in it."""

    scan: int = 1
    page: int = 1
    widest: int = 0

    @classmethod
    def of(cls, text: str | None) -> Cursor:
        """Read what ``str`` made."""
        return cls(*map(int, text.split(":"))) if text else cls()

    def __str__(self) -> str:
        return ":".join(map(str, self))


@dataclass(slots=True)
class Sightings:
    """The distinct items seen, and how many must be.

    When a list grows, what is new may wait: nothing slips out of sight. When it shrinks, items
    behind the one that went move to pages that were read already, so all are counted anew.
    ``too_many`` were seen to be remembered: then nobody knows here what is new.
    """

    wanted: int | None = None
    too_many: bool = False
    _seen: set[int] = field(default_factory=set)

    def note(self, listing: Listing) -> int:
        """Take a page; how many of its items were not seen before."""
        count = listing.count
        if count is not None and (self.wanted is None or count < self.wanted):
            self.wanted = count
            self._seen.clear()
        if self.too_many:
            return len(listing.items)
        before = len(self._seen)
        # Hashes: the ids themselves would take three times the memory.
        self._seen.update(hash(id_of(item)) for item in listing.items)
        fresh = len(self._seen) - before
        if len(self._seen) > MOST_REMEMBERED:
            self.too_many = True
            self._seen.clear()
        return fresh

    def all_seen(self) -> bool:
        """Whether nothing is left out. A list without a length cannot leave out anything."""
        return self.wanted is None or len(self._seen) >= self.wanted


@dataclass(slots=True)
class ListReader:
    """Reads what one filter lets through. ``findings`` says what stayed in doubt."""

    client: PlatformClient
    exported: Exported
    subset: Subset
    merged: bool
    reading: Reading
    convert: Convert
    findings: list[Finding] = field(default_factory=list)

    async def pages(self, start: Cursor, *, only_missing: bool) -> AsyncGenerator[Page, None]:
        """The pages from a cursor on; ``only_missing`` leaves out what came out already."""
        sightings, first = Sightings(), start.scan
        if start.page == 1 and start.scan > 1 and await self._is_complete(sightings, whole=False):
            yield Page((), None)
            return
        for scan in range(start.scan, MOST_SCANS + 1):
            place = Place(start.page, start.widest) if scan == first else Place()
            fresh = 0
            async with aclosing(self._walk(place)) as steps:
                async for step in steps:
                    fresh += sightings.note(step.listing)
                    again = only_missing or scan > 1
                    yield await self._page(step, scan, only_missing=again)
            if await self._is_complete(sightings, whole=scan > first or start.page == 1):
                break
            if scan > first and not fresh:
                self._doubt(sightings)
                break
        else:
            self._doubt(sightings)
        yield Page((), None)

    def _walk(self, start: Place) -> AsyncGenerator[Step, None]:
        fetch = partial(self._fetch, filters_of(self.subset))
        return walk_pages(fetch, MOST_PER_PAGE, start=start)

    async def _fetch(self, filters: Mapping[str, Any], page: int) -> Listing:
        return await self.client.memories(
            filters, page=page, size=MOST_PER_PAGE, merged=self.merged
        )

    async def _page(self, step: Step, scan: int, *, only_missing: bool) -> Page:
        items: Sequence[Any] = step.listing.items
        if only_missing:
            items = missing_items(self.exported, items)
        cursor = Cursor(scan, *step.place) if step.goes_on else Cursor(scan + 1)
        records, unreadable = await self.convert(items)
        count = step.listing.count
        read = (step.place.page - 1) * step.place.widest
        return Page(records, str(cursor), unreadable, min(1.0, read / count) if count else None)

    async def _is_complete(self, sightings: Sightings, *, whole: bool) -> bool:
        now = await probe(self.client, self.subset, merged=self.merged)
        sightings.note(Listing([], now.count))
        if now.count is None or (whole and not sightings.too_many):
            return sightings.all_seen()
        # A resumed run has not seen the pages before, and a long list not remembered: what came out
        # is all that can be compared.
        exactly = by_subset(self.exported.scopes())
        return reached(self.subset, exactly, self.reading) >= now.count

    def _doubt(self, sightings: Sightings) -> None:
        self.findings.append(
            Finding(
                Severity.WARNING,
                "mem0-list-moves",
                f"The list of memories with {' and '.join(self.subset)} says that it holds "
                f"{sightings.wanted}, but fewer were found in it, however often it was read.",
                remedy="Run the same command again when nothing writes to Mem0.",
            )
        )


def id_of(item: Any) -> Any:
    """The id of an item, or what tells an item without one from others."""
    known = item.get("id") if isinstance(item, Mapping) else None
    return known if isinstance(known, str) and known else repr(item)


def missing_items(exported: Exported, items: Sequence[Any]) -> list[Any]:
    """Those of the items that did not come out yet."""
    missing = set(exported.missing(SYSTEM, [str(id_of(item)) for item in items]))
    return [item for item in items if str(id_of(item)) in missing]


def converted(items: Sequence[Any], record_of: ToRecord) -> Converted:
    """Each item as a record, or as unreadable."""
    done = Converted([], [])
    for item in items:
        try:
            done.records.append(record_of(item))
        except Unmappable as error:
            shown = repr(item)[:_EXCERPT]
            where = f"memory {id_of(item)}"[:_EXCERPT]
            done.unreadable.append(Unreadable(where, str(error), shown))
    return done
