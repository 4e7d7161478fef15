"""``synap-import confirm``: what Synap made of the documents that it accepted."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

import anyio
import click

from synap_import.destination import open_synap
from synap_import.destinations import reopened_destination
from synap_import.errors import ExitCode
from synap_import.following import Followed
from synap_import.importing import confirm_limits
from synap_import.jobs import Job, Workdir
from synap_import.progress import Progress

from .confirm_options import WAIT_SECONDS, confirm_option
from .import_command import say_what_is_unfinished, watched
from .import_options import json_option, synap_url_option, workdir_option
from .listening import listen
from .terminal import say

if TYPE_CHECKING:
    from synap_import.destination import Identity
    from synap_import.loading.confirming import ConfirmChoice

_HELP = (
    "Ask Synap what it made of the documents of a job (by default the latest) until it has "
    "finished with them. Keeps the ids of the memories; a document whose ingestion failed is "
    "rejected. What is known is not asked again."
)


def confirm_command() -> click.Command:
    """``synap-import confirm [JOB]``."""
    return click.Command(
        "confirm",
        params=[
            click.Argument(["job"], required=False),
            confirm_option(),
            _wait_option(),
            synap_url_option(),
            workdir_option(),
            json_option(),
        ],
        callback=_run,
        help=_HELP,
    )


def _wait_option() -> click.Option:
    return click.Option(
        ["--wait"],
        type=click.FloatRange(min=0),
        default=WAIT_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="Give up after this long without any document getting finished; 0 asks once.",
    )


def _run(
    *,
    job: str | None,
    confirm: ConfirmChoice,
    wait: float,
    synap_url: str | None,
    workdir: Path | None,
    as_json: bool,
) -> int:
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    return anyio.run(_confirm, found, confirm, wait, synap_url, as_json)


async def _confirm(
    job: Job, choice: ConfirmChoice, wait: float, url: str | None, as_json: bool
) -> int:
    async with AsyncExitStack() as stack:
        stack.enter_context(job.locked())
        ledger = job.open_ledger()
        stack.callback(ledger.close)
        destination = await reopened_destination(stack, job, "b2c", url, listen)
        say(f"Destination: {destination.title}")
        # Only a dry run has a destination without an identity.
        identity = cast("Identity", destination.identity)
        synap = await stack.enter_async_context(
            open_synap(destination.url, destination.api_key, identity)
        )
        limits = confirm_limits(destination.url, wait)
        followed = Followed(ledger, Progress(), synap, choice, limits)
        code = await watched(followed, job, destination, as_json=as_json)
        is_unfinished = say_what_is_unfinished(job, ledger)
        return code or (ExitCode.STOPPED_RESUMABLE if is_unfinished else ExitCode.OK)
