"""How fast Synap may be asked: evenly spaced, and slower once it says that it is too fast."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio

_SLOWEST = 0.5
_RECOVERY = 1.01


@dataclass(slots=True)
class AskingPace:
    """Turns to ask, at most ``ceiling`` a second.

    A "too many requests" halves the pace, once for all requests that were under way, and
    keeps everybody waiting as long as it says; each good answer brings a hundredth back.
    """

    ceiling: float
    stopped: anyio.Event
    rate: float = field(init=False)
    _next: float = 0.0
    _held_until: float = 0.0
    _cuts: int = 0

    def __post_init__(self) -> None:
        self.rate = self.ceiling

    async def turn(self) -> int | None:
        """Wait for a turn; returns which pace it belongs to, None when all is to stop."""
        while not self.stopped.is_set():
            at = max(anyio.current_time(), self._next)
            self._next = at + 1 / self.rate
            with anyio.move_on_after(at - anyio.current_time()):
                await self.stopped.wait()
            if not self.stopped.is_set() and at >= self._held_until:
                return self._cuts
        return None

    def too_fast(self, pace: int | None, seconds: float) -> None:
        """A request of that pace was refused; nobody asks for so many seconds."""
        self._held_until = max(self._held_until, anyio.current_time() + seconds)
        self._next = max(self._next, self._held_until)
        if pace == self._cuts:
            self._cuts += 1
            self.rate = max(_SLOWEST, self.rate / 2)

    def well(self) -> None:
        """A request was answered."""
        self.rate = min(self.ceiling, self.rate * _RECOVERY)
