"""Pages of records from the items of a file; the cursor is the number of items passed."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator

from synap_import import MemoryRecord, Page, SourceError, Unreadable
from synap_import.mapping import Unmappable

from .rows import Row
from .texts import DamagedError

MakeRecord = Callable[[Row], MemoryRecord | None]
"""The record of an item, None when it stands for none. Raises Unmappable."""

_PAGE_SIZE = 300
_PAGE_CHARACTERS = 8 * 1024 * 1024
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 200


def pages_of(
    rows: Iterator[Row], make: MakeRecord, *, name: str, cursor: str | None, total: int
) -> Iterator[Page]:
    """The pages behind a cursor; what cannot become a record is told with its place."""
    passed = number_of(cursor)
    page = _Filling()
    try:
        for number, row in enumerate(filter(_is_item, rows), start=1):
            if number <= passed:
                continue
            if page.is_full:
                yield page.closed(str(number - 1), min(1.0, (number - 1) / max(1, total)))
                page = _Filling()
            page.add(f"{name}{row.place}", row, make)
            passed = number
    except DamagedError as error:
        page.unreadable.append(Unreadable(f"{name}[{passed}]…", f"{error}; reading ends here"))
    yield page.closed(None, 1.0)


def number_of(cursor: str | None) -> int:
    """The number of items passed. Raises SourceError for a cursor that is none of ours."""
    if cursor is None:
        return 0
    if not cursor.isdecimal():
        raise SourceError(f"The cursor {cursor!r} is not one of this source.")
    return int(cursor)


class _Filling:
    """A page that is not full yet."""

    def __init__(self) -> None:
        self.records: list[MemoryRecord] = []
        self.unreadable: list[Unreadable] = []
        self._size = 0

    @property
    def is_full(self) -> bool:
        count = len(self.records) + len(self.unreadable)
        return count >= _PAGE_SIZE or self._size >= _PAGE_CHARACTERS

    def add(self, where: str, row: Row, make: MakeRecord) -> None:
        self._size += row.cut.size
        if row.cut.flaw:
            self.unreadable.append(Unreadable(where, row.cut.flaw, row.cut.excerpt))
            return
        try:
            record = make(row)
        except Unmappable as error:
            self.unreadable.append(Unreadable(where, str(error), _SHORT.repr(row.cut.value)))
        else:
            self.records += [record] if record is not None else []

    def closed(self, cursor: str | None, fraction: float) -> Page:
        return Page(self.records, cursor, self.unreadable, fraction)


def _is_item(row: Row) -> bool:
    return row.is_item
