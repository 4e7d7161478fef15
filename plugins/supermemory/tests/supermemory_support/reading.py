"""Reading a source as the host does, against a stand-in, also in several runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import anyio
from pydantic import SecretStr

from supermemory_support.stand_in import KEY, StandIn
from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    Scope,
    ScopeCount,
    SourceCheck,
    Unreadable,
)
from synap_import.testing import ReadingContext, reading_context
from synap_import_supermemory.config import SuperMemoryConfig
from synap_import_supermemory.source import SuperMemorySource

Result = TypeVar("Result")
LOCAL = "http://127.0.0.1:6767"


@dataclass
class Ledger:
    """What came out over all runs, and where the next run goes on.

    A record that comes under a known id with other content is in ``conflicting``, as the host
    would hold it.
    """

    records: dict[str, MemoryRecord] = field(default_factory=dict)
    conflicting: list[MemoryRecord] = field(default_factory=list)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    cursors: dict[str, tuple[str, str | None, bool]] = field(default_factory=dict)
    pages: int = 0

    def open(self, partition: Partition) -> tuple[str | None, bool]:
        version, cursor, done = self.cursors.get(partition.id, ("", None, False))
        return (cursor, done) if version == partition.version else (None, False)

    def stage(self, partition: Partition, page: Page) -> None:
        for record in page.records:
            known = self.records.setdefault(record.id, record)
            if known.model_copy(update={"raw": None}) != record.model_copy(update={"raw": None}):
                self.conflicting.append(record)
        self.unreadable |= {one.where: one for one in page.unreadable}
        self.cursors[partition.id] = (partition.version, page.cursor, page.cursor is None)
        self.pages += 1

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        yield from Counter(record.scope for record in self.records.values()).items()

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        return [one for one in ids if one not in self.records]


@dataclass
class Outcome:
    """What one run said."""

    check: SourceCheck
    findings: Sequence[Finding] | None
    ledger: Ledger
    waits: list[float]

    @property
    def records(self) -> dict[str, MemoryRecord]:
        return self.ledger.records

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.findings or ()]


class KilledError(Exception):
    """The run ends here."""


def with_source(
    server: StandIn,
    act: Callable[[SuperMemorySource], Awaitable[Result]],
    ledger: Ledger | None = None,
    **options: Any,
) -> Result:
    """What ``act`` returns for a fresh source."""

    async def run() -> Result:
        kept = ledger or Ledger()
        async with reading_context(kept, transport=server.transport) as context:
            return await act(SuperMemorySource(config(**options), context))

    return anyio.run(run)


def config(**options: Any) -> SuperMemoryConfig:
    """Options for a stand-in; a key that is None is none."""
    key = options.pop("key", KEY)
    options.setdefault("base_url", LOCAL)
    return SuperMemoryConfig(api_key=SecretStr(key) if key else None, **options)


def checked(server: StandIn, **options: Any) -> SourceCheck:
    return with_source(server, lambda source: source.check(), **options)


def scopes(server: StandIn, **options: Any) -> Sequence[ScopeCount]:
    async def act(source: SuperMemorySource) -> Sequence[ScopeCount]:
        await source.check()
        return await source.scopes()

    return with_source(server, act, **options)


def read(
    server: StandIn, ledger: Ledger | None = None, *, pages: int | None = None, **options: Any
) -> Outcome:
    """One run; with ``pages`` it is killed after so many."""
    ledger = ledger or Ledger()
    stop = None if pages is None else ledger.pages + pages

    async def act(source: SuperMemorySource) -> Outcome:
        check = await source.check()
        waits = cast("ReadingContext", source.context).waits
        try:
            await _read_partitions(source, ledger, stop)
        except KilledError:
            return Outcome(check, None, ledger, waits)
        return Outcome(check, await source.reconcile(), ledger, waits)

    return with_source(server, act, ledger, **options)


async def _read_partitions(source: SuperMemorySource, ledger: Ledger, stop: int | None) -> None:
    async for partition in source.partitions():
        cursor, done = ledger.open(partition)
        if done:
            continue
        async with aclosing(source.pages(partition, cursor)) as pages:
            async for page in pages:
                ledger.stage(partition, page)
                if ledger.pages == stop:
                    raise KilledError


def ids(outcome: Outcome) -> set[str]:
    return set(outcome.ledger.records)
