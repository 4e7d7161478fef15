"""The shared loader: claims documents, sends them in batches, writes what became of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from synap_import.destination import MAX_IN_FLIGHT, Synap
from synap_import.errors import DestinationStoppedError
from synap_import.ledger import Answer, DocumentState, Ledger

from .batching import MAX_DOCUMENTS, Batch, batches, halves
from .verdicts import Again, Row, Rows, Split, Stop, Verdict, Wait, judge

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from synap_import.ledger import Claimed
    from synap_import.planning import Document
    from synap_import.progress import Progress

_RESUME = "Run the same command again: it goes on where it stopped."


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """How hard the loader may push, and how long it has patience.

    ``in_flight`` batches at once, never more than 10. ``max_bytes`` of documents in one
    request; Synap publishes no limit. ``attempts`` without an answer in a row end the run,
    as does waiting for longer than ``longest_wait_seconds`` without any progress.
    """

    in_flight: int = 8
    max_bytes: int = 2_000_000
    attempts: int = 6
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 30.0
    longest_wait_seconds: float = 3600.0
    refusals_before_stop: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.in_flight <= MAX_IN_FLIGHT:
            raise ValueError(f"in_flight must be 1 to {MAX_IN_FLIGHT}")


@dataclass(slots=True)
class Loader:
    """Loads what is planned. ``make`` turns a claimed document into what is sent."""

    ledger: Ledger
    synap: Synap
    make: Callable[[Claimed], Document]
    progress: Progress
    limits: LoadLimits = field(default_factory=LoadLimits)
    _stopped: anyio.Event = field(default_factory=anyio.Event)
    _stop_error: DestinationStoppedError | None = None
    _waiting_since: float | None = None
    _settled: int = 0
    _news: anyio.Event = field(default_factory=anyio.Event)
    _ended: bool = False
    _refused: int = 0

    def stop(self) -> None:
        """Finish what is in flight and send nothing more."""
        self._stopped.set()

    async def catch_up(self, documents: int, slack: int) -> None:
        """Wait until all but ``slack`` of so many documents are answered, or the run ends."""
        while not self._ended and documents - self._settled > slack:
            await self._news.wait()

    async def run(self, more_to_come: Callable[[], Awaitable[bool]]) -> None:
        """Send until nothing is left; ``more_to_come`` waits for more, or says that none comes.

        Raises DestinationStoppedError when Synap takes no more; what was not answered is
        sendable again by then.
        """
        send, receive = anyio.create_memory_object_stream[Batch](0)
        try:
            async with anyio.create_task_group() as workers:
                for _ in range(self.limits.in_flight):
                    workers.start_soon(self._work, receive.clone())
                receive.close()
                await self._feed(send, more_to_come)
        finally:
            self._ended = True
            self._news.set()
        if self._stop_error is not None:
            raise self._stop_error

    async def _feed(
        self,
        send: MemoryObjectSendStream[Batch],
        more_to_come: Callable[[], Awaitable[bool]],
    ) -> None:
        async with send:
            while not self._stopped.is_set():
                claimed = self.ledger.claim(MAX_DOCUMENTS)
                if not claimed:
                    if await more_to_come():
                        continue
                    return
                for batch in batches(map(self.make, claimed), self.limits.max_bytes):
                    await send.send(batch)

    async def _work(self, receive: MemoryObjectReceiveStream[Batch]) -> None:
        async with receive:
            async for batch in receive:
                await self._deliver(batch)

    async def _deliver(self, batch: Batch) -> None:
        """See one batch through to an answer for each of its documents."""
        waiting = [(batch, 0)]
        while waiting:
            if self._stopped.is_set():
                self._release([document for part, _ in waiting for document in part])
                return
            part, failures = waiting.pop()
            verdict = await self._send(part)
            waiting += await self._act(part, failures, verdict)

    async def _send(self, part: Batch) -> Verdict:
        exchange = await self.synap.send(part)
        return judge(exchange, [document.document_id for document in part])

    async def _act(self, part: Batch, failures: int, verdict: Verdict) -> list[tuple[Batch, int]]:
        """Do what the verdict says; returns the parts that are to be sent again."""
        match verdict:
            case Rows(rows):
                return self._settle_rows(part, failures, rows)
            case Split(single):
                if len(part) > 1:
                    first, second = halves(part)
                    return [(second, 0), (first, 0)]
                self._settle(part, [single])
            case Wait(seconds, what):
                await self._wait(seconds, what)
                return [(part, failures)]
            case Again(reason):
                return await self._again(part, failures, reason)
            case Stop(reason, remedy):
                self._release(part)
                self._halt(reason, remedy)
        return []

    def _settle_rows(
        self, part: Batch, failures: int, rows: Sequence[Row]
    ) -> list[tuple[Batch, int]]:
        if all(row.state for row in rows):
            self._settle(part, rows)
            return []
        paired = list(zip(part, rows, strict=True))
        told = [(document, row) for document, row in paired if row.state]
        untold = [(document, row) for document, row in paired if not row.state]
        self._settle([document for document, _ in told], [row for _, row in told])
        if failures + 1 < self.limits.attempts:
            return [([document for document, _ in untold], failures + 1)]
        rejected = [Row(DocumentState.REJECTED, reason=row.reason) for _, row in untold]
        self._settle([document for document, _ in untold], rejected)
        return []

    def _settle(self, documents: Sequence[Document], rows: Sequence[Row]) -> None:
        answers = [
            Answer(document.number, row.state, row.ingestion_id, row.reason)
            for document, row in zip(documents, rows, strict=True)
            if row.state
        ]
        self.ledger.answer(answers)
        self._waiting_since = None
        turns: Counter[DocumentState] = Counter()
        for document, answer in zip(documents, answers, strict=True):
            turns[answer.state] += document.turns
        self.progress.loaded += turns[DocumentState.LOADED]
        self.progress.already_there += turns[DocumentState.ALREADY_THERE]
        self.progress.rejected += turns[DocumentState.REJECTED]
        self._settled += len(answers)
        self._stop_when_all_is_refused(answers)
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

    async def _again(self, part: Batch, failures: int, reason: str) -> list[tuple[Batch, int]]:
        if failures + 1 >= self.limits.attempts:
            self._release(part)
            self._halt(f"Synap gave no usable answer {failures + 1} times ({reason}).", _RESUME)
            return []
        pause = min(
            self.limits.longest_pause_seconds, self.limits.first_pause_seconds * 2**failures
        )
        await self._pause(pause * random.uniform(0.75, 1.25))  # noqa: S311 - jitter
        return [(part, failures + 1)]

    async def _wait(self, seconds: float, what: str) -> None:
        now = anyio.current_time()
        if self._waiting_since is None:
            self._waiting_since = now
        if now + seconds - self._waiting_since > self.limits.longest_wait_seconds:
            self._halt(f"Synap asks to wait {seconds:.0f} s more for {what}.", _RESUME)
            return
        self.progress.waiting = what
        self.progress.waiting_until = now + seconds
        await self._pause(seconds * random.uniform(1, 1.1))  # noqa: S311 - not for secrets
        self.progress.waiting = ""

    async def _pause(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self._stopped.wait()

    def _release(self, documents: Sequence[Document]) -> None:
        self.ledger.release([document.number for document in documents])

    def _halt(self, reason: str, remedy: str) -> None:
        if self._stop_error is None:
            self._stop_error = DestinationStoppedError(reason, remedy=remedy)
        self._stopped.set()
