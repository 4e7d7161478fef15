"""A source whose pages a test writes down, for tests of what the host makes of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import anyio
from pydantic import BaseModel

from synap_import.host import HostContext
from synap_import.sources import Page, Partition, Source, SourceCheck, Unreadable

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord
    from synap_import.sources import SourceContext

_TURN_SECONDS = 0.002
"""As a source on a network: others get their turn."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A partition with its pages."""

    partition: Partition
    pages: Sequence[Sequence[MemoryRecord]]
    unreadable: Sequence[Unreadable] = ()


class NoConfig(BaseModel):
    """A fake needs none."""


@dataclass
class FakeSource(Source[NoConfig]):
    """Yields what it was made of; a cursor is the number of the next page.

    ``pages_read`` are the pages that were asked for, by partition and number.
    """

    slices: list[Slice] = field(default_factory=list)
    pages_read: list[tuple[str, int]] = field(default_factory=list)
    context: SourceContext = field(default_factory=lambda: HostContext(AsyncExitStack()))

    name: ClassVar[str] = "fake"
    Config: ClassVar[type[BaseModel]] = NoConfig

    @classmethod
    def giving(cls, records: Sequence[MemoryRecord], page_size: int = 100) -> FakeSource:
        """One partition with these records."""
        pages = [records[start : start + page_size] for start in range(0, len(records), page_size)]
        return cls([Slice(Partition("one", "one"), pages)])

    async def check(self) -> SourceCheck:
        """The same account each time."""
        return SourceCheck(account="fake account", title="a fake source")

    async def partitions(self) -> AsyncIterator[Partition]:
        """Those that it was made of."""
        for part in self.slices:
            yield part.partition

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The pages of one, with its unreadable items on the last."""
        part = next(one for one in self.slices if one.partition.id == partition.id)
        for number in range(int(cursor or 0), max(1, len(part.pages))):
            self.pages_read.append((partition.id, number))
            await anyio.sleep(_TURN_SECONDS)
            last = number + 1 >= len(part.pages)
            yield Page(
                part.pages[number] if part.pages else (),
                None if last else str(number + 1),
                part.unreadable if last else (),
            )
