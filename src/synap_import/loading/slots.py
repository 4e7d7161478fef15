"""Lets a request go when the learned limit has room for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from .limiter import AdaptiveLimit


@dataclass(slots=True)
class Slots:
    """The limit, with tasks that wait for it."""

    limit: AdaptiveLimit
    _closed: bool = False
    _change: anyio.Event = field(default_factory=anyio.Event)

    def has_room(self) -> bool:
        """Whether a request may go now."""
        return self.limit.wait(anyio.current_time()) == 0

    async def room(self) -> None:
        """Wait until a request may go, or none may go any more.

        Whoever sends one does so before awaiting anything else, so that the room is still there.
        """
        while not self._closed and (seconds := self.limit.wait(anyio.current_time())):
            change = self._change
            with anyio.move_on_after(None if math.isinf(seconds) else seconds):
                await change.wait()

    def sent(self) -> float:
        """A request goes out; returns its time, to be told with its outcome."""
        now = anyio.current_time()
        self.limit.sent(now)
        return now

    def close(self) -> None:
        """Nothing more is to be sent: nobody waits any longer."""
        self._closed = True
        self.wake()

    def wake(self) -> None:
        """Let all who wait look again."""
        self._change.set()
        self._change = anyio.Event()
