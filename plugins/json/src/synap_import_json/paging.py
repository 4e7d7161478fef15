"""Pages of records, from a position of an input on."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TYPE_CHECKING

from synap_import import MemoryRecord, Page, Run, SourceUnavailableError, Unreadable

from .compression import DamagedError
from .items import Item, Position, excerpt
from .readers.parts import Flaw
from .runs import ItemRun, cut

if TYPE_CHECKING:
    from .inputs import Stream
    from .pieces import Order, Readable
    from .reading import Make

PAGE_BYTES = 8 * 1024 * 1024
"""A page ends when this much was read for it: a few records can be as large as many."""

_KNOWN_PAGES = 10
"""So many times as long can a page be of which nothing is made."""


class PageReader:
    """Reads one input; every item becomes records or is told to be unreadable."""

    def __init__(
        self,
        source: Readable,
        layout: Order,
        make: Make,
        size: int,
        *,
        identity: bytes = b"",
        knows: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._source = source
        self._layout = layout
        self._make = make
        self._identity = identity
        self._size = size
        self._knows = knows
        self._runs: list[Run] = []
        self._items = 0
        self._records: list[MemoryRecord] = []
        self._unreadable: list[Unreadable] = []

    def pages(self, start: Position) -> Generator[Page, None, None]:
        """The pages; the last one has no cursor. Raises SourceUnavailableError.

        A page has either runs that the host knows, which are not made, or others.
        """
        begin = end = start
        holds_known = False
        with closing(self._source.open(start.offset)) as stream:
            items = self._layout.items(stream.chunks, start)
            try:
                for run in cut(items, self._size, self._identity):
                    known = self._is_known(run)
                    is_full = self._is_full(end.offset - begin.offset, holds_known)
                    if self._runs and (is_full or known != holds_known):
                        yield self._page(stream, end.cursor())
                        begin = end
                        # The page can have brought other contents of the records in this run.
                        known = known and self._is_known(run)
                    self._add(run, known)
                    holds_known = known
                    end = run.items[-1].end
            except DamagedError as error:
                self._refuse(self._layout.place_behind(end), f"{error}; reading ends here")
            except OSError as error:
                raise self._gone(error) from error
            yield self._page(stream, None)

    def _is_known(self, run: ItemRun) -> bool:
        return run.digest is not None and self._knows(run.digest)

    def _is_full(self, read: int, holds_known: bool) -> bool:
        most = self._size * _KNOWN_PAGES if holds_known else self._size
        return self._items >= most or read >= PAGE_BYTES

    def _add(self, run: ItemRun, known: bool) -> None:
        if known:
            self._runs.append(Run(run.digest, None))
        else:
            records, unreadable = len(self._records), len(self._unreadable)
            for item in run.items:
                self._make_of(item)
            is_sound = len(self._unreadable) == unreadable
            made = len(self._records) - records
            self._runs.append(Run(run.digest if is_sound else None, made))
        self._items += len(run.items)

    def _make_of(self, item: Item) -> None:
        if item.flaw:
            self._refuse(self._layout.place(item.number), item.flaw, excerpt(item.content))
            return
        try:
            for made in self._make(item.content):
                if isinstance(made, Flaw):
                    place = self._layout.place(item.number)
                    self._refuse(f"{place}{made.where}", made.reason, made.raw)
                else:
                    self._records.append(made)
        except ValueError as error:
            hint = "; the file seems to be cut off here" if item.cut else ""
            self._refuse(self._layout.place(item.number), f"{error}{hint}", excerpt(item.content))

    def _refuse(self, place: str, reason: str, raw: str = "") -> None:
        self._unreadable.append(Unreadable(f"{self._source.name}{place}", reason, raw))

    def _page(self, stream: Stream, cursor: str | None) -> Page:
        fraction = stream.fraction() if cursor else 1.0
        page = Page(self._records, cursor, self._unreadable, fraction, self._runs)
        self._records, self._unreadable, self._runs, self._items = [], [], [], 0
        return page

    def _gone(self, error: OSError) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"{self._source.name} cannot be read on: {error.strerror or error}."
        )
