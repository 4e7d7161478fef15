"""A worker's side of the job's pace."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import anyio

from synap_import.loading.slots import Outcome, Sent


@dataclass(slots=True)
class RemoteSlots:
    """Places of the job's :class:`~.pace.Pace`, the actor ``pace``, for one worker.

    Only asking for room is waited for; what is told is told in passing.
    """

    pace_actor: Any
    worker: str
    _given: deque[int] = field(default_factory=deque)
    _in_flight: int = 0
    _closed: bool = False

    @property
    def in_flight(self) -> int:
        """How many requests of this worker are under way."""
        return self._in_flight

    @property
    def pace(self) -> float | None:
        """Nobody but the job knows."""
        return None

    def has_room(self) -> bool:
        """Nobody can tell without asking."""
        return False

    async def room(self) -> None:
        """Wait until a request may go, or none may go any more."""
        if self._closed:
            return
        place = await self.pace_actor.room.remote(self.worker)
        if place is not None:
            self._given.append(place)

    def sent(self) -> Sent:
        """A request goes out."""
        self._in_flight += 1
        return Sent(anyio.current_time(), self._given.popleft())

    def unused(self) -> None:
        """There was room, and nothing to send."""
        self.pace_actor.unused.remote(self._given.popleft())

    def ended(self, sent: Sent, outcome: Outcome) -> None:
        """Tell what became of a request."""
        self._in_flight -= 1
        self.pace_actor.ended.remote(sent.place, outcome, anyio.current_time() - sent.at)

    def close(self) -> None:
        """Nothing more is to be sent: nobody waits any longer."""
        if not self._closed:
            self._closed = True
            self.pace_actor.close.remote(self.worker)
