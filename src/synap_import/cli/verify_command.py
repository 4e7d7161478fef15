"""``synap-import verify``: whether what a job loaded can be found, by whom it should be."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
import click

from synap_import.destination import is_this_machine, open_synap
from synap_import.destinations import reopened_destination
from synap_import.errors import ConfigurationError, ExitCode
from synap_import.forms import announced
from synap_import.importing import confirm_limits
from synap_import.jobs import Job, Workdir
from synap_import.progress import Progress
from synap_import.verifying.books import Difference, differences
from synap_import.verifying.results import as_fields, exit_code
from synap_import.verifying.run import Verification, VerifyLimits
from synap_import.watching import compared, watch

from .import_command import WATCHERS
from .import_options import json_option, synap_url_option, workdir_option
from .listening import listen
from .summary import summary_lines
from .terminal import inert, say
from .verify_words import difference_lines, plan_lines, result_lines

if TYPE_CHECKING:
    from synap_import.destination import Identity
    from synap_import.destinations import Destination
    from synap_import.errors import StoppedError
    from synap_import.ledger import Ledger
    from synap_import.sandbox.settings import Isolation

_HELP = (
    "Check that what a job (by default the latest) loaded can be found in Synap. First the books: "
    "what the source said, what was exported, loaded and confirmed. Then a sample is searched for, "
    "as each user's agent would, with words of the memories themselves. Changes nothing in Synap."
)
_SAMPLE = 100
_KEPT_USERS = 100
_NOTE = "verification"


def verify_command() -> click.Command:
    """``synap-import verify [JOB]``."""
    return click.Command(
        "verify",
        params=[
            click.Argument(["job"], required=False),
            click.Option(
                ["--sample"],
                type=click.IntRange(min=0),
                default=_SAMPLE,
                show_default=True,
                metavar="N",
                help="Search for so many documents, one of every user while that goes. Synap "
                "meters searches; 0 looks at the books only.",
            ),
            click.Option(
                ["--user"],
                metavar="USER_ID",
                help="Only what went to this user. It is the user_id in Synap, not an id of the "
                "source.",
            ),
            synap_url_option(),
            workdir_option(),
            json_option(),
        ],
        callback=_run,
        help=_HELP,
    )


def _run(
    *,
    job: str | None,
    sample: int,
    user: str | None,
    synap_url: str | None,
    workdir: Path | None,
    as_json: bool,
) -> int:
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    return anyio.run(_verify, found, sample, user, synap_url, as_json)


async def _verify(
    job: Job, sample: int, user_id: str | None, url: str | None, as_json: bool
) -> int:
    async with AsyncExitStack() as stack:
        stack.enter_context(job.locked())
        ledger = job.open_ledger()
        stack.callback(ledger.close)
        if user_id is not None and not ledger.undoing.customers_of(user_id):
            raise ConfigurationError(
                f"Job {job.name} sent nothing to a user {user_id!r}.",
                remedy="The id to give is the one in Synap: the column user_id of the user map, "
                "not source_id.",
            )
        say(f"Job: {job.name} in {job.folder}")
        isolation: Isolation = "b2b" if ledger.planning.names_customers() else "b2c"
        destination = await reopened_destination(stack, job, isolation, url, listen)
        say(f"Destination: {destination.title}")
        # A job that was loaded has a destination with an identity.
        identity = cast("Identity", destination.identity)
        synap = await stack.enter_async_context(
            open_synap(destination.url, destination.api_key, identity)
        )
        limits = verify_limits(destination.url)
        run = Verification(ledger, synap, Progress(), sample, user_id, limits=limits)
        forecast = run.choose()
        present = ledger.verifying.present(user_id)
        say("\n".join(plan_lines(forecast, present, run.found)))
        end = await watch(run, WATCHERS, to_resume="The same command begins anew.")
        return _tell(job, destination, run, end.stopped, as_json=as_json)


def verify_limits(url: str) -> VerifyLimits:
    """How hard Synap at this address may be asked: one on this machine has nobody to spare."""
    asking = confirm_limits(url)
    if is_this_machine(url):
        return VerifyLimits(asking, searches_per_second=500, pauses=(0.2, 0.5))
    return VerifyLimits(asking)


def _tell(
    job: Job,
    destination: Destination,
    run: Verification,
    stopped: StoppedError | None,
    *,
    as_json: bool,
) -> int:
    uneven = _differences(run.ledger, run.user_id)
    code = exit_code(run.found, uneven)
    if run.progress.stopping:
        code = ExitCode.INTERRUPTED
    if stopped:
        code = stopped.exit_code
    fields = as_fields(run.found, uneven, _KEPT_USERS)
    run.ledger.note(_NOTE, json.dumps({"exit_code": int(code), **fields}))
    books = run.ledger.books()
    if as_json:
        account: dict[str, Any] = {"job": job.name, "exit_code": int(code), "books": asdict(books)}
        click.echo(
            json.dumps({**account, **fields, "stopped": stopped.message if stopped else None})
        )
    else:
        title = inert(f"{job.title} → {destination.title}", 300)
        lines = [*summary_lines(title, books), *difference_lines(uneven)]
        click.echo("\n".join([*lines, *result_lines(run.found, code)]))
    if stopped:
        raise stopped
    return code


def _differences(ledger: Ledger, user_id: str | None) -> list[Difference]:
    return differences(
        ledger.books(),
        compared(ledger),
        ledger.verifying.gaps(user_id),
        ledger.verifying.unread_partitions(),
        announced(ledger),
    )
