"""Stages one partition of a source, wherever that is done."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synap_import.progress import ReadSoFar, foresee
from synap_import.tracing import span

if TYPE_CHECKING:
    from synap_import.hooks.transforming import Transforms
    from synap_import.ledger import Ledger, Marking, Staged
    from synap_import.progress import Progress
    from synap_import.sources import Partition, Source


@dataclass(slots=True)
class Reading:
    """Pages of a source on their way into a ledger, counted and transformed."""

    source: Source[Any]
    ledger: Ledger
    progress: Progress
    mark: Marking
    transforms: Transforms | None = None

    async def stage(self, partition: Partition) -> AsyncGenerator[None, None]:
        """Stage what was not read yet; a turn for others behind each page."""
        kept = self.transforms.partition(partition) if self.transforms else partition
        start = self.ledger.reading.open_partition(kept)
        if start.done:
            return
        begun: ReadSoFar | None = None
        async with aclosing(self.source.pages(partition, start.cursor)) as pages:
            async for page in pages:
                if self.transforms is not None:
                    page = self.transforms.page(page)  # noqa: PLW2901
                with span("page", partition=partition.id, records=len(page.records)):
                    self._count(self.ledger.reading.stage(kept, page, self.mark))
                if page.fraction_read is not None:
                    now = ReadSoFar(page.fraction_read, self.progress.exported)
                    begun = begun or now
                    self.progress.foreseen = foresee(begun, now)
                yield

    def _count(self, staged: Staged) -> None:
        self.progress.exported += staged.new + staged.conflicting + staged.unreadable
        self.progress.held += staged.conflicting
        self.progress.rejected += staged.unreadable
