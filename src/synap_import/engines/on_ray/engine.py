"""The import's side of the engine on Ray."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio
from ray.exceptions import RayError

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from synap_import.destination import Synap
    from synap_import.engines.here import Here
    from synap_import.engines.interface import Claim, More
    from synap_import.loading.elsewhere import Elsewhere
    from synap_import.sources import Partition

    from .crew import Crew

_LOOK_SECONDS = 0.5


@dataclass(slots=True)
class OnRay:
    """Has a crew read and send. A few chosen documents (a trial) are sent ``here``."""

    crew: Crew
    here: Here
    _tasks: TaskGroup = field(init=False)
    _handing_out: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Have the workers at work; at the end they finish what they have in hand."""
        async with anyio.create_task_group() as looking:
            looking.start_soon(self._look_at_pace)
            async with anyio.create_task_group() as self._tasks:
                self.crew.start(self._tasks)
                yield
                self.crew.tell(reading_over=True, sending_over=True)
            looking.cancel_scope.cancel()
        self.crew.progress.in_flight = 0

    async def read(self, partitions: AsyncIterator[Partition]) -> AsyncGenerator[bool, None]:
        """Hand out partitions, and give the import its turn whenever pages were staged."""
        self._tasks.start_soon(self._hand_out, partitions)
        seen = 0
        try:
            while not self.crew.desk.is_done:
                if self.crew.pages == seen:
                    await self.crew.change()
                staged, seen = self.crew.pages > seen, self.crew.pages
                yield staged
            self.crew.tell(reading_over=True)
            yield self.crew.pages > seen
        finally:
            self._handing_out.cancel()
            if not self.crew.told.reading_over:
                self.crew.tell(stop_reading=True)

    async def send(self, synap: Synap | Elsewhere, more: More, claim: Claim | None = None) -> None:
        """Have all sent that is planned; it is done when the workers are."""
        if claim is not None:
            await self.here.send(synap, more, claim)
            return
        self.crew.tell(may_send=True)
        while await more():
            self.crew.tell(planned=self.crew.told.planned + 1)
        self.crew.tell(sending_over=True)

    async def let_sending_go_first(self) -> None:
        """Sending is elsewhere, and waits for nobody here."""

    def stop_sending(self) -> None:
        """Finish what is in flight and send nothing more."""
        self.here.stop_sending()
        self.crew.tell(stop_sending=True)

    async def _hand_out(self, partitions: AsyncIterator[Partition]) -> None:
        with self._handing_out:
            async for partition in partitions:
                await self.crew.desk.put(partition)
            self.crew.desk.no_more()
            self.crew.tell()

    async def _look_at_pace(self) -> None:
        while True:
            await anyio.sleep(_LOOK_SECONDS)
            with suppress(RayError):  # it is begun anew by Ray
                now = await self.crew.pace.now.remote()
                self.crew.progress.in_flight, self.crew.progress.pace = now
