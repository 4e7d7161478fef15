"""Reading a stand-in as the host does, in one process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

import anyio
import httpx

from letta_support.stand_in import StandIn
from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    ScopeCount,
    Source,
    SourceCheck,
)
from synap_import.testing import InMemoryExported, Reading, read_source, reading_context
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

URL = "http://letta.test:8283"
CLOUD = "https://api.letta.com"


def config_for(stand_in: StandIn, **options: Any) -> LettaConfig:
    return LettaConfig(base_url=CLOUD if stand_in.cloud else URL, **options)


def reading(stand_in: StandIn, **options: Any) -> Reading:
    """Everything that a run hears: check, scopes, pages, findings."""

    async def read() -> Reading:
        transport = httpx.ASGITransport(stand_in.application())
        config = config_for(stand_in, **options)
        return await read_source(LettaSource, config, transport=transport)

    return anyio.run(read)


def with_source(
    stand_in: StandIn, act: Callable[[Source[LettaConfig]], Awaitable[Any]], **options: Any
) -> Any:
    """What ``act`` returns for a source that was checked."""

    async def checked(source: Source[LettaConfig]) -> Any:
        await source.check()
        return await act(source)

    return _in_one_run(stand_in, checked, **options)


def check(stand_in: StandIn, **options: Any) -> SourceCheck:
    """What is seen before anything is read."""

    async def act(source: Source[LettaConfig]) -> SourceCheck:
        return await source.check()

    return _in_one_run(stand_in, act, **options)


def _in_one_run(
    stand_in: StandIn, act: Callable[[Source[LettaConfig]], Awaitable[Any]], **options: Any
) -> Any:
    async def run() -> Any:
        transport = httpx.ASGITransport(stand_in.application())
        async with reading_context(transport=transport) as context:
            return await act(LettaSource.of(config_for(stand_in, **options), context))

    return anyio.run(run)


def scopes(stand_in: StandIn, **options: Any) -> dict[tuple[str, str], str]:
    """The notes of the user map, by kind and id."""

    async def act(source: Source[LettaConfig]) -> Any:
        return await source.scopes()

    told: list[ScopeCount] = with_source(stand_in, act, **options)
    return {(str(one.kind), one.id): one.note for one in told}


async def partitions_of(source: Source[LettaConfig]) -> list[Partition]:
    return [one async for one in source.partitions()]


async def pages_of(
    source: Source[LettaConfig], partition: Partition, cursor: str | None = None
) -> list[Page]:
    """The pages from a cursor on, each taken before the next is asked for."""
    exported = cast("InMemoryExported", source.context.exported)
    taken: list[Page] = []
    async with aclosing(source.pages(partition, cursor)) as pages:
        async for page in pages:
            exported.add(page)
            taken.append(page)
    return taken


async def read_all(source: Source[LettaConfig]) -> InMemoryExported:
    """Every page of every partition; what came out, with what contradicted itself."""
    for partition in await partitions_of(source):
        await pages_of(source, partition)
    return cast("InMemoryExported", source.context.exported)


def records(stand_in: StandIn, **options: Any) -> dict[str, MemoryRecord]:
    """Everything that came out, by id."""
    return {one.id: one for one in reading(stand_in, **options).records}


def errors(findings: Any) -> list[Finding]:
    return [one for one in findings or () if one.severity == "error"]
