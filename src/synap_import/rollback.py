"""Takes a job back: deletes the memories that it made in Synap, and no others.

A document is marked before the first of its memories is deleted and when the last one is gone,
so that a run that was killed is gone on with: what was deleted before answers that it is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from .destination import Exchange
from .errors import DestinationStoppedError
from .ledger import Undone
from .loading.asking_pace import AskingPace
from .loading.confirming import ConfirmChoice, ConfirmLimits, confirm
from .loading.deletions import Gone, Meaning, Refused, read_deletion
from .loading.verdicts import Again, Stop, Wait

if TYPE_CHECKING:
    from .destination import Synap
    from .ledger import Books, Ledger, Undoable
    from .progress import Progress

_TURNS = 4
"""Turns of each deleter between writing down what is gone."""

_RESUME = "What was deleted stays deleted; the same command goes on with the rest."


@dataclass(slots=True)
class Deleted:
    """What one run did: documents rolled back, memories deleted, and those gone before."""

    documents: int = 0
    memories: int = 0
    gone_before: int = 0


@dataclass(slots=True)
class Rollback:
    """One run: the ids that are missing are asked for first, then memories are deleted.

    With ``user_id`` only what went to that user in Synap.
    """

    ledger: Ledger
    synap: Synap
    progress: Progress
    user_id: str | None = None
    limits: ConfirmLimits = field(default_factory=ConfirmLimits)
    deleted: Deleted = field(default_factory=Deleted)
    _stopped: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> Books:
        """Delete what can be deleted; returns the account of the job.

        Raises DestinationStoppedError when Synap lets no more be done; the same again goes on.
        """
        untold = await self._ask_for_missing_ids()
        await self._delete()
        if untold is not None:
            raise untold
        return self.ledger.books()

    def stop(self) -> None:
        """Finish what is in flight and end."""
        self.progress.stopping = True
        self._stopped.set()

    async def _ask_for_missing_ids(self) -> DestinationStoppedError | None:
        """What Synap does not tell must not keep what is known from being deleted."""
        if not self.ledger.undoing.outlook(self.user_id).to_ask:
            return None
        try:
            await confirm(
                self.ledger,
                self.synap,
                ConfirmChoice.ALL,
                self.progress,
                self.limits,
                stopped=self._stopped,
                user_id=self.user_id,
            )
        except DestinationStoppedError as error:
            return DestinationStoppedError(error.message, remedy=_RESUME)
        return None

    async def _delete(self) -> None:
        self.progress.to_undo = self.ledger.undoing.outlook(self.user_id).named
        behind = 0
        deleting = Deleting(self.synap, self.progress, self.limits, self._stopped, self.deleted)
        while not self._stopped.is_set():
            page = self.ledger.undoing.next(
                behind, self.limits.at_once * _TURNS, user_id=self.user_id
            )
            if not page:
                break
            behind = page[-1].number
            self.ledger.undoing.begin([one.number for one in page])
            outcomes = await deleting.delete(page)
            self.ledger.undoing.end(outcomes)
            done = sum(not one.remaining for one in outcomes)
            self.deleted.documents += done
            self.progress.undone += done
            deleting.raise_if_stopped()


@dataclass(slots=True)
class _Memory:
    """One memory to delete, and what came of it so far; ``tried`` with unknown outcome."""

    id: str
    gone: bool = False
    tried: bool = False
    refusal: str | None = None


@dataclass(slots=True)
class Deleting:
    """Deletes memories at the pace that Synap allows, some at once."""

    synap: Synap
    progress: Progress
    limits: ConfirmLimits
    stopped: anyio.Event
    deleted: Deleted
    _pace: AskingPace = field(init=False)
    _stop: Stop | None = None
    _failures_in_a_row: int = 0
    _last_answer: float = 0.0

    def __post_init__(self) -> None:
        self._pace = AskingPace(self.limits.per_second, self.stopped)
        self._last_answer = anyio.current_time()

    async def delete(self, page: Sequence[Undoable]) -> list[Undone]:
        """What became of these documents, as far as Synap said."""
        memories = [[_Memory(one) for one in document.memory_ids] for document in page]
        left = (memory for of_document in memories for memory in of_document)
        async with anyio.create_task_group() as tasks:
            for _ in range(self.limits.at_once):
                tasks.start_soon(self._delete_in_turn, left)
        return [
            _outcome(document, of_document)
            for document, of_document in zip(page, memories, strict=True)
        ]

    def raise_if_stopped(self) -> None:
        """Raise DestinationStoppedError when Synap lets no more be done."""
        if self._stop is not None:
            remedy = f"{self._stop.remedy} {_RESUME}".strip()
            raise DestinationStoppedError(self._stop.reason, remedy=remedy)

    async def _delete_in_turn(self, left: Iterator[_Memory]) -> None:
        for memory in left:
            await self._delete_one(memory)
            if self._stop is not None or self.stopped.is_set():
                return

    async def _delete_one(self, memory: _Memory) -> None:
        """Ask until there is an answer; after a few failures it is left for another run."""
        failures = 0
        pause = self.limits.first_pause_seconds
        while True:
            pace = await self._pace.turn()
            if pace is None or self._stop is not None:
                return
            meaning = read_deletion(await self._ask(memory.id), memory.id)
            self._take_heed(meaning, pace)
            match meaning:
                case Gone(now):
                    memory.gone = True
                    self.deleted.memories += now
                    self.deleted.gone_before += not now
                    return
                case Refused(reason):
                    memory.refusal = reason
                    return
                case Again(reason):
                    memory.tried = True
                    failures += 1
                    if failures >= self.limits.tries:
                        self._count_failure(reason)
                        return
                    await self._rest(pause)
                    pause = min(pause * 2, self.limits.longest_pause_seconds)

    def _take_heed(self, meaning: Meaning, pace: int) -> None:
        """Do at once what others who wait for their turn must know of."""
        now = anyio.current_time()
        match meaning:
            case Gone() | Refused():
                self._pace.well()
                self._last_answer = now
                self._failures_in_a_row = 0
                self.progress.waiting = ""
            case Wait(seconds, what) if (
                now + seconds - self._last_answer > self.limits.longest_wait_seconds
            ):
                self._stop = Stop(f"Synap asks to wait {seconds:.0f} s more for {what}.", "")
            case Wait(seconds, what):
                self._pace.too_fast(pace, seconds)
                self.progress.waiting, self.progress.waiting_until = what, now + seconds
            case Stop():
                self._stop = meaning

    def _count_failure(self, reason: str) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= self.limits.rounds:
            self._stop = Stop(f"Synap does not say that it deletes ({reason}).", "")

    async def _ask(self, memory_id: str) -> Exchange:
        with anyio.move_on_after(self.limits.answer_seconds):
            return await self.synap.delete(memory_id)
        return Exchange(failure=f"no answer within {self.limits.answer_seconds:.0f} s")

    async def _rest(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self.stopped.wait()


def _outcome(document: Undoable, memories: Sequence[_Memory]) -> Undone:
    remaining = tuple(memory.id for memory in memories if not memory.gone)
    is_unknown = any(memory.tried and not memory.gone for memory in memories)
    refusals = [memory.refusal for memory in memories if memory.refusal is not None]
    answered = len(memories) - len(remaining) + len(refusals)
    # A reason ends it for this document, so every memory must have been answered for.
    reason = refusals[0] if refusals and answered == len(memories) else None
    begun = document.begun or is_unknown or len(remaining) < len(memories)
    return Undone(document.number, remaining, reason, begun)
