"""``synap-import retry``: the rejected documents once more, after their cause was mended."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

import anyio
import click

from synap_import.destination import open_synap
from synap_import.destinations import reopened_destination
from synap_import.errors import ConfigurationError, ExitCode
from synap_import.forms import DocumentForm, kept_form
from synap_import.jobs import Job, Workdir
from synap_import.progress import Progress
from synap_import.retrying import Retry

from . import summary
from .import_command import watched
from .import_options import (
    json_option,
    load_limits,
    sending_options,
    synap_url_option,
    workdir_option,
)
from .listening import listen
from .terminal import number, say

if TYPE_CHECKING:
    from synap_import.destination import Identity
    from synap_import.ledger import Ledger
    from synap_import.loading import LoadLimits
    from synap_import.sandbox.settings import Isolation

_HELP = (
    "Send the rejected documents of a job (by default the latest) again, as they are: for when "
    "the cause was mended in Synap. The source is not read. A record that must change is mended "
    "in the source; the import command sends it then."
)


def retry_command() -> click.Command:
    """``synap-import retry [JOB]``."""
    return click.Command(
        "retry",
        params=[
            click.Argument(["job"], required=False),
            synap_url_option(),
            *sending_options(),
            workdir_option(),
            json_option(),
        ],
        callback=_run,
        help=_HELP,
    )


def _run(
    *,
    job: str | None,
    synap_url: str | None,
    in_flight: int,
    on_doubt: str,
    workdir: Path | None,
    as_json: bool,
) -> int:
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    return anyio.run(_retry, found, synap_url, load_limits(in_flight, on_doubt), as_json)


async def _retry(job: Job, url: str | None, limits: LoadLimits, as_json: bool) -> int:
    async with AsyncExitStack() as stack:
        stack.enter_context(job.locked())
        ledger = job.open_ledger()
        stack.callback(ledger.close)
        documents = ledger.sending.retryable()
        if not documents:
            return _tell_nothing(job, ledger, as_json)
        form = _form(job, ledger)
        isolation: Isolation = "b2b" if ledger.planning.names_customers() else "b2c"
        destination = await reopened_destination(stack, job, isolation, url, listen)
        say(f"Destination: {destination.title}")
        say(f"Job: {job.name} in {job.folder}")
        say(f"Sending {number(documents)} rejected documents again, as they are.")
        # Only a dry run has a destination without an identity.
        identity = cast("Identity", destination.identity)
        synap = await stack.enter_async_context(
            open_synap(destination.url, destination.api_key, identity)
        )
        run = Retry(ledger, synap, form, Progress(), limits)
        return await watched(run, job, destination, as_json=as_json)


def _tell_nothing(job: Job, ledger: Ledger, as_json: bool) -> int:
    if as_json:
        click.echo(summary.as_json(job, ledger.books(), ExitCode.OK))
    else:
        click.echo(f"No document is rejected in job {job.name}: there is nothing to send again.")
    return ExitCode.OK


def _form(job: Job, ledger: Ledger) -> DocumentForm:
    """How the import sent its documents. Raises ConfigurationError when it has work left."""
    unsent = ledger.sending.unsent()
    form = kept_form(ledger)
    if form is None or unsent:
        raise ConfigurationError(
            f"The import of job {job.name} is not finished ({number(unsent)} documents to send)."
            if unsent
            else f"Job {job.name} does not say how its documents are sent: it is an older one.",
            remedy="Run the import command again first, then this one.",
        )
    return form
