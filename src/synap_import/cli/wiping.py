"""``synap-import rollback --wipe-user``: everything of a user, after it was typed twice."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.watching import watch

from . import summary
from .import_command import WATCHERS
from .terminal import inert, say

if TYPE_CHECKING:
    from synap_import.destinations import Destination
    from synap_import.jobs import Job
    from synap_import.wiping import Wipe


async def wipe_user(
    job: Job, run: Wipe, destination: Destination, *, dry_run: bool, as_json: bool
) -> int:
    """Show what there is of the user, ask, and delete it; returns the exit code."""
    if not dry_run and not sys.stdin.isatty():
        raise ConfigurationError(
            "--wipe-user asks for the user id to be typed again, and nobody is here to do it. "
            "Nothing was deleted.",
            remedy="Run it in a terminal. Without --wipe-user only what the job made is deleted.",
        )
    found = await run.preview()
    say(f"Everything of user {inert(run.user_id)} in {destination.title}, whoever put it there:")
    for said in found:
        say(f"  {inert(json.dumps(said.counts), 500)}")
    if dry_run:
        if as_json:
            click.echo(json.dumps({"job": job.name, "wipe": [asdict(said) for said in found]}))
        return ExitCode.OK
    say("It is deleted for good, also what this job did not make.")
    if click.prompt("Type the user id again to delete it", err=True) != run.user_id:
        say("That is another id. Nothing was deleted.")
        return ExitCode.INTERRUPTED
    return await _delete(job, run, as_json=as_json)


async def _delete(job: Job, run: Wipe, *, as_json: bool) -> int:
    end = await watch(run, WATCHERS, to_resume="The same command goes on.")
    books, stopped = end.books, end.stopped
    code = ExitCode.SOMETHING_REJECTED if run.still_present_in else ExitCode.OK
    if stopped:
        code = stopped.exit_code
    elif run.progress.stopping:
        code = ExitCode.INTERRUPTED
    if as_json:
        account = json.loads(summary.as_json(job, books, code))
        account["wipe"] = {"still_present_in": sorted(run.still_present_in)}
        click.echo(json.dumps(account))
    else:
        title = inert(f"{job.title} → {job.destination}", 300)
        click.echo("\n".join(summary.summary_lines(title, books)))
    if run.still_present_in:
        places = ", ".join(sorted(run.still_present_in))
        say(f"Synap could not delete it all; something is left in: {inert(places)}")
    if stopped:
        raise stopped
    return code
