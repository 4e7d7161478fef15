"""Verifies a job: a sample of its documents is searched for, as their users would do it.

Nothing in Synap is changed. What it tells on the way about ingestions is kept in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from synap_import.forms import kept_form
from synap_import.ledger import Confirmable, Confirmation, Ingested
from synap_import.loading.confirming import ConfirmLimits
from synap_import.loading.ingestions import read_status
from synap_import.preflight.masking import masked
from synap_import.preflight.privacy import Privacy

from .answers import NotThere, Searched, There, read_memory, read_search
from .asking import Asker, Unanswered
from .judging import (
    Mixup,
    Outcome,
    Sought,
    is_foreign,
    judge_ingestion,
    judge_search,
    mixups,
    settle,
)

if TYPE_CHECKING:
    from synap_import.destination import Synap
    from synap_import.ledger import Books, Ledger, Verifiable
    from synap_import.progress import Progress

_AT_ONCE = 25
_TRIES_FOR_A_MEMORY = 3
_LONGEST_CONTENT = 2_000


@dataclass(frozen=True, slots=True)
class VerifyLimits:
    """How often Synap may be asked.

    Searches have a rate of their own: documented were 1,200 a minute, of which a part is left to
    others. ``pauses`` lie before each time that what was not found is searched for again: an
    index may lag behind, and a degraded search may recover. Of ``memories`` found documents, so
    many ``memories_of_each`` are asked for by their ids.
    """

    asking: ConfirmLimits = field(default_factory=ConfirmLimits)
    searches_per_second: float = 10.0
    pauses: tuple[float, ...] = (5.0, 20.0)
    memories: int = 25
    memories_of_each: int = 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many requests a verification makes; more ``searches_at_most`` when some are repeated."""

    documents: int
    statuses: int
    searches: int
    searches_at_most: int
    memories: int


@dataclass(slots=True)
class Verified:
    """What was found. ``foreign`` memories name another source document than the one asked for."""

    sought: list[Sought] = field(default_factory=list)
    mixups: list[Mixup] = field(default_factory=list)
    memories_asked: int = 0
    memories_there: int = 0
    memories_empty: int = 0
    foreign: int = 0
    searches: int = 0
    questions: int = 0


@dataclass(slots=True)
class Verification:
    """One run over about ``sample`` documents (of one user), or over those ``among`` these."""

    ledger: Ledger
    synap: Synap
    progress: Progress
    sample: int = 100
    user_id: str | None = None
    among: Sequence[int] | None = None
    limits: VerifyLimits = field(default_factory=VerifyLimits)
    found: Verified = field(default_factory=Verified)
    _stopped: anyio.Event = field(default_factory=anyio.Event)
    _memories: Asker = field(init=False)
    _searches: Asker = field(init=False)

    def choose(self) -> Forecast:
        """Take the sample from the ledger; asks nobody."""
        documents = self.ledger.verifying.sample(
            self.sample, user_id=self.user_id, among=self.among
        )
        self.found.sought = [Sought.of(document) for document in self._as_sent(documents)]
        self.progress.to_verify = len(self.found.sought)
        searches = sum(document.query is not None for document in self.found.sought)
        return Forecast(
            documents=len(self.found.sought),
            statuses=sum(document.is_to_be_confirmed for document in self.found.sought),
            searches=searches,
            searches_at_most=searches * (1 + len(self.limits.pauses)),
            memories=len(self._to_look_at()),
        )

    def _as_sent(self, documents: Iterator[Verifiable]) -> Iterator[Verifiable]:
        """What was masked when it was sent is not what Synap is asked for either."""
        form = kept_form(self.ledger)
        if form is None or not form.redact:
            yield from documents
            return
        privacy = Privacy()
        for one in documents:
            records = tuple(masked(record, privacy) for record in one.records)
            yield one._replace(records=records)

    async def run(self) -> Books:
        """Ask about the sample; returns the account of the job, ``found`` has what was found.

        Raises DestinationStoppedError when Synap answers no more.
        """
        asking = self.limits.asking
        self._memories = Asker(asking.per_second, asking, self.progress, self._stopped)
        self._searches = Asker(
            self.limits.searches_per_second, asking, self.progress, self._stopped
        )
        try:
            await self._seek(self.found.sought)
            for pause in self.limits.pauses:
                again = [one for one in self.found.sought if one.is_to_be_asked_again]
                if not again or self._stopped.is_set():
                    break
                await self._rest(pause)
                await self._seek(again)
            await self._look_at_memories()
            settle(self.found.sought)
        finally:
            self.found.searches = self._searches.asked
            self.found.questions = self._memories.asked
        return self.ledger.books()

    def stop(self) -> None:
        """Finish what is in flight and end."""
        self.progress.stopping = True
        self._stopped.set()

    async def _seek(self, documents: Sequence[Sought]) -> None:
        for begin in range(0, len(documents), _AT_ONCE):
            page = documents[begin : begin + _AT_ONCE]
            await self._confirm([one for one in page if one.is_to_be_confirmed])
            if self._stopped.is_set():
                return
            heard: list[tuple[Sought, Searched]] = []
            searchable = [one for one in page if judge_ingestion(one)]
            await self._each(searchable, partial(self._search, heard=heard))
            self._judge(heard)
            self.progress.verified = sum(one.outcome is not None for one in self.found.sought)
            self._raise_if_stopped()

    async def _confirm(self, documents: Sequence[Sought]) -> None:
        heard: list[tuple[int, Ingested]] = []
        await self._each(documents, partial(self._ask_status, heard=heard))
        self.ledger.confirming.confirm(heard)

    async def _ask_status(self, document: Sought, heard: list[tuple[int, Ingested]]) -> None:
        ingestion_id = document.ingestion_id or ""
        asked = Confirmable(
            document.number, ingestion_id, document.confirmation or Confirmation.WAITING
        )
        said = await self._memories.ask(
            partial(self.synap.status, ingestion_id), partial(read_status, asked=asked)
        )
        if isinstance(said, Ingested):
            heard.append((document.number, said))
            document.confirmation = said.confirmation
            document.memory_ids, document.unnamed = said.memory_ids, said.unnamed
            document.reason = said.message or ""

    async def _search(self, document: Sought, heard: list[tuple[Sought, Searched]]) -> None:
        if document.query is None:
            return
        said = await self._searches.ask(
            partial(
                self.synap.search,
                document.user_id,
                document.customer_id,
                document.query.text,
                accurate=document.outcome is Outcome.NOT_FOUND,
            ),
            partial(read_search, query=document.query),
        )
        if isinstance(said, Searched):
            heard.append((document, said))
        elif isinstance(said, Unanswered):
            document.conclude(Outcome.UNVERIFIED, said.reason)

    def _judge(self, heard: Sequence[tuple[Sought, Searched]]) -> None:
        names = {name for _, said in heard for item in said.items for name in item.names}
        given = self.ledger.verifying.given(sorted(names))
        for document, said in heard:
            judge_search(document, said, given)
            for mixup in mixups(document, said, given):
                if mixup not in self.found.mixups:
                    self.found.mixups.append(mixup)

    def _to_look_at(self) -> list[Sought]:
        """Of which a memory is asked for by its id: of all if they are few, else one of a user."""
        known = [one for one in self.found.sought if one.memory_ids or one.is_to_be_confirmed]
        if len(known) <= self.limits.memories:
            return known
        firsts = {(one.user_id, one.customer_id): one for one in reversed(known)}
        return list(firsts.values())[: self.limits.memories]

    async def _look_at_memories(self) -> None:
        doubtful = [
            document
            for document in self.found.sought
            if document.outcome in (Outcome.NOT_FOUND, Outcome.OUTRANKED)
        ]
        chosen = {id(one): one for one in [*doubtful, *self._to_look_at()] if one.memory_ids}
        await self._each(list(chosen.values()), self._look_at)
        self._raise_if_stopped()

    async def _look_at(self, document: Sought) -> None:
        """Ask for the document's memories until enough are there."""
        for memory_id in document.memory_ids[: max(_TRIES_FOR_A_MEMORY, self._of_each)]:
            said = await self._memories.ask(
                partial(self.synap.memory, memory_id), partial(read_memory, memory_id=memory_id)
            )
            if not isinstance(said, There | NotThere):
                return
            self.found.memories_asked += 1
            document.memory_there = document.memory_there or isinstance(said, There)
            if isinstance(said, There):
                self.found.memories_there += 1
                self.found.memories_empty += not said.content
                self.found.foreign += is_foreign(said.document_id, document.document_id)
                document.contents.append(said.content[:_LONGEST_CONTENT])
                if len(document.contents) >= self._of_each:
                    return

    @property
    def _of_each(self) -> int:
        return self.limits.memories_of_each

    async def _each(
        self,
        documents: Sequence[Sought],
        work: Callable[[Sought], Coroutine[Any, Any, None]],
    ) -> None:
        """Do it for each, some at once."""
        left = iter(documents)

        async def in_turn(left: Iterator[Sought]) -> None:
            for document in left:
                if not self._stopped.is_set():
                    await work(document)

        async with anyio.create_task_group() as tasks:
            for _ in range(self.limits.asking.at_once):
                tasks.start_soon(in_turn, left)

    def _raise_if_stopped(self) -> None:
        self._memories.raise_if_stopped()
        self._searches.raise_if_stopped()

    async def _rest(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self._stopped.wait()
