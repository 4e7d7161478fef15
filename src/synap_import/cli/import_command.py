"""``synap-import SOURCE``: the main job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
import click

from synap_import.destinations import SANDBOX
from synap_import.engines import EngineChoice, EngineName
from synap_import.errors import ConfigurationError, ExitCode, UserMapError
from synap_import.importing import ImportRequest, decided_user_map, opened_import, run_opened
from synap_import.jobs import Workdir
from synap_import.planning import (
    ConversationsAs,
    Ownerless,
    PlanRules,
    Unmapped,
    UserlessOwner,
)
from synap_import.watching import Run, stop_on_signal, watch

from . import display, summary
from .import_options import load_limits
from .listening import listening
from .resync_options import asks_before_removing, resync_rules
from .resync_watch import resync_again_and_again
from .terminal import inert, is_watched, number, say

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.destinations import Destination
    from synap_import.events import Listener
    from synap_import.identity import UserMap
    from synap_import.jobs import Job
    from synap_import.ledger import Books, Ledger
    from synap_import.plugins import InstalledSource, Plugins
    from synap_import.watching import RunEnd, Watcher

    from .import_options import ImportOptions

WATCHERS = (display.show, stop_on_signal)
"""Who looks on at a terminal; whoever is asked something there is not shown a bar."""


def run_import(
    installed: InstalledSource, config: BaseModel, options: ImportOptions, plugins: Plugins
) -> int:
    """Run the import; returns the exit code."""
    if options.trial is not None and (options.resync or options.watch is not None):
        raise click.UsageError(
            "--try is for the first load: it goes with neither --resync nor --watch."
        )
    request = _request(installed, config, options, plugins)
    with listening(options.events, options.metrics) as tell:
        if options.watch is not None:
            again = partial(_request, installed, config, options, plugins)
            return anyio.run(_watch, again, tell, options, options.watch)
        if options.trial is not None:
            return anyio.run(_import_after_trial, request, tell, options)
        watchers = WATCHERS[1:] if asks_before_removing(options) else WATCHERS
        return anyio.run(_import, request, tell, options.as_json, watchers)


def _request(
    installed: InstalledSource, config: BaseModel, options: ImportOptions, plugins: Plugins
) -> ImportRequest:
    user_map = _user_map(installed.declaration.name, options)
    return ImportRequest(
        adapter=installed.load(),
        config=config,
        rules=_rules(options, user_map),
        to=options.to,
        synap_url=options.synap_url,
        dry_run=options.dry_run,
        limit=options.limit,
        accept=options.accept,
        trial=options.trial,
        load_limits=load_limits(options.in_flight, options.on_doubt),
        confirm=options.confirm,
        workdir=Workdir(options.workdir) if options.workdir else Workdir.default(),
        new_job=options.new_job,
        ledger=options.ledger or "",
        engine=EngineChoice(EngineName(options.engine), options.ray_address, options.workers),
        resync=resync_rules(options),
        plugins=plugins,
        transforms=options.transform,
    )


async def _watch(
    make_request: Callable[[], ImportRequest], tell: Listener, options: ImportOptions, pause: float
) -> int:
    watchers = WATCHERS if is_watched() and not asks_before_removing(options) else WATCHERS[1:]
    return await resync_again_and_again(
        make_request, watchers, tell, pause_seconds=pause, as_json=options.as_json
    )


async def _import_after_trial(
    request: ImportRequest, tell: Listener, options: ImportOptions
) -> int:
    from .trying import try_first  # noqa: PLC0415 - it imports this module

    code = await try_first(request, WATCHERS, tell, yes=options.yes, as_json=options.as_json)
    if code is not None:
        return code
    say("Going on with the rest.")
    rest = replace(request, trial=None, new_job=False)
    return await _import(rest, tell, options.as_json, WATCHERS)


async def _import(
    request: ImportRequest, tell: Listener, as_json: bool, watchers: Sequence[Watcher]
) -> int:
    async with opened_import(request, tell) as opened:
        end = await run_opened(opened, watchers, tell)
        code = tell_end(
            opened.run,
            end,
            opened.job,
            opened.destination,
            as_json=as_json,
            dry_run=request.dry_run,
        )
        say_what_is_unfinished(opened.job, opened.ledger)
        return code


async def watched(run: Run, job: Job, destination: Destination, *, as_json: bool) -> int:
    """Run with a display and with Ctrl-C, then tell how it ended."""
    end = await watch(run, WATCHERS, to_resume="The same command goes on.")
    return tell_end(run, end, job, destination, as_json=as_json)


def tell_end(
    run: Run,
    end: RunEnd,
    job: Job,
    destination: Destination,
    *,
    as_json: bool,
    dry_run: bool = False,
) -> int:
    """Print the account; returns the exit code. Raises what a peer stopped the run with."""
    if as_json:
        said = end.stopped.message if end.stopped else ""
        click.echo(summary.as_json(job, end.books, end.exit_code, run.ledger.findings.kept(), said))
    else:
        _print_account(run.ledger, job, destination, end.books, dry_run=dry_run)
    for error in (end.stopped, end.refused):
        if error:
            raise error
    if end.exit_code == ExitCode.INTERRUPTED:
        say("Interrupted. What was in flight is finished; the same command resumes.")
    return end.exit_code


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


def _user_map(source: str, options: ImportOptions) -> UserMap:
    if options.user_map is None:
        raise UserMapError(
            "An import needs a user map: it says whose each memory becomes in Synap.",
            remedy=f"Write one to fill in with `synap-import users {source} … -o users.csv`, then "
            "add --user-map users.csv. If your users have the same ids in Synap, use "
            "--user-map identity.",
        )
    return decided_user_map(options.user_map)


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
        conversations_as=ConversationsAs(options.conversations_as),
        redact=options.redact,
    )
