"""Pages of records, from a position of an input on."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING

from synap_import import MemoryRecord, Page, SourceUnavailableError, Unreadable

from .compression import DamagedError
from .items import Item, Position, excerpt

if TYPE_CHECKING:
    from .formats import Layout
    from .inputs import Input, Stream
    from .making import RecordMaker

PAGE_BYTES = 8 * 1024 * 1024
"""A page ends when this much was read for it: a few records can be as large as many."""


class PageReader:
    """Reads one input; every item becomes a record or is told to be unreadable."""

    def __init__(self, source: Input, layout: Layout, maker: RecordMaker, size: int) -> None:
        self._source = source
        self._layout = layout
        self._maker = maker
        self._size = size
        self._records: list[MemoryRecord] = []
        self._unreadable: list[Unreadable] = []

    def pages(self, start: Position) -> Generator[Page, None, None]:
        """The pages; the last one has no cursor. Raises SourceUnavailableError."""
        begin = end = start
        with closing(self._source.open(start.offset)) as stream:
            try:
                for item in self._layout.items(stream.chunks, start):
                    if self._is_full(end.offset - begin.offset):
                        yield self._page(stream, end.cursor())
                        begin = end
                    self._add(item)
                    end = item.end
            except DamagedError as error:
                self._refuse(self._layout.place_behind(end), f"{error}; reading ends here")
            except OSError as error:
                raise self._gone(error) from error
            yield self._page(stream, None)

    def _is_full(self, read: int) -> bool:
        return len(self._records) + len(self._unreadable) >= self._size or read >= PAGE_BYTES

    def _add(self, item: Item) -> None:
        place = self._layout.place(item.number)
        if item.flaw:
            self._refuse(place, item.flaw, excerpt(item.content))
            return
        try:
            self._records.append(self._maker(item.content))
        except ValueError as error:
            cut = "; the file seems to be cut off here" if item.cut else ""
            self._refuse(place, f"{error}{cut}", excerpt(item.content))

    def _refuse(self, place: str, reason: str, raw: str = "") -> None:
        self._unreadable.append(Unreadable(f"{self._source.name}{place}", reason, raw))

    def _page(self, stream: Stream, cursor: str | None) -> Page:
        fraction = stream.fraction() if cursor else 1.0
        page = Page(self._records, cursor, self._unreadable, fraction)
        self._records, self._unreadable = [], []
        return page

    def _gone(self, error: OSError) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"{self._source.name} cannot be read on: {error.strerror or error}."
        )
