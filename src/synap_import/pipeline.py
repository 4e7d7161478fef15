"""The way of the data: source → ledger → documents → Synap → ledger, in one readable page.

Two tasks run side by side and hand over through the ledger, never in memory, so a resumed
run takes the same path as a fresh one, and memory stays flat:

    export   stages pages of the source with their cursors, plans what is undecided
    load     sends planned documents to Synap, writes answers into the ledger

Who reads pages and sends documents is the engine's affair: this process, or others.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from anyio.lowlevel import checkpoint

from .engines import Here, Reading
from .errors import most_telling
from .forms import keep_announced, keep_form, keep_transforms
from .handover import Handover
from .ledger import Origin
from .loading import LoadLimits
from .planning import Decisions, Hold, PlanRules, plan_conversation, plan_records
from .preflight import Marker, accept, in_order, look, refusal, refuses_unmapped
from .preflight.masking import making
from .preflight.outlook import credit_findings, estimate
from .preflight.visibility import may_be_refused
from .resync import Resync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .destination import Synap
    from .engines import Engine
    from .errors import SynapImportError
    from .hooks.checking import Checks
    from .hooks.transforming import Transforms
    from .ledger import Books, Ledger
    from .loading.elsewhere import Elsewhere
    from .preflight.outlook import Credits
    from .progress import Progress
    from .sources import Source
    from .trying import Trial

    AskCredits = Callable[[int], Awaitable[Credits]]

_PLANNED_AT_ONCE = 250
_MARKS = "marks"


@dataclass(slots=True)
class Import:
    """One run of a job. Without a ``synap`` it is a dry run: everything but the load.

    ``accepted`` are codes of findings that are no reason to send nothing; ``ask_credits`` asks
    what so many documents will cost. ``transforms`` and ``checks`` are those of plugins.
    Without an ``engine`` this process does it all.
    """

    source: Source[Any]
    ledger: Ledger
    rules: PlanRules
    progress: Progress
    synap: Synap | Elsewhere | None = None
    limits: LoadLimits = field(default_factory=LoadLimits)
    limit: int | None = None
    marker: Marker = field(default_factory=Marker)
    accepted: frozenset[str] = frozenset()
    ask_credits: AskCredits | None = None
    resync: Resync = field(default_factory=Resync)
    trial: Trial | None = None
    transforms: Transforms | None = None
    checks: Checks | None = None
    engine: Engine | None = None
    _planned: Handover = field(default_factory=Handover)
    _is_resync: bool = False
    _read_to_the_end: bool = False
    _reading: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _refusal: SynapImportError | None = None
    _engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self._engine = self.engine or self._here()

    async def run(self) -> Books:
        """Bring every record of the source to its state; returns the account of the job.

        Raises UserMapError when users are unmapped and may not be, PreflightError when the
        pre-flight found another error that is not accepted: before anything is sent, unless the
        user map has a rule for all users; StoppedError when the run ended early and can be
        resumed.
        """
        self._begin()
        try:
            async with self._engine.working(), anyio.create_task_group() as tasks:
                tasks.start_soon(self._export)
                if self.synap is not None:
                    tasks.start_soon(self._load, self.synap)
        except ExceptionGroup as group:
            raise most_telling(group) from group
        is_dry = self.synap is None
        if self._refusal is not None and not is_dry and not self.progress.stopping:
            raise self._refusal
        return self.ledger.books()

    def stop(self) -> None:
        """Finish what is in flight, keep what was read, and end."""
        self.progress.stopping = True
        self._reading.cancel()
        self._engine.stop_sending()

    def _begin(self) -> None:
        transforms = self.transforms
        exported = transforms.exported(self.ledger.reading) if transforms else self.ledger.reading
        self.source.context.exported = exported
        keep_announced(self.ledger, self.progress.expected)
        self.ledger.sending.recover(hold_doubts=self.limits.hold_doubts)
        self.ledger.planning.replan(self.rules.fingerprint())
        self._mark_what_is_known()
        keep_form(self.ledger, self.rules.form)
        self._is_resync = self.resync.begin(self.ledger)
        # Not before: until everything is to be read again, the records are what they were.
        keep_transforms(self.ledger, self.transforms.fingerprint if self.transforms else "")
        self.progress.go_on_from(self.ledger.books())

    def _here(self) -> Engine:
        reading = Reading(
            self.source, self.ledger, self.progress, self.marker.marks, self.transforms
        )
        return Here(reading, making(self.rules.form), self.limits)

    async def _export(self) -> None:
        with self._reading:
            await self._plan_records()
            if await self._read():
                self._read_to_the_end = True
                found = await self.source.reconcile()
                self.ledger.findings.keep(found)
                await self.resync.end(self.ledger, found, mirrors=self.synap is not None)
        self.progress.reading_done = True
        await self._plan_records()
        await self._plan_conversations()
        if not self.progress.stopping:
            await self._look()
        if self._is_resync:
            self.progress.go_on_from(self.ledger.books())
        self._planned.finish()

    async def _read(self) -> bool:
        """Read, and plan what was read meanwhile; returns whether that is all there is."""
        async with aclosing(self._engine.read(self.source.partitions())) as turns:
            async for staged in turns:
                if staged and not self._is_resync:  # which sends nothing before all is read
                    await self._plan_records()
                if not self._left_of_limit():
                    return False
        return True

    def _mark_what_is_known(self) -> None:
        """Mark what was staged before there were marks, or without a search that there is now."""
        known = self.ledger.noted(_MARKS)
        if known is None or (self.marker.scans and known != self.marker.version):
            self.ledger.surveying.remark(self.marker.marks)
        self.ledger.note(_MARKS, self.marker.version)

    async def _look(self) -> None:
        """The pre-flight: what was read and planned, with the last moment to say no."""
        seen = look(self.ledger, self.rules, self.source.holds, scanned=self.marker.scans)
        outlook = seen.outlook
        if self.ask_credits is not None and outlook.to_send:
            outlook = outlook._replace(credits=await self.ask_credits(outlook.units))
        told = seen.findings
        if self.checks is not None:
            told = [*told, *await self.checks.run(self.ledger)]
        found = [*accept(told, self.accepted), *credit_findings(outlook.credits)]
        if self.synap is None:
            found.append(estimate(outlook))
        self.ledger.findings.keep(in_order(found), Origin.PREFLIGHT)
        self._refusal = refusal(self.ledger, self.rules, self.accepted)
        if self._refusal is not None:
            self._engine.stop_sending()

    async def _plan_records(self) -> None:
        while not self.progress.stopping and (left := self._left_of_limit()):
            staged = self.ledger.planning.unplanned(left)
            if staged:
                self._keep(plan_records(staged, self.rules))
            if len(staged) < left:
                return
            await checkpoint()
            await self._engine.let_sending_go_first()

    async def _plan_conversations(self) -> None:
        conversations = self.ledger.planning.unplanned_conversations()
        while not self.progress.stopping and self._left_of_limit():
            turns = next(conversations, None)
            if turns is None:
                return
            complete = self._read_to_the_end
            self._keep(plan_conversation(turns, self.rules, complete=complete))
            await checkpoint()

    def _keep(self, decisions: Decisions) -> None:
        self.ledger.planning.plan(decisions.documents, decisions.holds)
        if self._refuses(decisions):
            self._engine.stop_sending()
        self.progress.held += len(decisions.holds)
        self.progress.planned += len(decisions.documents)
        self._planned.announce()

    def _refuses(self, decisions: Decisions) -> bool:
        return refuses_unmapped(self.rules, self.accepted) and any(
            reason == Hold.UNMAPPED_USER for _, reason in decisions.holds
        )

    def _left_of_limit(self) -> int:
        if self.limit is None:
            return _PLANNED_AT_ONCE
        return max(0, min(_PLANNED_AT_ONCE, self.limit - self.progress.planned))

    async def _load(self, synap: Synap | Elsewhere) -> None:
        if self.trial is not None or not self._may_send_while_reading():
            await self._planned.all()
        claim = None
        if self.progress.stopping or self._refusal is not None:
            self._engine.stop_sending()
        elif self.trial is not None:
            self.trial.choose()
            claim = self.trial.claim
        await self._engine.send(synap, self._planned.more, claim)

    def _may_send_while_reading(self) -> bool:
        """Whether nothing that may still come can be a reason to send nothing, or something else.

        A re-sync still finds out what has changed of that which it could send.
        """
        if self._is_resync or may_be_refused(self.rules, self.accepted):
            return False
        if self.checks is not None and self.checks.may_stop:
            return False
        known = self.rules.user_map.covers_every_user
        return known or not refuses_unmapped(self.rules, self.accepted)
