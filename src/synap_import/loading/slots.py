"""Lets a request go when the learned limit has room for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

import anyio

if TYPE_CHECKING:
    from .limiter import AdaptiveLimit


class Outcome(Enum):
    """What became of a request, as far as the limit learns from it.

    The time of a ``SHORT`` answer tells nothing, since it was to a small batch.
    """

    ANSWERED = "answered"
    SHORT = "short"
    REFUSED = "refused"
    LOST = "lost"


class Sent(NamedTuple):
    """A request that is under way: when it went out, and the number of its place if it has one."""

    at: float
    place: int = 0


class Slots(Protocol):
    """Who says when a request may go: a limit of this process, or one that others share."""

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        ...

    @property
    def pace(self) -> float | None:
        """How many requests a second may go, where that was learned."""
        ...

    def has_room(self) -> bool:
        """Whether a request may go now, as far as can be told without waiting."""
        ...

    async def room(self) -> None:
        """Wait until a request may go, or none may go any more.

        Whoever sends one does so before awaiting anything else, so that the room is still there.
        """
        ...

    def sent(self) -> Sent:
        """A request goes out; what this returns is told with its outcome."""
        ...

    def unused(self) -> None:
        """There was room, and nothing to send."""
        ...

    def ended(self, sent: Sent, outcome: Outcome) -> None:
        """Hear what became of a request."""
        ...

    def close(self) -> None:
        """Nothing more is to be sent: nobody waits any longer."""
        ...


@dataclass(slots=True)
class OwnSlots:
    """A limit of this process, with tasks that wait for it."""

    limit: AdaptiveLimit
    _closed: bool = False
    _change: anyio.Event = field(default_factory=anyio.Event)

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self.limit.in_flight

    @property
    def pace(self) -> float | None:
        """How many requests a second may go, where that was learned."""
        return self.limit.pace

    def has_room(self) -> bool:
        """Whether a request may go now."""
        return self.limit.wait(anyio.current_time()) == 0

    async def room(self) -> None:
        """Wait until a request may go, or none may go any more."""
        while not self._closed and (seconds := self.limit.wait(anyio.current_time())):
            change = self._change
            with anyio.move_on_after(None if math.isinf(seconds) else seconds):
                await change.wait()

    def sent(self) -> Sent:
        """A request goes out."""
        now = anyio.current_time()
        self.limit.sent(now)
        return Sent(now)

    def unused(self) -> None:
        """There was room, which is still there: only what is sent takes it."""

    def ended(self, sent: Sent, outcome: Outcome) -> None:
        """Hear what became of a request."""
        learn(self.limit, sent.at, anyio.current_time(), outcome)
        self._wake()

    def close(self) -> None:
        """Nothing more is to be sent: nobody waits any longer."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._change.set()
        self._change = anyio.Event()


def learn(
    limit: AdaptiveLimit,
    sent_at: float,
    now: float,
    outcome: Outcome,
    seconds: float | None = None,
) -> None:
    """Tell the limit what became of a request; it took ``seconds``, if not the time between."""
    match outcome:
        case Outcome.REFUSED:
            limit.refused(sent_at, now)
        case Outcome.LOST:
            limit.lost(sent_at, now)
        case Outcome.ANSWERED | Outcome.SHORT:
            is_full = outcome is Outcome.ANSWERED
            limit.answered(sent_at, now, comparable=is_full, seconds=seconds)
