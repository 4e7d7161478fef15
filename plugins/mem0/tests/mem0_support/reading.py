"""Reading a source as the host does: partitions, pages, what came out, findings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
import httpx

from mem0_support.exported import InMemoryExported
from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    Politeness,
    ScopeCount,
    Source,
    SourceCheck,
    SourceContext,
)
from synap_import.polite_http import Counters, explain_status, polite_client


@dataclass
class ReadingContext:
    """The host's context: polite clients that close with it, and a count of what came out.

    Waits between attempts pass at once; ``waited`` has their seconds.
    """

    clients: AsyncExitStack
    exported: InMemoryExported = field(default_factory=InMemoryExported)
    counters: Counters = field(default_factory=Counters)
    waited: list[float] = field(default_factory=list)

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
            counters=self.counters,
            sleep=self._wait,
        )
        self.clients.push_async_callback(client.aclose)
        return client

    async def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def reading_context(
    exported: InMemoryExported | None = None,
) -> AsyncIterator[ReadingContext]:
    """A context for one run; ``exported`` of an earlier run makes it a resumed one.

    An answer that the adapter refuses becomes the error that the host shows.
    """
    async with AsyncExitStack() as clients:
        try:
            yield ReadingContext(clients, InMemoryExported() if exported is None else exported)
        except httpx.HTTPStatusError as error:
            raise explain_status(error) from None


def in_one_run(
    make: Callable[[SourceContext], Source[Any]],
    act: Callable[[Source[Any]], Awaitable[Any]],
    exported: InMemoryExported | None = None,
) -> Any:
    """What ``act`` returns for a fresh source, in an event loop of its own."""

    async def run() -> Any:
        async with reading_context(exported) as context:
            return await act(make(cast("SourceContext", context)))

    return anyio.run(run)


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
