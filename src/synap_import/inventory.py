"""Who is in a source: every owner with how many records are theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .records import ScopeKind
    from .sources import Page, Source


@dataclass(slots=True)
class Inventory:
    """Owners and counts. ``unowned`` records carry no id of anybody."""

    owners: Counter[tuple[ScopeKind, str]] = field(default_factory=Counter)
    records: int = 0
    unowned: int = 0
    unreadable: int = 0

    def add(self, page: Page) -> None:
        """Count a page."""
        self.unreadable += len(page.unreadable)
        for record in page.records:
            self.records += 1
            owner = record.scope.owner()
            if owner is None:
                self.unowned += 1
            else:
                self.owners[owner] += 1


async def all_pages(source: Source[Any]) -> AsyncGenerator[Page, None]:
    """Every page of every partition, from the beginning."""
    async for partition in source.partitions():
        async for page in source.pages(partition, None):
            yield page


async def take_inventory(source: Source[Any]) -> Inventory:
    """Read the whole source and count. Memory grows with the number of owners only."""
    inventory = Inventory()
    async for page in all_pages(source):
        inventory.add(page)
    return inventory
