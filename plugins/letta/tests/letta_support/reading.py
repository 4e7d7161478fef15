"""Reading a stand-in as the host does, in one process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any, cast

import anyio
import httpx

from letta_support.exported import InMemoryExported
from letta_support.stand_in import StandIn
from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    Politeness,
    ScopeCount,
    SourceCheck,
    SourceContext,
)
from synap_import.polite_http import explain_status, polite_client
from synap_import.testing import Reading, read_source
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

URL = "http://letta.test:8283"
CLOUD = "https://api.letta.com"


class Context:
    """The host's: clients that go to the stand-in, and what came out."""

    def __init__(self, clients: AsyncExitStack, stand_in: StandIn) -> None:
        self._clients = clients
        self._transport = httpx.ASGITransport(stand_in.application())
        self.exported = InMemoryExported()

    def http_client(
        self,
        *,
        base_url: str = "",
        headers: dict[str, str] | None = None,
        politeness: Politeness | None = None,
    ) -> httpx.AsyncClient:
        client = polite_client(
            base_url=base_url,
            headers=headers,
            politeness=politeness,
            transport=self._transport,
            sleep=_no_wait,
        )
        self._clients.push_async_callback(client.aclose)
        return client


async def _no_wait(_: float) -> None:
    await anyio.lowlevel.checkpoint()


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
    stand_in: StandIn, act: Callable[[LettaSource], Awaitable[Any]], **options: Any
) -> Any:
    """What ``act`` returns for a source that was checked."""

    async def run() -> Any:
        async with AsyncExitStack() as clients:
            context = cast("SourceContext", Context(clients, stand_in))
            source = LettaSource(config_for(stand_in, **options), context)
            try:
                await source.check()
                return await act(source)
            except httpx.HTTPStatusError as error:
                raise explain_status(error) from None

    return anyio.run(run)


def check(stand_in: StandIn, **options: Any) -> SourceCheck:
    """What is seen before anything is read."""

    async def run() -> SourceCheck:
        async with AsyncExitStack() as clients:
            context = cast("SourceContext", Context(clients, stand_in))
            try:
                return await LettaSource(config_for(stand_in, **options), context).check()
            except httpx.HTTPStatusError as error:
                raise explain_status(error) from None

    return anyio.run(run)


def scopes(stand_in: StandIn, **options: Any) -> dict[tuple[str, str], str]:
    """The notes of the user map, by kind and id."""

    async def act(source: LettaSource) -> Any:
        return await source.scopes()

    told: list[ScopeCount] = with_source(stand_in, act, **options)
    return {(str(one.kind), one.id): one.note for one in told}


async def partitions_of(source: LettaSource) -> list[Partition]:
    return [one async for one in source.partitions()]


async def pages_of(
    source: LettaSource, partition: Partition, cursor: str | None = None
) -> list[Page]:
    """The pages from a cursor on, each taken before the next is asked for."""
    exported = cast("InMemoryExported", source.context.exported)
    taken: list[Page] = []
    async with aclosing(source.pages(partition, cursor)) as pages:
        async for page in pages:
            exported.add(page)
            taken.append(page)
    return taken


async def read_all(source: LettaSource) -> InMemoryExported:
    """Every page of every partition; what came out, with what contradicted itself."""
    for partition in await partitions_of(source):
        await pages_of(source, partition)
    return cast("InMemoryExported", source.context.exported)


def records(stand_in: StandIn, **options: Any) -> dict[str, MemoryRecord]:
    """Everything that came out, by id."""
    return {one.id: one for one in reading(stand_in, **options).records}


def errors(findings: Any) -> list[Finding]:
    return [one for one in findings or () if one.severity == "error"]
