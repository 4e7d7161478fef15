"""A source whose pages a test writes down."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio
from pydantic import BaseModel

from synap_import import MemoryRecord, Page, Partition, Scope, Source, SourceCheck, Unreadable
from synap_import.host import HostContext


def record(number: int, user: str | None = "ada", **changes: object) -> MemoryRecord:
    """A fact of a user; every test changes only what it is about."""
    fields: dict[str, object] = {
        "system": "fake",
        "id": str(number),
        "text": f"memory {number}",
        "scope": Scope(user=user),
        "created_at": datetime(2025, 6, 1, 12, tzinfo=UTC),
    }
    return MemoryRecord(**{**fields, **changes})


@dataclass
class Slice:
    """A partition with its pages."""

    partition: Partition
    pages: Sequence[Sequence[MemoryRecord]]
    unreadable: Sequence[Unreadable] = ()


class NoConfig(BaseModel):
    pass


@dataclass
class FakeSource(Source[NoConfig]):
    """Yields what it was made of; a cursor is the number of the next page."""

    slices: list[Slice] = field(default_factory=list)
    pages_read: list[tuple[str, int]] = field(default_factory=list)
    context: HostContext = field(default_factory=lambda: HostContext(AsyncExitStack()))

    name = "fake"
    Config = NoConfig

    @classmethod
    def of(cls, records: Sequence[MemoryRecord], page_size: int = 100) -> FakeSource:
        pages = [records[i : i + page_size] for i in range(0, len(records), page_size)]
        return cls([Slice(Partition("one", "one"), pages)])

    async def check(self) -> SourceCheck:
        return SourceCheck(account="fake account", title="a fake source")

    async def partitions(self) -> AsyncIterator[Partition]:
        for part in self.slices:
            yield part.partition

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        part = next(s for s in self.slices if s.partition.id == partition.id)
        for number in range(int(cursor or 0), max(1, len(part.pages))):
            self.pages_read.append((partition.id, number))
            await anyio.sleep(0.002)  # as a source on a network does: others get their turn
            last = number + 1 >= len(part.pages)
            yield Page(
                part.pages[number] if part.pages else (),
                None if last else str(number + 1),
                part.unreadable if last else (),
            )
