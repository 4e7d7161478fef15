"""Reads a source as the host does, and gives back all that it said."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .context import reading_context
from .exported import InMemoryExported

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel

    from synap_import.records import MemoryRecord
    from synap_import.sources import (
        Finding,
        Page,
        Partition,
        ScopeCount,
        Source,
        SourceCheck,
        Unreadable,
    )


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read: of so many partitions so many pages each."""

    partitions: int = sys.maxsize
    pages: int = sys.maxsize


@dataclass(slots=True)
class Reading:
    """What a source said. ``waits`` are the pauses, in seconds, that were not made.

    ``findings`` is None if the source was not read to its end, so nothing could be compared.
    """

    check: SourceCheck
    scopes: Sequence[ScopeCount] | None = None
    partitions: list[Partition] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    findings: Sequence[Finding] | None = None
    waits: list[float] = field(default_factory=list)

    @property
    def records(self) -> list[MemoryRecord]:
        """Each record once, as the host keeps it: the first of an id."""
        firsts: dict[tuple[str, str], MemoryRecord] = {}
        for page in self.pages:
            for record in page.records:
                firsts.setdefault((record.system, record.id), record)
        return list(firsts.values())

    @property
    def unreadable(self) -> list[Unreadable]:
        """The items that became no record."""
        return [item for page in self.pages for item in page.unreadable]


async def read_source(
    adapter: type[Source[Any]],
    config: BaseModel,
    bounds: Bounds | None = None,
    *,
    wait: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Reading:
    """Check, scopes, pages and reconciliation, in the order of a run.

    Raises what a run would raise. Retries are made without their pauses, unless ``wait``.
    ``transport`` answers instead of a server.
    """
    bounds = bounds or Bounds()
    exported = InMemoryExported()
    async with reading_context(exported, transport=transport, wait=wait) as context:
        source = adapter.of(config, context)
        reading = Reading(await source.check(), waits=context.waits)
        reading.scopes = await source.scopes()
        if await _read_pages(source, reading, exported, bounds):
            reading.findings = await source.reconcile()
    return reading


async def _read_pages(
    source: Source[Any], reading: Reading, exported: InMemoryExported, bounds: Bounds
) -> bool:
    """Whether all was read."""
    complete = True
    async for partition in source.partitions():
        if len(reading.partitions) == bounds.partitions:
            return False
        reading.partitions.append(partition)
        cursor, count = None, 0
        async with aclosing(source.pages(partition, None)) as pages:
            async for page in pages:
                reading.pages.append(page)
                exported.add(page)
                cursor, count = page.cursor, count + 1
                if count == bounds.pages:
                    break
        complete = complete and cursor is None
    return complete
