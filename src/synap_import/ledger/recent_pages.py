"""Pages that were staged or read a moment ago: planning and loading ask for them again soon."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from .payload import unpack

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord

    from .database import Connection

_PAGES = 20
_CHARACTERS = 4_000_000
"""Of text. A page of large documents alone may have more, and is kept while it is the newest."""


class RecentPages:
    """The records of the newest pages, as many as memory does not feel."""

    def __init__(self) -> None:
        self._pages: OrderedDict[int, list[MemoryRecord]] = OrderedDict()
        self._sizes: dict[int, int] = {}
        self._characters = 0

    def get(self, number: int) -> list[MemoryRecord] | None:
        """The records of a page, if they are still here."""
        return self._pages.get(number)

    def keep(self, number: int, records: list[MemoryRecord]) -> None:
        """Add a page; the oldest ones go."""
        self._pages[number] = records
        self._sizes[number] = sum(len(record.text) for record in records)
        self._characters += self._sizes[number]
        while len(self._pages) > 1 and self._is_too_much():
            oldest, _ = self._pages.popitem(last=False)
            self._characters -= self._sizes.pop(oldest)

    def _is_too_much(self) -> bool:
        return len(self._pages) > _PAGES or self._characters > _CHARACTERS

    def record(self, db: Connection, page: int, place: int) -> MemoryRecord:
        """The record at a place of a page."""
        records = self.get(page)
        if records is None:
            (payload,) = db.execute(
                "SELECT payload FROM pages WHERE number = ?", (page,)
            ).fetchone()
            records = unpack(payload)
            self.keep(page, records)
        return records[place]
