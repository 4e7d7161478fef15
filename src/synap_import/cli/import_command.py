"""``synap-import SOURCE``: the main job."""

from __future__ import annotations

import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import click

from synap_import.destination import Synap, open_synap
from synap_import.errors import (
    ConfigurationError,
    DestinationStoppedError,
    ExitCode,
    InterruptedRunError,
    SourceError,
    SourceUnavailableError,
    StoppedError,
    UserMapError,
)
from synap_import.following import Followed
from synap_import.host import open_source
from synap_import.identity import (
    UserMap,
    apply_isolation_rule,
    identity_user_map,
    load_user_map,
    user_map_findings,
)
from synap_import.loading import LoadLimits
from synap_import.pipeline import Import
from synap_import.planning import Ownerless, PlanRules, Unmapped, UserlessOwner, moved_owners
from synap_import.progress import Progress
from synap_import.sources import Finding, Severity

from . import display, summary
from .confirm_options import confirm_limits
from .destinations import (
    SANDBOX,
    Destination,
    opened_job,
    real_destination,
    sandbox_destination,
    started_sandbox,
)
from .terminal import inert, number, say, say_finding

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.jobs import Job
    from synap_import.ledger import Books, Ledger
    from synap_import.plugins import InstalledSource
    from synap_import.sources import Source, SourceCheck

    from .import_options import ImportOptions

_EXAMPLES = 5
# After these the account can be told: the ledger is well, a peer is not.
_STOPPED_BY_PEER = (DestinationStoppedError, SourceUnavailableError)


class Run(Protocol):
    """What can be watched: an import, or a part of one that is done again."""

    ledger: Ledger
    progress: Progress

    async def run(self) -> Books:
        """Do it; returns the account of the job."""
        ...

    def stop(self) -> None:
        """Finish what is in flight and end."""
        ...


def run_import(installed: InstalledSource, config: BaseModel, options: ImportOptions) -> int:
    """Run the import; returns the exit code."""
    user_map = _user_map(installed.declaration.name, options)
    return anyio.run(_import, installed.load(), config, options, user_map)


async def _import(
    adapter: type[Source[Any]], config: BaseModel, options: ImportOptions, user_map: UserMap
) -> int:
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(open_source(adapter, config))
        check = await source.check()
        say(f"Source: {inert(check.title)}")
        for finding in [*check.findings, *user_map_findings(user_map)]:
            say_finding(finding)
        if not options.dry_run:
            _refuse_errors(check)
        destination, job = await _open_destination(stack, adapter.name, check, options, user_map)
        say(f"Destination: {destination.title}")
        user_map = apply_isolation_rule(
            user_map,
            isolation=destination.identity.isolation if destination.identity else None,
            customer_id=options.customer_id,
        )
        if not options.dry_run:
            say(f"Job: {job.name} in {job.folder}")
        ledger = job.open_ledger()
        stack.callback(ledger.close)
        _refuse_half_rolled_back(job, ledger)
        rules = _rules(options, user_map)
        _say_moved_owners(ledger, rules)
        progress = Progress(expected=check.expected)
        synap = await _open_synap(stack, destination, options)
        limits = LoadLimits(in_flight=options.in_flight, hold_doubts=options.on_doubt == "hold")
        run: Run = Import(source, ledger, rules, progress, synap, limits, options.limit)
        if synap is not None:
            limits_of_asking = confirm_limits(destination.url)
            run = Followed(ledger, progress, synap, options.confirm, limits_of_asking, run)
        code = await watched(run, job, destination, options)
        say_what_is_unfinished(job, ledger)
        return code


def _refuse_errors(check: SourceCheck) -> None:
    errors = [finding for finding in check.findings if finding.severity is Severity.ERROR]
    if errors:
        raise SourceError(
            f"{errors[0].message} Nothing was sent.",
            remedy=errors[0].remedy or "A run with --dry-run shows what would be loaded.",
        )


def _refuse_half_rolled_back(job: Job, ledger: Ledger) -> None:
    count = ledger.undoing()
    if count:
        documents = "1 document has" if count == 1 else f"{number(count)} documents have"
        raise ConfigurationError(
            f"A rollback of job {job.name} is not finished: {documents} lost a part of their "
            "memories, or may have. Nothing was sent.",
            remedy=f"Finish it first: synap-import rollback {job.name}",
        )


def say_what_is_unfinished(job: Job, ledger: Ledger) -> bool:
    """Say how to go on with documents that Synap has not finished; False when there are none."""
    count = ledger.books().unconfirmed
    if count:
        documents = "1 document is" if count == 1 else f"{number(count)} documents are"
        say(
            f"{documents} not finished in Synap yet; `synap-import confirm {job.name}` "
            "goes on later."
        )
    return count > 0


def _say_moved_owners(ledger: Ledger, rules: PlanRules) -> None:
    moved = moved_owners(ledger.loaded_targets(), rules)
    if moved:
        say_finding(
            Finding(
                Severity.WARNING,
                "moved-owners",
                "The user map says something else now than when these were loaded; "
                "what was loaded stays where it is.",
                "If it went to the wrong users, start over in a fresh Synap instance.",
                len(moved),
                moved,
            )
        )


async def _open_destination(
    stack: AsyncExitStack,
    source: str,
    check: SourceCheck,
    options: ImportOptions,
    user_map: UserMap,
) -> tuple[Destination, Job]:
    real = await real_destination(options)
    name = real.name if real else SANDBOX
    job = stack.enter_context(opened_job(check, source, name, options))
    if real:
        return real, job
    url = stack.enter_context(started_sandbox(job.folder, user_map, options))
    return await sandbox_destination(url), job


async def _open_synap(
    stack: AsyncExitStack, destination: Destination, options: ImportOptions
) -> Synap | None:
    if options.dry_run or destination.identity is None:
        return None
    return await stack.enter_async_context(
        open_synap(destination.url, destination.api_key, destination.identity)
    )


async def watched(run: Run, job: Job, destination: Destination, options: ImportOptions) -> int:
    """Run with a display and with Ctrl-C, then tell how it ended."""
    books, stopped = await run_watched(
        run, "The same command sends what was in flight again, under the same ids."
    )
    code = _exit_code(run, books, stopped, options)
    if options.as_json:
        said = stopped.message if stopped else ""
        click.echo(summary.as_json(job, books, code, run.ledger.findings(), said))
    else:
        _print_account(run.ledger, job, destination, books, dry_run=options.dry_run)
    if stopped:
        raise stopped
    if code == ExitCode.INTERRUPTED:
        say("Interrupted. What was in flight is finished; the same command resumes.")
    return code


async def run_watched(run: Run, to_resume: str) -> tuple[Books, StoppedError | None]:
    """Run with a display and with Ctrl-C; returns the account, and why a peer stopped it."""
    books: Books | None = None
    failure: Exception | None = None
    async with anyio.create_task_group() as watching:
        watching.start_soon(display.show, run.progress)
        watching.start_soon(_stop_on_signal, run, watching.cancel_scope)
        try:
            books = await run.run()
        except Exception as error:  # noqa: BLE001 - raised in here it would come out in a group
            failure = error
        finally:
            watching.cancel_scope.cancel()
    stopped = failure if isinstance(failure, _STOPPED_BY_PEER) else None
    if stopped:
        books = run.ledger.books()
    elif failure:
        raise failure
    if books is None:
        raise InterruptedRunError("Interrupted at once.", remedy=to_resume)
    return books, stopped


def _exit_code(
    run: Run, books: Books, stopped: StoppedError | None, options: ImportOptions
) -> ExitCode:
    if stopped:
        return stopped.exit_code
    if run.progress.stopping:
        return ExitCode.INTERRUPTED
    partial = options.dry_run or options.limit is not None
    return summary.exit_code(books, run.ledger.findings(), dry_run=partial)


def _print_account(
    ledger: Ledger, job: Job, destination: Destination, books: Books, *, dry_run: bool
) -> None:
    title = f"{job.title} → {destination.title}"
    summary.print_summary(inert(title, 300), books, ledger, dry_run=dry_run)
    if destination.name == SANDBOX and not dry_run:
        click.echo(
            "The sandbox is a stand-in: nothing reached Maximem Synap. See what it holds with\n"
            f"  synap-import sandbox --db {job.folder / 'sandbox.sqlite'}"
        )


async def _stop_on_signal(run: Run, everything: anyio.CancelScope) -> None:
    """The first signal lets what is in flight finish; the second does not."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if run.progress.stopping:
                everything.cancel()
            run.stop()


def _user_map(source: str, options: ImportOptions) -> UserMap:
    if options.user_map is None:
        raise UserMapError(
            "An import needs a user map: it says whose each memory becomes in Synap.",
            remedy=f"Write one to fill in with `synap-import users {source} … -o users.csv`, then "
            "add --user-map users.csv. If your users have the same ids in Synap, use "
            "--user-map identity.",
        )
    if options.user_map == "identity":
        return identity_user_map()
    user_map = load_user_map(Path(options.user_map))
    undecided = user_map.undecided()
    if undecided:
        rows = [f"line {row.line} ({row.source_id or '*'})" for row in undecided[:_EXAMPLES]]
        more = f" and {len(undecided) - _EXAMPLES} more" if len(undecided) > _EXAMPLES else ""
        raise UserMapError(
            f"{len(undecided)} rows of {options.user_map} are undecided: "
            f"{inert(', '.join(rows))}{more}. Nothing was sent.",
            remedy="Fill in their user_id, or write keep or skip into the column action.",
        )
    return user_map


def _rules(options: ImportOptions, user_map: UserMap) -> PlanRules:
    if options.no_user == Ownerless.CUSTOMER_SCOPE and not options.customer_id:
        raise ConfigurationError(
            "--no-user customer-scope needs to know the customer.", remedy="Add --customer-id."
        )
    return PlanRules(
        user_map=user_map,
        unmapped=Unmapped(options.unmapped),
        agents_as=UserlessOwner(options.agents_as),
        ownerless=Ownerless(options.no_user),
        included=frozenset(options.include),
        customer_id=options.customer_id,
        only_user=options.only_user,
        since=options.since,
        document_type=options.document_type,
        mode=options.mode,
        namespace=options.namespace,
        turns_per_document=options.turns_per_document,
    )
