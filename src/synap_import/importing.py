"""An import, from what was asked for to the run that does it.

Whoever wants one opens it, and runs it:

    async with opened_import(request, tell) as opened:
        end = await run_opened(opened, watchers, tell)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from .destination import is_this_machine, open_synap
from .destinations import (
    SANDBOX,
    SYNAP,
    Destination,
    opened_sandbox,
    real_destination,
    sandbox_destination,
)
from .engines import Commission, EngineChoice
from .errors import ConfigurationError, SourceError, UserMapError
from .events import (
    DestinationSeen,
    Ended,
    JobOpened,
    Listener,
    Progressed,
    SourceSeen,
    nobody,
)
from .extending import checks_of, open_elsewhere, transform_findings, transforms_of
from .following import Followed
from .host import open_source
from .identity import Target, identity_user_map, load_user_map, user_map_findings
from .jobs import JobIdentity, Workdir
from .ledger import Origin
from .loading import LoadLimits
from .loading.confirming import ConfirmChoice, ConfirmLimits
from .pipeline import Import
from .plugins import Plugins
from .preflight import accepted_codes, refusal, unaccepted
from .preflight.asking_credits import ask_credits
from .preflight.before_reading import (
    FindingsSaid,
    marker_for,
    moved_owner_findings,
    rules_for,
)
from .progress import Progress
from .resync import Resync, Resynced, ResyncRules
from .sampling import keep_samples
from .tracing import span
from .trying import Trial
from .watching import telling_progress, watch

if TYPE_CHECKING:
    from pydantic import BaseModel

    from .destination import Synap
    from .identity import UserMap
    from .jobs import Job
    from .ledger import Ledger
    from .pipeline import AskCredits
    from .planning import PlanRules
    from .sandbox.settings import Isolation
    from .sources import Finding, Source, SourceCheck
    from .watching import Run, RunEnd, Watcher

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What somebody wants imported, from where, by which rules.

    ``to`` is ``synap``, ``sandbox`` or the ``name:where`` of a destination of ``plugins``, of which
    ``transforms`` names what is done to the records, in that order; ``limit`` is a number of
    documents, of which ``trial`` are loaded without the others; ``accept`` are codes of findings
    that are no reason to send nothing. ``ledger`` is the address of the database that keeps it,
    empty for a file in the job's folder; ``engine`` is who reads and sends.
    """

    adapter: type[Source[Any]]
    config: BaseModel
    rules: PlanRules
    to: str = "synap"
    synap_url: str | None = None
    dry_run: bool = False
    limit: int | None = None
    accept: tuple[str, ...] = ()
    trial: int | None = None
    load_limits: LoadLimits = field(default_factory=LoadLimits)
    confirm: ConfirmChoice = ConfirmChoice.AUTO
    workdir: Workdir = field(default_factory=Workdir.default)
    new_job: bool = False
    ledger: str = field(default="", repr=False)
    resync: ResyncRules = field(default_factory=ResyncRules)
    plugins: Plugins = field(default_factory=Plugins)
    transforms: tuple[str, ...] = ()
    engine: EngineChoice = field(default_factory=EngineChoice)

    @property
    def is_partial(self) -> bool:
        """Whether it need not bring every record to its final state."""
        return self.dry_run or self.limit is not None or self.trial is not None


@dataclass(frozen=True, slots=True)
class OpenedImport:
    """An import that is ready to run, with what belongs to it."""

    request: ImportRequest
    run: Run
    job: Job
    destination: Destination
    ledger: Ledger
    synap: Synap | None = None


@asynccontextmanager
async def opened_import(
    request: ImportRequest, tell: Listener = nobody
) -> AsyncIterator[OpenedImport]:
    """Check the source, the destination and the rules; nothing is sent before the run.

    Raises SourceError, ConfigurationError and their kin when something must be changed first.
    """
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(open_source(request.adapter, request.config))
        check = await source.check()
        tell(SourceSeen(check.title, check.expected))
        said = FindingsSaid(tell)
        said.extend([*check.findings, *user_map_findings(request.rules.user_map)])
        checks = request.plugins.checks
        accepted = accepted_codes(request.accept, request.adapter.name, said.codes, checks)
        if not request.dry_run:
            _refuse_errors(unaccepted(check.findings, accepted))
        marker = marker_for(request.rules)
        transforms = transforms_of(request)
        destination, job = await _open_destination(stack, check, request, said.hear)
        tell(DestinationSeen(destination.title))
        if not request.dry_run:
            tell(JobOpened(job.name, str(job.folder)))
            request.engine.refuse_impossible(has_shared_ledger=bool(job.ledger), to=request.to)
        rules = rules_for(destination, request.rules, said, is_dry=request.dry_run)
        ledger = job.open_ledger()
        stack.callback(ledger.close)
        _refuse_half_rolled_back(job, ledger)
        said.extend(moved_owner_findings(ledger, rules))
        said.extend(transform_findings(ledger, transforms, request))
        ledger.findings.keep(said.findings, Origin.CHECK)
        synap = await _open_synap(stack, destination, request)
        progress = Progress(expected=check.expected)
        resync = Resync(request.resync, options_of(request.config))
        commission = Commission(
            adapter=request.adapter,
            source=source,
            account=check.account,
            job=job.name,
            ledger=ledger,
            address=job.ledger,
            destination=destination,
            form=rules.form,
            limits=request.load_limits,
            marker=marker,
            transforms=transforms,
            progress=progress,
        )
        run: Run = Import(
            source,
            ledger,
            rules,
            progress,
            None if request.dry_run else destination.elsewhere or synap,
            request.load_limits,
            request.limit,
            marker,
            accepted,
            _credits_of(destination, rules),
            resync,
            trial=None if request.trial is None else Trial(ledger, request.trial),
            transforms=transforms,
            checks=checks_of(request, destination),
            # What is only looked at is read here: its ledger is passing, and of this machine.
            engine=None if request.dry_run else request.engine.opened(stack, commission),
        )
        if synap is not None:
            limits = confirm_limits(destination.url)
            run = Followed(ledger, progress, synap, request.confirm, limits, run)
            if request.resync.again:
                run = Resynced(ledger, progress, synap, run, resync, limits)
        yield OpenedImport(request, run, job, destination, ledger, synap)


async def run_opened(
    opened: OpenedImport, watchers: Sequence[Watcher], tell: Listener = nobody
) -> RunEnd:
    """Run it with others looking on, and tell where it is and how it ended."""
    with span("import", job=opened.job.name, source=opened.job.source):
        end = await watch(
            opened.run,
            [*watchers, telling_progress(tell), keep_samples],
            is_partial=opened.request.is_partial,
            to_resume="The same command sends what was in flight again, under the same ids.",
        )
    if opened.request.dry_run:
        end = _refused(end, opened)
    tell(Progressed(asdict(opened.run.progress)))
    tell(Ended(end.books, end.exit_code, end.stopped.message if end.stopped else None))
    return end


def _refused(end: RunEnd, opened: OpenedImport) -> RunEnd:
    """How a dry run ended, with what would keep the load from beginning."""
    error = refusal(opened.ledger, opened.request.rules, frozenset(opened.request.accept))
    return replace(end, exit_code=error.exit_code, refused=error) if error else end


def options_of(config: BaseModel) -> str:
    """What tells the options of a source from others: a digest, and of secrets only the stars."""
    options = to_json(config.model_dump(exclude_defaults=True), fallback=str)
    return sha256(options).hexdigest()


def decided_user_map(choice: str) -> UserMap:
    """The user map of a file, or the one that keeps ids: ``identity``.

    Raises UserMapError when it cannot be read, or has rows that nobody decided about.
    """
    if choice == "identity":
        return identity_user_map()
    user_map = load_user_map(Path(choice))
    undecided = user_map.undecided()
    if undecided:
        rows = [f"line {row.line} ({row.source_id or '*'})" for row in undecided[:_EXAMPLES]]
        more = f" and {len(undecided) - _EXAMPLES} more" if len(undecided) > _EXAMPLES else ""
        raise UserMapError(
            f"{len(undecided)} rows of {choice} are undecided: {', '.join(rows)}{more}. "
            "Nothing was sent.",
            remedy="Fill in their user_id, or write keep or skip into the column action.",
        )
    return user_map


def confirm_limits(url: str, patience_seconds: float = 300.0) -> ConfirmLimits:
    """How hard Synap at this address may be asked: one on this machine has nobody to spare."""
    if is_this_machine(url):
        return ConfirmLimits(
            per_second=500, first_pause_seconds=0.2, patience_seconds=patience_seconds
        )
    return ConfirmLimits(patience_seconds=patience_seconds)


def _credits_of(destination: Destination, rules: PlanRules) -> AskCredits | None:
    # What a rehearsal would cost is made up.
    if destination.identity is None or destination.name == SANDBOX:
        return None
    return partial(ask_credits, destination, mode=rules.mode)


def _refuse_errors(errors: Sequence[Finding]) -> None:
    if errors:
        raise SourceError(
            f"{errors[0].message} Nothing was sent.",
            remedy=errors[0].remedy or "A run with --dry-run shows what would be loaded.",
        )


async def _open_destination(
    stack: AsyncExitStack, check: SourceCheck, request: ImportRequest, tell: Listener
) -> tuple[Destination, Job]:
    """Where it goes and the job, whose folder the sandbox needs."""
    if request.to == SANDBOX:
        job = stack.enter_context(_opened_job(check, SANDBOX, request))
        isolation: Isolation = "b2b" if _names_customers(request.rules) else "b2c"
        url = stack.enter_context(opened_sandbox(job.folder, isolation))
        return await sandbox_destination(url), job
    if request.to != SYNAP:
        elsewhere = await open_elsewhere(stack, request)
        return elsewhere, stack.enter_context(_opened_job(check, elsewhere.name, request))
    real = await real_destination(request.synap_url, or_nowhere=request.dry_run, tell=tell)
    return real, stack.enter_context(_opened_job(check, real.name, request))


@contextmanager
def _opened_job(check: SourceCheck, destination: str, request: ImportRequest) -> Iterator[Job]:
    """The job of this source and destination, locked; a dry run has one that vanishes."""
    identity = JobIdentity(request.adapter.name, check.account, destination)
    if request.dry_run:
        with request.workdir.passing_job(identity, check.title) as job:
            yield job
        return
    job = request.workdir.job(
        identity, check.title, start_over=request.new_job, ledger=request.ledger
    )
    with job.locked():
        yield job


def _names_customers(rules: PlanRules) -> bool:
    return bool(rules.customer_id) or any(
        isinstance(row.decision, Target) and row.decision.customer_id
        for row in rules.user_map.rows()
    )


def _refuse_half_rolled_back(job: Job, ledger: Ledger) -> None:
    count = ledger.undoing.unfinished()
    if count:
        documents = "1 document has" if count == 1 else f"{count:,} documents have"
        raise ConfigurationError(
            f"A rollback of job {job.name} is not finished: {documents} lost a part of their "
            "memories, or may have. Nothing was sent.",
            remedy=f"Finish it first: synap-import rollback {job.name}",
        )


async def _open_synap(
    stack: AsyncExitStack, destination: Destination, request: ImportRequest
) -> Synap | None:
    if request.dry_run or destination.identity is None:
        return None
    return await stack.enter_async_context(
        open_synap(destination.url, destination.api_key, destination.identity)
    )
