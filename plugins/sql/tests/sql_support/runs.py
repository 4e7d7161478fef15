"""Reading in pieces, as runs that are interrupted and resumed read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import anyio

from synap_import import Finding, Page, Partition
from synap_import.testing import InMemoryExported, reading_context
from synap_import_sql.config import SqlConfig
from synap_import_sql.source import SqlSource


@dataclass
class Runs:
    """Runs of one job: what came out, and the cursors, as the ledger keeps them."""

    config: SqlConfig
    exported: InMemoryExported = field(default_factory=InMemoryExported)
    kept: dict[str, tuple[str, str | None, bool]] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)

    def run(self, stop: Callable[[Page], bool] = lambda _: False) -> list[Finding] | None:
        """One run; None when ``stop`` ended it, behind a page."""
        return anyio.run(self._run, stop)

    @property
    def ids(self) -> list[str]:
        """Of the records that came out, in order, each as often as it came."""
        return [record.id for page in self.pages for record in page.records]

    async def _run(self, stop: Callable[[Page], bool]) -> list[Finding] | None:
        async with reading_context(self.exported) as context:
            source = SqlSource(self.config, context)
            await source.check()
            async for partition in source.partitions():
                if not await self._read(source, partition, stop):
                    return None
            return list(await source.reconcile())

    async def _read(
        self, source: SqlSource, partition: Partition, stop: Callable[[Page], bool]
    ) -> bool:
        version, cursor, done = self.kept.get(partition.id, ("", None, False))
        if version != partition.version:
            cursor, done = None, False
        if done:
            return True
        pages: AsyncGenerator[Page, Any] = source.pages(partition, cursor)
        async with aclosing(pages) as reading:
            async for page in reading:
                self.pages.append(page)
                self.exported.add(page)
                self.kept[partition.id] = (partition.version, page.cursor, page.cursor is None)
                if stop(page):
                    return False
        return True
