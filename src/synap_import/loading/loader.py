"""The shared loader: claims documents, sends them in batches, writes what became of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio
from anyio.lowlevel import checkpoint

from synap_import.destination import MAX_IN_FLIGHT, Synap
from synap_import.errors import DestinationStoppedError
from synap_import.ledger import Answer, DocumentState, Ledger
from synap_import.tracing import span

from .batching import MAX_DOCUMENTS, Batch, BatchSize, halves
from .elsewhere import Elsewhere
from .limiter import AdaptiveLimit
from .slots import Outcome, OwnSlots, Sent, Slots
from .transcript_sending import deliver
from .verdicts import Again, Row, Rows, Split, Stop, Unknown, Verdict, Wait, WaitFor

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from synap_import.documents import Document
    from synap_import.ledger import Claimed
    from synap_import.progress import Progress

_RESUME = "Run the same command again: it goes on where it stopped."
_WORTH_SHOWING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """How hard the loader may push, and how long it has patience.

    ``in_flight`` batches at most at once, never more than 10; how many it really is, is
    learned. ``max_bytes`` of documents in one request; Synap publishes no limit.
    ``attempts`` without an answer in a row end the run, as does waiting for longer than
    ``longest_wait_seconds`` without any progress. ``hold_doubts``: what may have been stored
    is not sent again.
    """

    in_flight: int = MAX_IN_FLIGHT
    max_bytes: int = 2_000_000
    attempts: int = 6
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 30.0
    longest_wait_seconds: float = 3600.0
    refusals_before_stop: int = 100
    hold_doubts: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.in_flight <= MAX_IN_FLIGHT:
            raise ValueError(f"in_flight must be 1 to {MAX_IN_FLIGHT}")


@dataclass(frozen=True, slots=True)
class Part:
    """A batch, or what is left of one, with the answers that it did not get in a row."""

    batch: Batch
    failures: int = 0


@dataclass(slots=True)
class Loader:
    """Loads what is planned, or what ``claim`` gives. ``make`` turns it into what is sent.

    ``slots`` say when a batch may go; without them it learns a limit of its own.

    A batch is claimed when there is room to send it, and is seen through by a task of its own;
    at most ``MAX_IN_FLIGHT`` batches are in hand, sent or waiting to be sent again.
    """

    ledger: Ledger
    synap: Synap | Elsewhere
    make: Callable[[Claimed], Document]
    progress: Progress
    limits: LoadLimits = field(default_factory=LoadLimits)
    claim: Callable[[int], list[Claimed]] | None = None
    slots: Slots | None = None
    _slots: Slots = field(init=False)
    _size: BatchSize = field(init=False)
    _stopped: anyio.Event = field(default_factory=anyio.Event)
    _stop_error: DestinationStoppedError | None = None
    _waiting_since: float | None = None
    _settled: int = 0
    _news: anyio.Event = field(default_factory=anyio.Event)
    _ended: bool = False
    _is_idle: bool = False
    _refused: int = 0

    def __post_init__(self) -> None:
        self._slots = self.slots or OwnSlots(AdaptiveLimit(self.limits.in_flight))
        self._size = BatchSize(self.limits.max_bytes)

    def stop(self) -> None:
        """Finish what is in flight and send nothing more."""
        self._stopped.set()
        self._slots.close()

    async def catch_up(self, documents: int, slack: int) -> None:
        """Wait until all but ``slack`` of so many documents are answered, or the run ends."""
        while not self._ended and documents - self._settled > slack:
            await self._news.wait()

    async def go_first(self) -> None:
        """Let what can be sent go out before the caller does something longer.

        Otherwise reading holds up the next batches, all answers come at once, and nobody has
        anything to do while they are awaited.
        """
        for _ in range(2 * MAX_IN_FLIGHT):
            if self._is_idle or not self._slots.has_room():
                return
            await checkpoint()

    async def run(self, more_to_come: Callable[[], Awaitable[bool]]) -> None:
        """Send until nothing is left; ``more_to_come`` waits for more, or says that none comes.

        Raises DestinationStoppedError when Synap takes no more; what was not answered is
        sendable again by then.
        """
        try:
            async with anyio.create_task_group() as deliveries:
                await self._feed(deliveries, more_to_come)
        finally:
            self._ended = True
            self._news.set()
        if self._stop_error is not None:
            raise self._stop_error

    async def _feed(
        self, deliveries: TaskGroup, more_to_come: Callable[[], Awaitable[bool]]
    ) -> None:
        in_hand = anyio.Semaphore(MAX_IN_FLIGHT)
        while True:
            await in_hand.acquire()
            await self._slots.room()
            if self._stopped.is_set():
                return
            batch = self._claim()
            if batch:
                deliveries.start_soon(self._deliver, Part(batch), self._slots.sent(), in_hand)
                continue
            self._slots.unused()
            in_hand.release()
            self._is_idle = True
            if not await more_to_come():
                return
            self._is_idle = False

    def _claim(self) -> Batch:
        claimed = (self.claim or self.ledger.sending.claim)(self._size.documents)
        if not claimed:
            return []
        batch, rest = self._size.cut([self.make(item) for item in claimed])
        if rest:
            self.ledger.sending.release([one.number for one in rest], untouched=True)
        return batch

    async def _deliver(self, part: Part, sent: Sent, in_hand: anyio.Semaphore) -> None:
        """See one batch through to an answer for each of its documents."""
        waiting = await self._act(part, await self._send(part.batch, sent))
        while waiting:
            await self._slots.room()
            if self._stopped.is_set():
                self._release([document for part in waiting for document in part.batch])
                break
            part = waiting.pop()
            waiting += await self._act(part, await self._send(part.batch, self._slots.sent()))
        in_hand.release()

    async def _send(self, batch: Batch, sent: Sent) -> Verdict:
        with span("batch", documents=len(batch)):
            self._show_pace()
            verdict = await self._delivered(batch)
        self._learn(verdict, batch, sent)
        return verdict

    async def _delivered(self, batch: Batch) -> Verdict:
        if isinstance(self.synap, Elsewhere):
            return await self.synap.take(batch)
        return await deliver(self.synap, self.ledger, batch)

    def _learn(self, verdict: Verdict, batch: Batch, sent: Sent) -> None:
        self._slots.ended(sent, _outcome(verdict, batch))
        match verdict:
            case Rows():
                self._size.taken(batch)
            case Split(too_large=True):
                self._size.too_large(batch)
        self._show_pace()

    def _show_pace(self) -> None:
        self.progress.in_flight = self._slots.in_flight
        self.progress.pace = self._slots.pace

    async def _act(self, part: Part, verdict: Verdict) -> list[Part]:
        """Do what the verdict says; returns the parts that are to be sent again."""
        match verdict:
            case Rows(rows):
                return await self._settle_rows(part, rows)
            case Split(single):
                if len(part.batch) > 1:
                    first, second = halves(part.batch)
                    return [Part(second), Part(first)]
                self._settle(part.batch, [single])
            case Wait(seconds, what):
                await self._wait(seconds, what)
                return [part]
            case Again(reason):
                return await self._again(part, reason)
            case Unknown(reason):
                return await self._in_doubt(part, reason)
            case Stop(reason, remedy):
                self._release(part.batch)
                self._halt(reason, remedy)
        return []

    async def _settle_rows(self, part: Part, rows: Sequence[Row]) -> list[Part]:
        if all(row.state for row in rows):
            self._settle(part.batch, rows)
            return []
        paired = list(zip(part.batch, rows, strict=True))
        told = [(document, row) for document, row in paired if row.state]
        untold = [(document, row) for document, row in paired if not row.state]
        self._settle([document for document, _ in told], [row for _, row in told])
        rest = Part([document for document, _ in untold], part.failures)
        if self.limits.hold_doubts or part.failures + 1 < self.limits.attempts:
            return await self._in_doubt(rest, untold[0][1].reason or "no row for the document")
        rejected = [Row(DocumentState.REJECTED, reason=row.reason) for _, row in untold]
        self._settle(rest.batch, rejected)
        return []

    async def _in_doubt(self, part: Part, reason: str) -> list[Part]:
        """What may have been stored is sent again, or stays in doubt when so asked."""
        numbers = [document.number for document in part.batch]
        self.ledger.sending.doubt(numbers, reason, hold=self.limits.hold_doubts)
        if not self.limits.hold_doubts:
            return await self._again(part, reason)
        self.progress.in_doubt += sum(document.turns for document in part.batch)
        self._tell_settled(len(numbers))
        return []

    def _settle(self, documents: Sequence[Document], rows: Sequence[Row]) -> None:
        answers = [
            Answer(document.number, row.state, row.ingestion_id, row.reason)
            for document, row in zip(documents, rows, strict=True)
            if row.state
        ]
        self.ledger.sending.answer(answers)
        self._waiting_since = None
        turns: Counter[DocumentState] = Counter()
        for document, answer in zip(documents, answers, strict=True):
            turns[answer.state] += document.turns
        self.progress.loaded += turns[DocumentState.LOADED]
        self.progress.already_there += turns[DocumentState.ALREADY_THERE]
        self.progress.rejected += turns[DocumentState.REJECTED]
        self._tell_settled(len(answers))
        self._stop_when_all_is_refused(answers)

    def _tell_settled(self, documents: int) -> None:
        self._settled += documents
        self._news.set()
        self._news = anyio.Event()

    def _stop_when_all_is_refused(self, answers: Sequence[Answer]) -> None:
        """A rule that refuses everything is the owner's to mend, not a fault of each document."""
        self._refused += sum(answer.state is DocumentState.REJECTED for answer in answers)
        if self._refused == self._settled >= self.limits.refusals_before_stop:
            self._halt(
                f"Synap refused each of the first {self._refused} documents: {answers[-1].reason}.",
                "Mend what it names; the rest was not sent. Then run the same command again.",
            )

    async def _again(self, part: Part, reason: str) -> list[Part]:
        failures = part.failures + 1
        if failures >= self.limits.attempts:
            self._release(part.batch)
            self._halt(f"Synap gave no usable answer {failures} times ({reason}).", _RESUME)
            return []
        pause = self.limits.first_pause_seconds * 2**part.failures
        await self._pause(
            min(self.limits.longest_pause_seconds, pause) * random.uniform(0.75, 1.25)  # noqa: S311
        )
        return [Part(part.batch, failures)]

    async def _wait(self, seconds: float, what: str) -> None:
        now = anyio.current_time()
        if self._waiting_since is None:
            self._waiting_since = now
        if now + seconds - self._waiting_since > self.limits.longest_wait_seconds:
            self._halt(f"Synap asks to wait {seconds:.0f} s more for {what}.", _RESUME)
            return
        if seconds >= _WORTH_SHOWING_SECONDS:
            self.progress.waiting = what
            self.progress.waiting_until = now + seconds
        await self._pause(seconds * random.uniform(1, 1.1))  # noqa: S311 - not for secrets
        self.progress.waiting = ""

    async def _pause(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self._stopped.wait()

    def _release(self, documents: Sequence[Document]) -> None:
        self.ledger.sending.release([document.number for document in documents])

    def _halt(self, reason: str, remedy: str) -> None:
        if self._stop_error is None:
            self._stop_error = DestinationStoppedError(reason, remedy=remedy)
        self.stop()


def _outcome(verdict: Verdict, batch: Batch) -> Outcome:
    match verdict:
        case Wait(what=WaitFor.RATE):
            return Outcome.REFUSED
        case Again() | Unknown():
            return Outcome.LOST
        case Rows() if len(batch) * 2 >= MAX_DOCUMENTS:
            return Outcome.ANSWERED
        case _:
            return Outcome.SHORT
