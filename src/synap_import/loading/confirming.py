"""Follows accepted documents until Synap has made memories of them: accepted is not ingested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn, Protocol

import anyio

from synap_import.destination import MAX_IN_FLIGHT, Exchange, Synap
from synap_import.errors import DestinationStoppedError
from synap_import.ledger import Confirmable, Ingested, Ledger

from .asking_pace import AskingPace
from .ingestions import Meaning, read_status
from .verdicts import Again, Stop, Wait

if TYPE_CHECKING:
    from synap_import.progress import Progress

_TURNS = 4
"""Turns of each asker between writing down what was heard."""

_RESUME = "What was loaded stays loaded; synap-import confirm goes on with the rest later."


class ConfirmChoice(StrEnum):
    """Which accepted documents to follow; ``auto`` is all of a few, else a sample."""

    AUTO = "auto"
    ALL = "all"
    SAMPLE = "sample"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ConfirmLimits:
    """How often Synap may be asked, and how long there is patience.

    ``per_second`` leaves a part of the documented 600 requests a minute to others, and
    ``all_up_to`` documents, one request each, take four minutes of it; more are sampled.
    ``patience_seconds`` without any document getting finished end the wait, once each was
    asked about. ``tries`` without a usable answer leave a document for another run;
    ``rounds`` without any, or being told to wait for ``longest_wait_seconds``, end the run.
    """

    per_second: float = 8.0
    at_once: int = 4
    all_up_to: int = 2_000
    patience_seconds: float = 300.0
    answer_seconds: float = 30.0
    tries: int = 3
    rounds: int = 6
    first_pause_seconds: float = 2.0
    longest_pause_seconds: float = 30.0
    longest_wait_seconds: float = 900.0

    def __post_init__(self) -> None:
        if not 1 <= self.at_once <= MAX_IN_FLIGHT:
            raise ValueError(f"at_once must be 1 to {MAX_IN_FLIGHT}")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How far it came: of so many documents to follow, so many are not finished yet."""

    followed: int
    unfinished: int


class Askable(Protocol):
    """Accepted documents to ask about, and where the answers go: a ledger, or a part of one."""

    def unconfirmed(
        self, behind: int, limit: int, *, user_id: str | None = None
    ) -> list[Confirmable]:
        """The next documents (of a user), behind this number, that are not finished."""
        ...

    def confirm(self, answers: Sequence[tuple[int, Ingested]]) -> None:
        """Write what Synap said about documents."""
        ...


async def follow(
    documents: Askable,
    synap: Synap,
    progress: Progress,
    limits: ConfirmLimits,
    stopped: anyio.Event,
) -> None:
    """Ask about these documents until each is finished, within the limits.

    Raises DestinationStoppedError when Synap refuses to tell, or cannot.
    """
    await _Following(documents, synap, progress, limits, stopped).run()


async def confirm(
    ledger: Ledger,
    synap: Synap,
    choice: ConfirmChoice,
    progress: Progress,
    limits: ConfirmLimits | None = None,
    *,
    stopped: anyio.Event | None = None,
    user_id: str | None = None,
) -> Confirmed:
    """Follow the documents of this choice and those chosen before, within the limits.

    With ``user_id`` just that user's, of which the choice can only be all.
    What is known is in the ledger at any time, and is not asked for again. Setting
    ``stopped`` ends it after the answers that are under way. Raises DestinationStoppedError
    when Synap refuses to tell, or cannot.
    """
    if choice is ConfirmChoice.NONE:
        return Confirmed(0, 0)
    limits = limits or ConfirmLimits()
    _choose(ledger, choice, limits.all_up_to, user_id)
    books = ledger.books()
    progress.to_confirm = books.to_confirm
    progress.confirmed = books.to_confirm - books.unconfirmed
    stopping = stopped or anyio.Event()
    await _Following(ledger.confirming, synap, progress, limits, stopping, user_id).run()
    books = ledger.books()
    return Confirmed(books.to_confirm, books.unconfirmed)


def _choose(ledger: Ledger, choice: ConfirmChoice, all_up_to: int, user_id: str | None) -> None:
    match choice:
        case ConfirmChoice.ALL:
            ledger.confirming.choose(user_id=user_id)
        case ConfirmChoice.SAMPLE:
            ledger.confirming.choose(all_up_to)
        case _:
            few = ledger.confirming.confirmable(only_new=True) <= all_up_to
            ledger.confirming.choose(None if few else all_up_to, only_new=True)


@dataclass(slots=True)
class _Round:
    """What asking about each unfinished document once brought."""

    answered: int = 0
    finished: int = 0
    open: int = 0
    failures_in_a_row: int = 0


@dataclass(slots=True)
class _Following:
    """One run: rounds over the unfinished documents, with growing pauses between them."""

    ledger: Askable
    synap: Synap
    progress: Progress
    limits: ConfirmLimits
    stopped: anyio.Event
    user_id: str | None = None
    _pace: AskingPace = field(init=False)
    _failures: Counter[int] = field(default_factory=Counter)
    _last_failure: str = ""
    _stop: Stop | None = None
    _last_answer: float = 0.0
    _last_finish: float | None = None

    def __post_init__(self) -> None:
        self._pace = AskingPace(self.limits.per_second, self.stopped)

    async def run(self) -> None:
        began = self._last_answer = anyio.current_time()
        pause = self.limits.first_pause_seconds
        fruitless = 0
        while not self.stopped.is_set():
            done = await self._round()
            fruitless = 0 if done.answered or not done.failures_in_a_row else fruitless + 1
            if fruitless >= self.limits.rounds:
                self._give_up()
            if self._last_finish is None or done.finished:
                self._last_finish = anyio.current_time()
                pause = self.limits.first_pause_seconds
            if not done.open or not self._is_patient(pause):
                break
            await self._rest(pause)
            pause = min(pause * 2, self.limits.longest_pause_seconds)
        if self._failures and self._last_answer == began and not self.stopped.is_set():
            self._give_up()

    async def _round(self) -> _Round:
        done = _Round()
        behind = 0
        at_once = self.limits.at_once * _TURNS
        while page := self.ledger.unconfirmed(behind, at_once, user_id=self.user_id):
            behind = page[-1].number
            await self._ask_page([one for one in page if not self._is_set_aside(one)], done)
            if self.stopped.is_set() or done.failures_in_a_row >= self.limits.rounds:
                break
            if self._last_finish is not None and not done.finished and not self._is_patient():
                break
        return done

    def _is_set_aside(self, document: Confirmable) -> bool:
        return self._failures[document.number] >= self.limits.tries

    def _is_patient(self, pause: float = 0.0) -> bool:
        """Whether a document was finished, or the first round, not longer ago than agreed."""
        waited = anyio.current_time() + pause - (self._last_finish or 0.0)
        return waited <= self.limits.patience_seconds

    async def _ask_page(self, page: Sequence[Confirmable], done: _Round) -> None:
        """Ask about these, some at once, and write down what is known then."""
        heard: list[tuple[Confirmable, Meaning]] = []
        left = iter(page)
        async with anyio.create_task_group() as tasks:
            for _ in range(self.limits.at_once):
                tasks.start_soon(self._ask_in_turn, left, heard)
        said = [(one.number, meaning) for one, meaning in heard if isinstance(meaning, Ingested)]
        self.ledger.confirm(said)
        finished = sum(not meaning.confirmation.is_open for _, meaning in said)
        self.progress.confirmed += finished
        done.answered += len(said)
        done.finished += finished
        done.open += len(page) - finished
        for document, meaning in heard:
            self._note(document, meaning, done)
        if self._stop is not None:
            remedy = f"{self._stop.remedy} {_RESUME}".strip()
            raise DestinationStoppedError(self._stop.reason, remedy=remedy)

    async def _ask_in_turn(
        self, left: Iterator[Confirmable], heard: list[tuple[Confirmable, Meaning]]
    ) -> None:
        for document in left:
            pace = await self._pace.turn()
            if pace is None or self._stop is not None:
                return
            meaning = read_status(await self._ask(document), document)
            heard.append((document, meaning))
            self._take_heed(meaning, pace)

    def _take_heed(self, meaning: Meaning, pace: int) -> None:
        """Do at once what others who wait for their turn must know of."""
        now = anyio.current_time()
        match meaning:
            case Ingested():
                self._pace.well()
                self._last_answer = now
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

    async def _ask(self, document: Confirmable) -> Exchange:
        with anyio.move_on_after(self.limits.answer_seconds):
            return await self.synap.status(document.ingestion_id)
        return Exchange(failure=f"no answer within {self.limits.answer_seconds:.0f} s")

    def _note(self, document: Confirmable, meaning: Meaning, done: _Round) -> None:
        match meaning:
            case Ingested():
                self._failures.pop(document.number, None)
                done.failures_in_a_row = 0
            case Again(reason):
                self._failures[document.number] += 1
                self._last_failure = reason
                done.failures_in_a_row += 1

    async def _rest(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self.stopped.wait()

    def _give_up(self) -> NoReturn:
        raise DestinationStoppedError(
            f"Synap does not say what became of the documents ({self._last_failure}).",
            remedy=_RESUME,
        )
