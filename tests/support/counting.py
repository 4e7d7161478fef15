"""A source that makes up its records, so that every process can read it: they are the same.

Its configuration says how much there is; it answers each question for a page after a while.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, ClassVar

import anyio
from pydantic import BaseModel, SecretStr

from synap_import import (
    MemoryRecord,
    Page,
    Partition,
    Scope,
    Setting,
    Source,
    SourceCheck,
    SourceUnavailableError,
)


class CountingConfig(BaseModel):
    """How much there is."""

    key: Annotated[SecretStr | None, Setting(env="COUNTING_KEY")] = None
    partitions: int = 4
    pages: int = 3
    page_size: int = 10
    seconds: float = 0.001
    account: str = "counting"
    breaks_at: int | None = None


class CountingSource(Source[CountingConfig]):
    """Partition after partition, page after page, each record with a number of its own."""

    name: ClassVar[str] = "counting"
    Config: ClassVar[type[BaseModel]] = CountingConfig

    async def check(self) -> SourceCheck:
        """Everything is expected."""
        given = self.config
        return SourceCheck(
            account=given.account,
            title="a source that counts",
            expected=given.partitions * given.pages * given.page_size,
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """By number."""
        for number in range(self.config.partitions):
            yield Partition(str(number), f"partition {number}")

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Those behind the cursor, which is the number of a page."""
        given = self.config
        if int(partition.id) == given.breaks_at:
            raise SourceUnavailableError("The source that counts broke.")
        for number in range(int(cursor or 0), given.pages):
            await anyio.sleep(given.seconds)
            first = (int(partition.id) * given.pages + number) * given.page_size
            records = [_record(first + place) for place in range(given.page_size)]
            yield Page(records, None if number + 1 == given.pages else str(number + 1))


def _record(number: int) -> MemoryRecord:
    return MemoryRecord(
        system="counting",
        id=f"c-{number}",
        text=f"memory number {number}",
        scope=Scope(user=f"user-{number % 5}"),
        created_at=datetime(2025, 6, 1, 12, tzinfo=UTC),
    )
