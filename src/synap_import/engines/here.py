"""The ordinary engine: everything in this process, one partition after the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synap_import.loading import Loader, LoadLimits

if TYPE_CHECKING:
    from synap_import.destination import Synap
    from synap_import.loading.elsewhere import Elsewhere
    from synap_import.preflight.masking import Make
    from synap_import.sources import Partition

    from .interface import Claim, More
    from .reading import Reading

# So far ahead of the answers reading may be; the ledger still has these pages in memory.
_READ_AHEAD = 4000


@dataclass(slots=True)
class Here:
    """Reads and sends in two tasks of this process.

    Reading makes way for sending, which waits for answers most of the time.
    """

    reading: Reading
    make: Make
    limits: LoadLimits = field(default_factory=LoadLimits)
    _loader: Loader | None = None
    _sends_no_more: bool = False

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Nothing but this process is needed."""
        yield

    async def read(self, partitions: AsyncIterator[Partition]) -> AsyncGenerator[bool, None]:
        """Stage the pages of partitions, one after the other."""
        async for partition in partitions:
            async with aclosing(self.reading.stage(partition)) as pages:
                async for _ in pages:
                    await self.let_sending_go_first()
                    yield True
                    if self._loader is not None:
                        planned = self.reading.progress.planned
                        await self._loader.catch_up(planned, _READ_AHEAD)
                    await self.let_sending_go_first()
            yield False

    async def send(self, synap: Synap | Elsewhere, more: More, claim: Claim | None = None) -> None:
        """Send until nothing is left."""
        ledger, progress = self.reading.ledger, self.reading.progress
        self._loader = Loader(ledger, synap, self.make, progress, self.limits, claim)
        if self._sends_no_more:
            self._loader.stop()
        await self._loader.run(more)

    async def let_sending_go_first(self) -> None:
        """Let what can be sent go out before something longer is done."""
        if self._loader is not None:
            await self._loader.go_first()

    def stop_sending(self) -> None:
        """Finish what is in flight and send nothing more."""
        self._sends_no_more = True
        if self._loader is not None:
            self._loader.stop()
