"""Pages of records, from a position of an input on."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from hashlib import blake2b
from typing import TYPE_CHECKING

from synap_import import MemoryRecord, Page, SourceUnavailableError, Unreadable

from .compression import DamagedError
from .items import Item, Position, excerpt
from .readers.parts import Flaw

if TYPE_CHECKING:
    from .formats import Layout
    from .inputs import Input, Stream
    from .reading import Make

PAGE_BYTES = 8 * 1024 * 1024
"""A page ends when this much was read for it: a few records can be as large as many."""


class PageReader:
    """Reads one input; every item becomes records or is told to be unreadable."""

    def __init__(
        self,
        source: Input,
        layout: Layout,
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
        self._items: list[Item] = []
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
                    self._items.append(item)
                    end = item.end
            except DamagedError as error:
                self._make_all()
                self._refuse(self._layout.place_behind(end), f"{error}; reading ends here")
            except OSError as error:
                raise self._gone(error) from error
            yield self._page(stream, None)

    def _is_full(self, read: int) -> bool:
        return len(self._items) >= self._size or read >= PAGE_BYTES

    def _make_all(self) -> None:
        for item in self._items:
            self._add(item)
        self._items = []

    def _add(self, item: Item) -> None:
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
            cut = "; the file seems to be cut off here" if item.cut else ""
            self._refuse(self._layout.place(item.number), f"{error}{cut}", excerpt(item.content))

    def _refuse(self, place: str, reason: str, raw: str = "") -> None:
        self._unreadable.append(Unreadable(f"{self._source.name}{place}", reason, raw))

    def _page(self, stream: Stream, cursor: str | None) -> Page:
        fraction = stream.fraction() if cursor else 1.0
        digest = self._digest()
        if digest is not None and self._knows(digest):
            self._items = []
            return Page((), cursor, fraction_read=fraction, digest=digest)
        self._make_all()
        page = Page(self._records, cursor, self._unreadable, fraction, digest)
        self._records, self._unreadable = [], []
        return page

    def _digest(self) -> str | None:
        """What tells these items from all others, if they are texts without a flaw."""
        if not self._items or self._unreadable:
            return None
        digest = blake2b(self._identity, digest_size=16)
        for item in self._items:
            if item.flaw or not isinstance(item.content, bytes):
                return None
            digest.update(b"%d " % len(item.content))
            digest.update(item.content)
        return digest.hexdigest()

    def _gone(self, error: OSError) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"{self._source.name} cannot be read on: {error.strerror or error}."
        )
