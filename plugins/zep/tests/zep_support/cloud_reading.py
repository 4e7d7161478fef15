"""Reads Zep Cloud as the host does, over its client, from a server in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
import httpx
from pydantic import SecretStr

from synap_import import Finding, MemoryRecord, Page, Partition, Scope, SourceCheck, Unreadable
from synap_import.testing import reading_context
from synap_import_zep.config import ZepConfig
from synap_import_zep.source import ZepSource
from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import KEY


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
class Run:
    """What one run said."""

    check: SourceCheck
    findings: Sequence[Finding] = ()


@asynccontextmanager
async def opened(
    server: Answering, journal: Journal, waits: list[float] | None = None, **options: Any
) -> AsyncIterator[ZepSource]:
    """A fresh source. Pauses pass at once; ``waits`` has their seconds."""
    config = ZepConfig(**{"api_key": SecretStr(KEY), **options})
    async with reading_context(journal, transport=InMemory(server)) as context:
        if waits is not None:
            context.waits = waits
        yield ZepSource.of(config, context)


async def _read(server: Answering, journal: Journal, pages: int | None, options: Any) -> Run | None:
    async with opened(server, journal, **options) as source:
        run = Run(await source.check())
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


def read(server: Answering, journal: Journal | None = None, **options: Any) -> tuple[Journal, Run]:
    """A whole run; with the journal of an earlier one it is a resumed run."""
    journal = Journal() if journal is None else journal
    run = anyio.run(_read, server, journal, None, options)
    assert run is not None
    return journal, run


def read_until_killed(server: Answering, journal: Journal, pages: int, **options: Any) -> bool:
    """A run that ends after so many pages; whether it was finished before that."""
    return anyio.run(_read, server, journal, pages, options) is not None


def check(server: Answering, **options: Any) -> SourceCheck:
    """What is seen before anything is read."""

    async def run() -> SourceCheck:
        async with opened(server, Journal(), **options) as source:
            return await source.check()

    return anyio.run(run)


def everything(server: Answering, **options: Any) -> dict[str, MemoryRecord]:
    """All records by id."""
    return cast("dict[str, MemoryRecord]", read(server, **options)[0].records)
