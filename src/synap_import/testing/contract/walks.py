"""Reads a source for the checks: with guards, since it may do anything wrong.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from synap_import.testing.context import reading_context
from synap_import.testing.exported import InMemoryExported

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel

    from synap_import.records import MemoryRecord
    from synap_import.sources import (
        Finding,
        HoldReason,
        Page,
        Partition,
        ScopeCount,
        Source,
        SourceCheck,
        Unreadable,
    )

__tracebackhide__ = True

MOST_REPEATS = 10
"""Pages of one moment may share a cursor; so many do not."""

MOST_PAGES = 2_000
"""A cassette has fewer; an adapter that goes round in circles has more."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: an adapter, and the configuration to read with."""

    adapter: type[Source[Any]]
    config: BaseModel


@dataclass(slots=True, repr=False)
class Walk:
    """One reading of a source, from its check to its end. ``requests`` went over our client."""

    check: SourceCheck
    scopes: Sequence[ScopeCount] | None = None
    parts: list[tuple[Partition, list[Page]]] = field(default_factory=list)
    exported: InMemoryExported = field(default_factory=InMemoryExported)
    findings: Sequence[Finding] = ()
    holds: Mapping[str, HoldReason] = field(default_factory=dict)
    requests: int = 0

    def __repr__(self) -> str:
        """Short: pytest shows it beside every failure."""
        return f"<Walk of {self.check.title!r}: {len(self.records)} records>"

    @property
    def pages(self) -> list[Page]:
        """All pages, in order."""
        return [page for _, pages in self.parts for page in pages]

    @property
    def records(self) -> list[MemoryRecord]:
        """All records, in order, those that came twice too."""
        return [record for page in self.pages for record in page.records]

    @property
    def unreadable(self) -> list[Unreadable]:
        """All items that became no record."""
        return [item for page in self.pages for item in page.unreadable]


async def walk(subject: Subject, transport: httpx.AsyncBaseTransport | None = None) -> Walk:
    """Read everything, as the host does. Raises AssertionError on an endless partition."""
    exported = InMemoryExported()
    async with reading_context(exported, transport=transport) as context:
        source = subject.adapter.of(subject.config, context)
        whole = Walk(await source.check(), exported=exported)
        whole.scopes = await source.scopes()
        async for partition in source.partitions():
            pages: list[Page] = []
            whole.parts.append((partition, pages))
            await _read(source, partition, None, pages, exported)
        whole.findings = await source.reconcile()
        whole.holds = source.holds
        whole.requests = context.counters.requests
    return whole


async def rest_behind(
    subject: Subject, partition_id: str, cursor: str, before: Iterable[Page]
) -> list[Page]:
    """What a new run reads of a partition, that goes on from a cursor.

    As in a new run of the host, what came out before is known.
    """
    pages: list[Page] = []
    exported = InMemoryExported()
    for page in before:
        exported.add(page)
    async with reading_context(exported) as context:
        source = subject.adapter.of(subject.config, context)
        await source.check()
        async for partition in source.partitions():
            if partition.id == partition_id:
                await _read(source, partition, cursor, pages, exported)
                break
    return pages


async def _read(
    source: Source[Any],
    partition: Partition,
    cursor: str | None,
    pages: list[Page],
    exported: InMemoryExported,
) -> None:
    seen: Counter[str] = Counter()
    async with aclosing(source.pages(partition, cursor)) as reading:
        async for page in reading:
            pages.append(page)
            exported.add(page)
            if page.cursor is None:
                continue
            seen[page.cursor] += 1
            assert seen[page.cursor] < MOST_REPEATS, (
                f"Partition {partition.id!r} comes to the cursor {page.cursor!r} again and again: "
                "a server that repeats a page keeps the adapter busy for ever. Remember the "
                "cursors of the partition, and raise SourceError when one comes back."
            )
            assert len(pages) < MOST_PAGES, (
                f"Partition {partition.id!r} has no end: {MOST_PAGES} pages, and still a cursor."
            )
