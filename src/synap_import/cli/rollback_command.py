"""``synap-import rollback``: what a job put into Synap is deleted there."""

from __future__ import annotations

import json
import sys
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
import click

from synap_import.destination import open_synap
from synap_import.errors import ConfigurationError, ExitCode
from synap_import.jobs import Job, Workdir
from synap_import.progress import Progress
from synap_import.rollback import Deleted, Rollback
from synap_import.wiping import Wipe

from . import summary
from .confirm_options import confirm_limits
from .destinations import SANDBOX, Destination, reopened_destination
from .import_command import run_watched
from .import_options import ImportOptions, import_options
from .rollback_words import done_lines, plan_lines, staying_lines
from .terminal import inert, number, say
from .wiping import wipe_user

if TYPE_CHECKING:
    from synap_import.destination import Identity, Synap
    from synap_import.errors import StoppedError
    from synap_import.ledger import Books, Ledger, RollbackOutlook
    from synap_import.sandbox.settings import Isolation

_HELP = (
    "Delete from Synap the memories that a job (by default the latest) made there, and no others. "
    "What was there before the job stays. It says first what it will do and what cannot be "
    "undone. The import command loads a job again that was rolled back."
)
_SHARED_OPTIONS = {"synap_url", "workdir", "as_json"}
_EXAMPLES = 5


def rollback_command() -> click.Command:
    """``synap-import rollback [JOB]``."""
    shared = [option for option in import_options() if option.name in _SHARED_OPTIONS]
    return click.Command(
        "rollback",
        params=[
            click.Argument(["job"], required=False),
            click.Option(
                ["--only-user"],
                metavar="USER_ID",
                help="Only what went to this user. It is the user_id in Synap, not an id of the "
                "source.",
            ),
            click.Option(
                ["--dry-run"],
                is_flag=True,
                help="Say what would be deleted, and delete nothing.",
            ),
            click.Option(["--yes"], is_flag=True, help="Do not ask whether to go on."),
            click.Option(
                ["--wipe-user"],
                metavar="USER_ID",
                help="Delete everything that Synap holds of this user instead, also what the job "
                "did not make. The id must be typed again, whatever --yes says.",
            ),
            *shared,
        ],
        callback=_run,
        help=_HELP,
    )


def _run(
    job: str | None,
    only_user: str | None,
    wipe_user: str | None,
    yes: bool,
    workdir: Path | None,
    **given: Any,
) -> int:
    if wipe_user is not None and (only_user is not None or yes):
        raise click.UsageError("--wipe-user goes with neither --only-user nor --yes.")
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    defaults = click.Command("import", params=import_options()).make_context("import", []).params
    to = {"to": SANDBOX} if found.destination == SANDBOX else {}
    options = ImportOptions.pop_from({**defaults, **given, **to, "workdir": workdir})
    if wipe_user is not None:
        return anyio.run(_wipe, found, wipe_user, options)
    return anyio.run(_rollback, found, only_user, yes, options)


async def _wipe(job: Job, user_id: str, options: ImportOptions) -> int:
    async with AsyncExitStack() as stack:
        ledger = _opened_ledger(stack, job)
        _check_user(job, ledger, user_id)
        destination = await _destination(stack, job, ledger, options)
        synap = await _opened_synap(stack, destination)
        run = Wipe(ledger, synap, Progress(), user_id, confirm_limits(destination.url))
        return await wipe_user(job, run, destination, options)


async def _rollback(job: Job, only_user: str | None, yes: bool, options: ImportOptions) -> int:
    async with AsyncExitStack() as stack:
        ledger = _opened_ledger(stack, job)
        _check_user(job, ledger, only_user)
        outlook = ledger.rollback_outlook(only_user)
        whose = f" for user {inert(only_user)}" if only_user is not None else ""
        say(f"Job: {job.name} in {job.folder}")
        if not outlook.documents or options.dry_run:
            return _tell_plan(job, ledger, outlook, only_user, options)
        destination = await _destination(stack, job, ledger, options)
        say(f"Rolling back what the job put into {destination.title}{whose}.")
        say("\n".join(plan_lines(outlook)))
        if not (yes or _wants_to_go_on(outlook)):
            say("Nothing was deleted.")
            return ExitCode.INTERRUPTED
        synap = await _opened_synap(stack, destination)
        run = Rollback(ledger, synap, Progress(), only_user, confirm_limits(destination.url))
        books, stopped = await run_watched(
            run, "The same command goes on: what was deleted is not asked for twice."
        )
        return _tell(job, run, books, stopped, options)


def _opened_ledger(stack: AsyncExitStack, job: Job) -> Ledger:
    stack.enter_context(job.locked())
    ledger = job.open_ledger()
    stack.callback(ledger.close)
    return ledger


async def _opened_synap(stack: AsyncExitStack, destination: Destination) -> Synap:
    # A job that was loaded has a destination with an identity.
    identity = cast("Identity", destination.identity)
    return await stack.enter_async_context(
        open_synap(destination.url, destination.api_key, identity)
    )


async def _destination(
    stack: AsyncExitStack, job: Job, ledger: Ledger, options: ImportOptions
) -> Destination:
    isolation: Isolation = "b2b" if ledger.names_customers() else "b2c"
    return await reopened_destination(stack, job, isolation, options)


def _check_user(job: Job, ledger: Ledger, user_id: str | None) -> None:
    if user_id is not None and not ledger.customers_of(user_id):
        raise ConfigurationError(
            f"Job {job.name} sent nothing to a user {user_id!r}.",
            remedy="The id to give is the one in Synap: the column user_id of the user map, not "
            "source_id.",
        )


def _wants_to_go_on(outlook: RollbackOutlook) -> bool:
    if not sys.stdin.isatty():
        raise ConfigurationError(
            "A rollback deletes memories for good, and nobody is here to be asked. "
            "Nothing was deleted.",
            remedy="--yes goes on without asking; --dry-run says what it would do.",
        )
    question = f"Delete the memories of {number(outlook.documents)} documents?"
    return click.confirm(question, err=True)


def _tell_plan(
    job: Job,
    ledger: Ledger,
    outlook: RollbackOutlook,
    only_user: str | None,
    options: ImportOptions,
) -> int:
    """What would be done, which may be nothing."""
    if options.as_json:
        click.echo(_as_json(job, ledger.books(), ExitCode.OK, Deleted(), outlook))
    elif outlook.documents:
        click.echo("\n".join(plan_lines(outlook)))
    else:
        whose = f" for user {inert(only_user)}" if only_user is not None else ""
        click.echo(f"Nothing of job {job.name} is left to roll back{whose}.")
        for line in staying_lines(outlook):
            click.echo(line)
    return ExitCode.OK


def _tell(
    job: Job, run: Rollback, books: Books, stopped: StoppedError | None, options: ImportOptions
) -> int:
    outlook = run.ledger.rollback_outlook(run.user_id)
    code = _exit_code(run, outlook, stopped)
    if options.as_json:
        said = stopped.message if stopped else ""
        click.echo(_as_json(job, books, code, run.deleted, outlook, stopped=said))
    else:
        refused = run.ledger.undeleted(_EXAMPLES) if outlook.refused else []
        click.echo(done_lines(run.deleted, outlook, refused))
        title = inert(f"{job.title} → {job.destination}", 300)
        click.echo("\n".join(summary.summary_lines(title, books)))
    if stopped:
        raise stopped
    if code in (ExitCode.INTERRUPTED, ExitCode.STOPPED_RESUMABLE):
        say(f"The rollback is not finished: synap-import rollback {job.name} goes on.")
    return code


def _exit_code(run: Rollback, outlook: RollbackOutlook, stopped: StoppedError | None) -> ExitCode:
    if stopped:
        return stopped.exit_code
    if run.progress.stopping:
        return ExitCode.INTERRUPTED
    if outlook.in_doubt or outlook.perhaps_ours:
        return ExitCode.IN_DOUBT
    if outlook.refused or outlook.nameless:
        return ExitCode.SOMETHING_REJECTED
    return ExitCode.STOPPED_RESUMABLE if outlook.documents else ExitCode.OK


def _as_json(
    job: Job,
    books: Books,
    code: int,
    deleted: Deleted,
    outlook: RollbackOutlook,
    *,
    stopped: str = "",
) -> str:
    """The account, and under ``rollback`` what was deleted and what ``left`` is."""
    account = json.loads(summary.as_json(job, books, code, stopped=stopped))
    account["rollback"] = {"deleted": asdict(deleted), "left": asdict(outlook)}
    return json.dumps(account)
