"""Asks Synap questions at the pace that it allows, each until there is an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import anyio

from synap_import.destination import Exchange
from synap_import.errors import DestinationStoppedError
from synap_import.loading.asking_pace import AskingPace
from synap_import.loading.verdicts import Again, Stop, Wait

if TYPE_CHECKING:
    from synap_import.loading.confirming import ConfirmLimits
    from synap_import.progress import Progress

T = TypeVar("T")

_RESUME = "Nothing was changed; run the same command again later."


class Unanswered(NamedTuple):
    """There was no usable answer, and why."""

    reason: str


@dataclass(slots=True)
class Asker:
    """One group of Synap's routes, which has a rate of its own.

    ``asked`` counts the requests. A question without an answer is given up after a few tries;
    too many of those in a row, or a refusal that holds for all questions, end it.
    """

    per_second: float
    limits: ConfirmLimits
    progress: Progress
    stopped: anyio.Event
    asked: int = 0
    _pace: AskingPace = field(init=False)
    _stop: Stop | None = None
    _unanswered_in_a_row: int = 0
    _last_answer: float = field(init=False)

    def __post_init__(self) -> None:
        self._pace = AskingPace(self.per_second, self.stopped)
        self._last_answer = anyio.current_time()

    async def ask(
        self,
        send: Callable[[], Awaitable[Exchange]],
        read: Callable[[Exchange], T | Again | Wait | Stop],
    ) -> T | Unanswered | None:
        """The answer, as ``read`` takes it; None when the run ends before there is one."""
        pause = self.limits.first_pause_seconds
        failures = 0
        while True:
            pace = await self._pace.turn()
            if pace is None or self._stop is not None:
                return None
            match read(await self._send(send)):
                case Wait() as wait:
                    self._wait(wait, pace)
                case Stop() as stop:
                    self._stop = stop
                case Again(reason):
                    failures += 1
                    if failures >= self.limits.tries:
                        self._give_up(reason)
                        return Unanswered(reason)
                    await self._rest(pause)
                    pause = min(pause * 2, self.limits.longest_pause_seconds)
                case answer:
                    self._note_answer()
                    return answer

    def raise_if_stopped(self) -> None:
        """Raise DestinationStoppedError when Synap answers no more."""
        if self._stop is not None:
            remedy = f"{self._stop.remedy} {_RESUME}".strip()
            raise DestinationStoppedError(self._stop.reason, remedy=remedy)

    async def _send(self, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        self.asked += 1
        with anyio.move_on_after(self.limits.answer_seconds):
            return await send()
        return Exchange(failure=f"no answer within {self.limits.answer_seconds:.0f} s")

    def _wait(self, wait: Wait, pace: int) -> None:
        now = anyio.current_time()
        if now + wait.seconds - self._last_answer > self.limits.longest_wait_seconds:
            self._stop = Stop(f"Synap asks to wait {wait.seconds:.0f} s more for {wait.what}.", "")
            return
        self._pace.too_fast(pace, wait.seconds)
        self.progress.waiting, self.progress.waiting_until = wait.what, now + wait.seconds

    def _note_answer(self) -> None:
        self._pace.well()
        self._last_answer = anyio.current_time()
        self._unanswered_in_a_row = 0
        self.progress.waiting = ""

    def _give_up(self, reason: str) -> None:
        self._unanswered_in_a_row += 1
        if self._unanswered_in_a_row >= self.limits.rounds:
            self._stop = Stop(f"Synap does not answer as it should ({reason}).", "")

    async def _rest(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self.stopped.wait()
