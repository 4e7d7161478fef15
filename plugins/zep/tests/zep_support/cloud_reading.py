"""Reads Zep Cloud as the host does, over its client, from a server in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
import httpx
from pydantic import SecretStr

from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    Politeness,
    Scope,
    SourceCheck,
    SourceContext,
    Unreadable,
)
from synap_import.polite_http import Counters, explain_status, polite_client
from synap_import_zep.config import ZepConfig
from synap_import_zep.source import ZepSource
from zep_support.cloud_answers import KEY, Answering

Wait = Callable[[float], Awaitable[None]]


class InMemory(httpx.AsyncBaseTransport):
    """Hands requests to the server, as they would go over the wire."""

    def __init__(self, server: Answering) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        target = request.url.raw_path.decode("ascii")
        said = self._server.answer(request.method, target, content, request.headers)
        return httpx.Response(said.status, headers=said.headers, content=said.body)


@dataclass
class Journal:
    """What the host's ledger keeps over all runs of a job: records once, and cursors."""

    keeps_records: bool = True
    records: dict[str, MemoryRecord | None] = field(default_factory=dict)
    conflicting: list[MemoryRecord] = field(default_factory=list)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    cursors: dict[str, tuple[str, str | None, bool]] = field(default_factory=dict)

    def start_of(self, partition: Partition) -> tuple[str | None, bool]:
        """The cursor to go on from, and whether the partition is done."""
        version, cursor, done = self.cursors.get(partition.id, ("", None, False))
        known = partition.id in self.cursors and version == partition.version
        return (cursor, done) if known else (None, False)

    def stage(self, partition: Partition, page: Page) -> None:
        self.cursors[partition.id] = (partition.version, page.cursor, page.cursor is None)
        self.unreadable |= {one.where: one for one in page.unreadable}
        for record in page.records:
            if record.id not in self.records:
                self.records[record.id] = record if self.keeps_records else None
            elif (known := self.records[record.id]) and _content(known) != _content(record):
                self.conflicting.append(record)

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        return iter(())

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        assert system == "zep"
        return [one for one in ids if one not in self.records]


def _content(record: MemoryRecord) -> MemoryRecord:
    return record.model_copy(update={"raw": None})


@dataclass
class Context:
    """The host's context. Pauses pass at once; ``waits`` has their seconds."""

    server: Answering
    clients: AsyncExitStack
    exported: Journal
    wait: Wait | None = None
    waits: list[float] = field(default_factory=list)

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
            counters=Counters(),
            transport=InMemory(self.server),
            sleep=self.wait or self._pass,
        )
        self.clients.push_async_callback(client.aclose)
        return client

    async def _pass(self, seconds: float) -> None:
        self.waits.append(seconds)
        await anyio.lowlevel.checkpoint()


@dataclass
class Run:
    """What one run said."""

    check: SourceCheck
    findings: Sequence[Finding] = ()
    waits: list[float] = field(default_factory=list)


@asynccontextmanager
async def opened(
    server: Answering, journal: Journal, wait: Wait | None = None, **options: Any
) -> AsyncIterator[tuple[ZepSource, Context]]:
    """A fresh source. An answer that it refuses becomes the error that the host shows."""
    config = ZepConfig(**{"api_key": SecretStr(KEY), **options})
    async with AsyncExitStack() as clients:
        context = Context(server, clients, journal, wait)
        try:
            yield ZepSource.of(config, cast("SourceContext", context)), context
        except httpx.HTTPStatusError as error:
            raise explain_status(error) from None


async def _read(
    server: Answering, journal: Journal, pages: int | None, wait: Wait | None, options: Any
) -> Run | None:
    async with opened(server, journal, wait, **options) as (source, context):
        run = Run(await source.check(), waits=context.waits)
        left = pages
        async with aclosing(cast("Any", source.partitions())) as partitions:
            async for partition in partitions:
                cursor, done = journal.start_of(partition)
                if done:
                    continue
                async with aclosing(source.pages(partition, cursor)) as of_partition:
                    async for page in of_partition:
                        journal.stage(partition, page)
                        left = None if left is None else left - 1
                        if left == 0:
                            return None
        run.findings = await source.reconcile()
        return run


def read(
    server: Answering, journal: Journal | None = None, *, wait: Wait | None = None, **options: Any
) -> tuple[Journal, Run]:
    """A whole run; with the journal of an earlier one it is a resumed run."""
    journal = Journal() if journal is None else journal
    run = anyio.run(_read, server, journal, None, wait, options)
    assert run is not None
    return journal, run


def read_until_killed(server: Answering, journal: Journal, pages: int, **options: Any) -> bool:
    """A run that ends after so many pages; whether it was finished before that."""
    return anyio.run(_read, server, journal, pages, None, options) is not None


def check(server: Answering, **options: Any) -> SourceCheck:
    """What is seen before anything is read."""

    async def run() -> SourceCheck:
        async with opened(server, Journal(), **options) as (source, _):
            return await source.check()

    return anyio.run(run)


def everything(server: Answering, **options: Any) -> dict[str, MemoryRecord]:
    """All records by id."""
    return cast("dict[str, MemoryRecord]", read(server, **options)[0].records)
