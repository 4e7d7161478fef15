"""``synap-import rollback``: what a job put into Synap is deleted there."""

from __future__ import annotations

import json
import sys
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
import click

from synap_import.destination import open_synap
from synap_import.destinations import refuse_elsewhere, reopened_destination
from synap_import.errors import ConfigurationError, ExitCode
from synap_import.importing import confirm_limits
from synap_import.jobs import Job, Workdir
from synap_import.progress import Progress
from synap_import.rollback import Deleted, Rollback
from synap_import.watching import watch
from synap_import.wiping import Wipe

from . import summary
from .import_command import WATCHERS
from .import_options import json_option, synap_url_option, workdir_option
from .listening import listen
from .rollback_words import done_lines, plan_lines, staying_lines
from .terminal import inert, number, say
from .wiping import wipe_user

if TYPE_CHECKING:
    from synap_import.destination import Identity, Synap
    from synap_import.destinations import Destination
    from synap_import.errors import StoppedError
    from synap_import.ledger import Books, Ledger, RollbackOutlook
    from synap_import.sandbox.settings import Isolation
    from synap_import.watching import RunEnd

_HELP = (
    "Delete from Synap the memories that a job (by default the latest) made there, and no others. "
    "What was there before the job stays. It says first what it will do and what cannot be "
    "undone. The import command loads a job again that was rolled back."
)
_EXAMPLES = 5


def rollback_command() -> click.Command:
    """``synap-import rollback [JOB]``."""
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
            synap_url_option(),
            workdir_option(),
            json_option(),
        ],
        callback=_run,
        help=_HELP,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """How to go about it."""

    synap_url: str | None
    dry_run: bool
    yes: bool
    as_json: bool


def _run(
    job: str | None,
    only_user: str | None,
    wipe_user: str | None,
    workdir: Path | None,
    **given: Any,
) -> int:
    asked = _Asked(**given)
    if wipe_user is not None and (only_user is not None or asked.yes):
        raise click.UsageError("--wipe-user goes with neither --only-user nor --yes.")
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    refuse_elsewhere(found)
    if wipe_user is not None:
        return anyio.run(_wipe, found, wipe_user, asked)
    return anyio.run(_rollback, found, only_user, asked)


async def _wipe(job: Job, user_id: str, asked: _Asked) -> int:
    async with AsyncExitStack() as stack:
        ledger = _opened_ledger(stack, job)
        _check_user(job, ledger, user_id)
        destination = await _destination(stack, job, ledger, asked.synap_url)
        synap = await _opened_synap(stack, destination)
        run = Wipe(ledger, synap, Progress(), user_id, confirm_limits(destination.url))
        return await wipe_user(job, run, destination, dry_run=asked.dry_run, as_json=asked.as_json)


async def _rollback(job: Job, only_user: str | None, asked: _Asked) -> int:
    async with AsyncExitStack() as stack:
        ledger = _opened_ledger(stack, job)
        _check_user(job, ledger, only_user)
        outlook = ledger.undoing.outlook(only_user)
        whose = f" for user {inert(only_user)}" if only_user is not None else ""
        say(f"Job: {job.name} in {job.folder}")
        if not outlook.documents or asked.dry_run:
            return _tell_plan(job, ledger, outlook, only_user, as_json=asked.as_json)
        destination = await _destination(stack, job, ledger, asked.synap_url)
        say(f"Rolling back what the job put into {destination.title}{whose}.")
        say("\n".join(plan_lines(outlook)))
        if not (asked.yes or _wants_to_go_on(outlook)):
            say("Nothing was deleted.")
            return ExitCode.INTERRUPTED
        synap = await _opened_synap(stack, destination)
        run = Rollback(ledger, synap, Progress(), only_user, confirm_limits(destination.url))
        end = await watch(
            run,
            WATCHERS,
            to_resume="The same command goes on: what was deleted is not asked for twice.",
        )
        return _tell(job, run, end, as_json=asked.as_json)


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
    stack: AsyncExitStack, job: Job, ledger: Ledger, url: str | None
) -> Destination:
    isolation: Isolation = "b2b" if ledger.planning.names_customers() else "b2c"
    return await reopened_destination(stack, job, isolation, url, listen)


def _check_user(job: Job, ledger: Ledger, user_id: str | None) -> None:
    if user_id is not None and not ledger.undoing.customers_of(user_id):
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
    *,
    as_json: bool,
) -> int:
    """What would be done, which may be nothing."""
    if as_json:
        click.echo(_as_json(job, ledger.books(), ExitCode.OK, Deleted(), outlook))
    elif outlook.documents:
        click.echo("\n".join(plan_lines(outlook)))
    else:
        whose = f" for user {inert(only_user)}" if only_user is not None else ""
        click.echo(f"Nothing of job {job.name} is left to roll back{whose}.")
        for line in staying_lines(outlook):
            click.echo(line)
    return ExitCode.OK


def _tell(job: Job, run: Rollback, end: RunEnd, *, as_json: bool) -> int:
    books, stopped = end.books, end.stopped
    outlook = run.ledger.undoing.outlook(run.user_id)
    code = _exit_code(run, outlook, stopped)
    if as_json:
        said = stopped.message if stopped else ""
        click.echo(_as_json(job, books, code, run.deleted, outlook, stopped=said))
    else:
        refused = run.ledger.undoing.failures(_EXAMPLES) if outlook.refused else []
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
