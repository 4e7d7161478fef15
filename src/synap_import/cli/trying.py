"""``--try N``: a few documents are loaded first, and shown beside what Synap made of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from synap_import.errors import ExitCode
from synap_import.importing import ImportRequest, OpenedImport, opened_import, run_opened
from synap_import.progress import Progress
from synap_import.trying import tried
from synap_import.verifying.results import as_fields, exit_code
from synap_import.verifying.run import Verification, Verified
from synap_import.watching import watch

from . import summary
from .import_command import tell_end
from .side_by_side import side_by_side
from .terminal import inert, number, say
from .verify_command import verify_limits
from .verify_words import problem_lines

if TYPE_CHECKING:
    from synap_import.events import Listener
    from synap_import.watching import RunEnd, Watcher

_WELL = ExitCode.OK
_EXAMPLES = 5
_MEMORIES_OF_EACH = 3


async def try_first(
    request: ImportRequest,
    watchers: Sequence[Watcher],
    tell: Listener,
    *,
    yes: bool,
    as_json: bool,
) -> int | None:
    """Load and show the documents of the trial; None when the rest is to be loaded.

    Otherwise returns the exit code. Raises what a peer stopped the run with.
    """
    async with opened_import(request, tell) as opened:
        end = await run_opened(opened, watchers, tell)
        if end.stopped or opened.run.progress.stopping:
            return tell_end(opened.run, end, opened.job, opened.destination, as_json=as_json)
        numbers = tried(opened.ledger)
        verification = await _verify(opened, numbers, watchers)
        code = _exit_code(opened, verification.found)
        left = opened.ledger.books().unfinished
        rejected = opened.ledger.accounting.rejections(_EXAMPLES)
        say("\n".join(_lines(len(numbers), verification.found, rejected)))
        if verification.progress.stopping:
            say("Interrupted. The same command goes on with the trial.")
            return ExitCode.INTERRUPTED
        if _goes_on(code, left, yes=yes):
            return None
        return _tell_end(opened, end, verification.found, code, left, as_json=as_json)


async def _verify(
    opened: OpenedImport, numbers: Sequence[int], watchers: Sequence[Watcher]
) -> Verification:
    if opened.synap is None:
        raise click.UsageError("--try loads something, and --dry-run nothing.")
    limits = replace(
        verify_limits(opened.destination.url),
        memories=len(numbers),
        memories_of_each=_MEMORIES_OF_EACH,
    )
    verification = Verification(
        opened.ledger, opened.synap, Progress(), among=numbers, limits=limits
    )
    verification.choose()
    end = await watch(verification, watchers, to_resume="The same command goes on.")
    if end.stopped:
        raise end.stopped
    return verification


def _exit_code(opened: OpenedImport, found: Verified) -> ExitCode:
    """What was rejected in a trial is reason enough to stop, though it would be sent again."""
    code = exit_code(found, ())
    return code or (ExitCode.SOMETHING_REJECTED if opened.ledger.accounting.rejections(1) else code)


def _lines(count: int, found: Verified, rejected: Sequence[tuple[str, str]]) -> list[str]:
    documents = "1 document" if count == 1 else f"{number(count)} documents"
    lines = [f"Tried: {documents}. What went in, and what Synap made of it:", side_by_side(found)]
    lines += [f"Rejected: {inert(one)}: {inert(reason)}" for one, reason in rejected]
    return [*lines, *problem_lines(found)]


def _goes_on(code: ExitCode, left: int, *, yes: bool) -> bool:
    """Whether the rest is to be loaded: asked, unless a script said so and all is well."""
    if not left:
        return False
    if yes:
        return code is _WELL
    if not sys.stdin.isatty():
        return False
    if code is not _WELL:
        say("Not all of the trial is well: see above.")
    records = "the 1 record" if left == 1 else f"the {number(left)} records"
    return click.confirm(f"Load {records} that are left?", err=True)


def _tell_end(
    opened: OpenedImport,
    end: RunEnd,
    found: Verified,
    code: ExitCode,
    left: int,
    *,
    as_json: bool,
) -> int:
    if code is _WELL and left:
        code = ExitCode.STOPPED_RESUMABLE
    books = opened.ledger.books()
    if as_json:
        account: dict[str, Any] = json.loads(
            summary.as_json(opened.job, books, code, opened.ledger.findings.kept())
        )
        click.echo(json.dumps({**account, "trial": as_fields(found, (), len(found.sought))}))
    else:
        title = f"{opened.job.title} → {opened.destination.title}"
        click.echo("\n".join(summary.summary_lines(inert(title, 300), books)))
    if left:
        say(
            "Nothing more was sent. The same command without --try loads the rest;\n"
            f"`synap-import rollback {opened.job.name}` takes the trial back."
        )
    return code if code is not _WELL else end.exit_code
