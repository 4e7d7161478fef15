"""What came out of a source, counted as the host counts it, without a ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord, Scope
    from synap_import.sources import Page


@dataclass
class InMemoryExported:
    """Each record once, by system and id; the first that came stays.

    ``conflicting`` are records that came again under a known id with other content: the
    host would hold them.
    """

    records: dict[tuple[str, str], MemoryRecord] = field(default_factory=dict)
    conflicting: list[MemoryRecord] = field(default_factory=list)
    _scopes: Counter[Scope] = field(default_factory=Counter)

    def add(self, page: Page) -> None:
        """Take a page."""
        for record in page.records:
            key = (record.system, record.id)
            known = self.records.get(key)
            if known is None:
                self.records[key] = record
                self._scopes[record.scope] += 1
            elif _content(known) != _content(record):
                self.conflicting.append(record)

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        """Each scope with the number of its records."""
        yield from list(self._scopes.items())

    def knows(self, digest: str) -> bool:
        """No page: nothing is read again."""
        return False

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        """Those of the ids that did not come out."""
        return [one for one in ids if (system, one) not in self.records]


def _content(record: MemoryRecord) -> MemoryRecord:
    """What the host compares: everything but the source's own object."""
    return record.model_copy(update={"raw": None})
