"""Reads a source as the host does, and gives back all that it said."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
import httpx

from synap_import.polite_http import Politeness, explain_status, polite_client

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.records import MemoryRecord, Scope
    from synap_import.sources import (
        Exported,
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
    async with AsyncExitStack() as clients:
        exported = _Exported()
        context = _Context(clients, exported, transport, wait=wait)
        source = adapter(config, context)
        try:
            reading = Reading(await source.check(), waits=context.waits)
            reading.scopes = await source.scopes()
            if await _read_pages(source, reading, exported, bounds):
                reading.findings = await source.reconcile()
        except httpx.HTTPStatusError as error:
            raise explain_status(error) from None
    return reading


async def _read_pages(
    source: Source[Any], reading: Reading, exported: _Exported, bounds: Bounds
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


class _Exported:
    """What came out so far, in memory; the host asks its ledger."""

    def __init__(self) -> None:
        self._scopes: dict[tuple[str, str], Scope] = {}

    def add(self, page: Page) -> None:
        for record in page.records:
            self._scopes.setdefault((record.system, record.id), record.scope)

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        """Each scope with the number of its records."""
        counts: dict[Scope, int] = {}
        for scope in self._scopes.values():
            counts[scope] = counts.get(scope, 0) + 1
        yield from counts.items()

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        """Those of the ids that did not come out."""
        return [one for one in ids if (system, one) not in self._scopes]


class _Context:
    """The SourceContext of a test."""

    def __init__(
        self,
        clients: AsyncExitStack,
        exported: Exported,
        transport: httpx.AsyncBaseTransport | None,
        *,
        wait: bool,
    ) -> None:
        self._clients = clients
        self._wait = wait
        self._transport = transport
        self.exported: Exported = exported
        self.waits: list[float] = []

    def http_client(
        self,
        *,
        base_url: str = "",
        headers: dict[str, str] | None = None,
        politeness: Politeness | None = None,
    ) -> httpx.AsyncClient:
        """The host's own client."""
        client = polite_client(
            base_url=base_url,
            headers=headers or {},
            politeness=politeness or Politeness(),
            transport=self._transport,
            sleep=anyio.sleep if self._wait else self._skip,
        )
        self._clients.push_async_callback(client.aclose)
        return client

    async def _skip(self, seconds: float) -> None:
        self.waits.append(seconds)
        await anyio.lowlevel.checkpoint()
