"""Reading a source as the host does: partitions, pages, what came out, findings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, cast

from synap_import import Finding, MemoryRecord, Page, Partition, ScopeCount, Source, SourceCheck
from synap_import.testing import InMemoryExported


async def pages_of(
    source: Source[Any], partition: Partition, cursor: str | None = None
) -> list[Page]:
    """The pages from a cursor on, each taken into ``exported`` before the next is asked for."""
    taken: list[Page] = []
    async with aclosing(source.pages(partition, cursor)) as pages:
        async for page in pages:
            _exported(source).add(page)
            taken.append(page)
    return taken


async def read_all(source: Source[Any]) -> list[MemoryRecord]:
    """Every record of every partition, each once."""
    async for partition in source.partitions():
        await pages_of(source, partition)
    return list(_exported(source).records.values())


async def check(source: Source[Any]) -> SourceCheck:
    return await source.check()


async def scopes(source: Source[Any]) -> Sequence[ScopeCount] | None:
    """After check, as the host asks."""
    await source.check()
    return await source.scopes()


async def reconcile(source: Source[Any]) -> Sequence[Finding]:
    """What is found after everything was read."""
    await read_all(source)
    return await source.reconcile()


def _exported(source: Source[Any]) -> InMemoryExported:
    return cast("InMemoryExported", source.context.exported)
