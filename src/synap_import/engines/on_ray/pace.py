"""The learned limit of a whole job, asked by all of its workers, so that ten are not ten limits.

It is an actor, so it must be asked twice a batch: for room, and to hear what became of it.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import anyio

from synap_import.loading.limiter import AdaptiveLimit
from synap_import.loading.slots import Outcome, learn


class Now(NamedTuple):
    """How many requests of the job are under way, and how many a second may go."""

    in_flight: int
    pace: float | None


@dataclass(frozen=True, slots=True)
class _Place:
    worker: str
    given_at: float


class Pace:
    """Gives places to requests in the order in which they are asked for.

    ``most`` is the ceiling of the window for all workers together: what the client of each can
    keep connections for, times their number. That is a limit of the client's, whereas a rate is the
    instance's: one whose allocation was raised may need more under way than one client can have,
    and one that was not refuses, or slows down, which the window learns from. Whoever leaves, or
    died, takes no place along.
    """

    def __init__(self, most: int) -> None:
        self._limit = AdaptiveLimit(most)
        # One that had to be started again is not to take old numbers for its own.
        self._numbers = count(time.time_ns())
        self._places: dict[int, _Place] = {}
        self._closed: set[str] = set()
        self._queue = anyio.Lock()
        self._change = anyio.Event()

    async def room(self, worker: str) -> int | None:
        """Wait for a place; None when the worker wants none any more."""
        async with self._queue:
            while worker not in self._closed:
                now = anyio.current_time()
                seconds = self._limit.wait(now)
                if seconds == 0:
                    return self._take(worker, now)
                change = self._change
                with anyio.move_on_after(None if math.isinf(seconds) else seconds):
                    await change.wait()
        return None

    def unused(self, place: int) -> None:
        """There was nothing to send."""
        if self._places.pop(place, None) is not None:
            self._limit.unsent()
            self._wake()

    def ended(self, place: int, outcome: Outcome, seconds: float) -> None:
        """Hear what became of a request, which took so long as its worker saw it."""
        taken = self._places.pop(place, None)
        if taken is not None:
            # What the way to and from here took is no slowness of the server.
            learn(self._limit, taken.given_at, anyio.current_time(), outcome, seconds)
            self._wake()

    def close(self, worker: str) -> None:
        """The worker sends nothing more: it does not wait any longer."""
        self._closed.add(worker)
        self._wake()

    def leave(self, worker: str) -> None:
        """The worker is gone, and with it the answers to what it sent."""
        self.close(worker)
        for place in [one for one, taken in self._places.items() if taken.worker == worker]:
            self.ended(place, Outcome.LOST, 0.0)

    def now(self) -> Now:
        """Where it is."""
        return Now(self._limit.in_flight, self._limit.pace)

    def _take(self, worker: str, now: float) -> int:
        self._limit.sent(now)
        number = next(self._numbers)
        self._places[number] = _Place(worker, now)
        return number

    def _wake(self) -> None:
        self._change.set()
        self._change = anyio.Event()
