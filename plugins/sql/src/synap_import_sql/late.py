"""The last pass: rows that were committed behind the place where reading was already.

A sequence gives its numbers when rows are inserted, not when they are committed: a row can appear
before the cursor. So at the end of every run all keys are looked through again, and what did not
come out is read. That also is how the next run finds what is new.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synap_import import MemoryRecord, Page, Unreadable

from .keys import Place, cursor_of
from .values import plain

if TYPE_CHECKING:
    from synap_import import Exported

    from .rows import RowReader, Stretch


@dataclass(frozen=True, slots=True)
class Glance:
    """Reads of each row only what tells its record's id."""

    reader: RowReader
    id_of: Callable[[Sequence[Any]], str | None]


@dataclass(slots=True)
class Seen:
    """What the pass came by, up to now."""

    rows: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class LastPass:
    """Compares the rows with what came out; without a ``glance``, all of each row is read."""

    system: str
    reader: RowReader
    glance: Glance | None
    make: Callable[[Stretch], Iterator[tuple[list[MemoryRecord], list[Unreadable], Place]]]
    exported: Exported
    seen: Seen

    async def pages(self) -> AsyncGenerator[Page, None]:
        """What is new, and every row that cannot become a record: those are told only here."""
        looks = self.glance.reader if self.glance else self.reader
        place: Place | None = None
        ended = False
        while not ended:
            stretch = await looks.behind(place)
            ended = stretch.is_last
            self.seen.rows += len(stretch.rows)
            async for full in self._to_compare(stretch, place):
                for page in self._new_of(full):
                    yield page
            if stretch.rows:
                place = looks.place(stretch.rows[-1])
        yield Page((), None)

    async def _to_compare(self, stretch: Stretch, begin: Place | None) -> AsyncIterator[Stretch]:
        """The rows in full, when something of them did not come out."""
        if not stretch.rows or self.glance is None:
            yield stretch
            return
        ids = [one for row in stretch.rows if (one := self.glance.id_of(row)) is not None]
        if len(ids) == len(stretch.rows) and not self.exported.missing(self.system, ids):
            return
        end = self.reader.place(stretch.rows[-1])
        ended = False
        while not ended:
            rows = await self.reader.behind(begin, end)
            yield rows
            ended = rows.is_last
            begin = self.reader.place(rows.rows[-1]) if rows.rows else begin

    def _new_of(self, stretch: Stretch) -> Iterator[Page]:
        for records, unreadable, last in self.make(stretch):
            self.seen.unreadable += len(unreadable)
            missing = set(self.exported.missing(self.system, [record.id for record in records]))
            new = [record for record in records if record.id in missing]
            if new or unreadable:
                yield Page(new, cursor_of(last), unreadable)


def id_in(position: int) -> Callable[[Sequence[Any]], str | None]:
    """Tells the id of rows that have it, as a text or a whole number, in one of their columns."""

    def id_of(row: Sequence[Any]) -> str | None:
        value = plain(row[position])
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value)

    return id_of
