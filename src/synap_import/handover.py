"""How one task tells another that there is more in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio


@dataclass(slots=True)
class Handover:
    """Tells the next task that there is more in the ledger, or that no more will come."""

    _announced: int = 0
    _seen: int = 0
    _finished: bool = False
    _news: anyio.Event = field(default_factory=anyio.Event)

    def announce(self) -> None:
        """There is more."""
        self._announced += 1
        self._news.set()
        self._news = anyio.Event()

    def finish(self) -> None:
        """There is nothing after this."""
        self._finished = True
        self.announce()

    async def more(self) -> bool:
        """Wait for news; False when all of it was seen and no more will come."""
        while self._seen == self._announced:
            if self._finished:
                return False
            await self._news.wait()
        self._seen = self._announced
        return True

    async def all(self) -> None:
        """Wait until no more will come."""
        while not self._finished:
            await self._news.wait()
