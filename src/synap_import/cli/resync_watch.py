"""``--watch``: re-syncs one after another, a line for each, until Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import anyio
import click

from synap_import.errors import ExitCode, InterruptedRunError, SynapImportError
from synap_import.events import DestinationSeen, FindingSeen, JobOpened, SourceSeen
from synap_import.importing import opened_import, run_opened

from . import summary
from .terminal import duration, inert, number, say

if TYPE_CHECKING:
    from synap_import.events import Event, Listener
    from synap_import.importing import ImportRequest, OpenedImport
    from synap_import.watching import RunEnd, Watcher

_SAID_ONCE = (SourceSeen, DestinationSeen, JobOpened, FindingSeen)


async def resync_again_and_again(
    make_request: Callable[[], ImportRequest],
    watchers: Sequence[Watcher],
    tell: Listener,
    *,
    pause_seconds: float,
    as_json: bool,
) -> int:
    """Until Ctrl-C; returns the exit code of the last one.

    The request is made anew each time, so a user map that was mended counts. What is wrong with
    the first one ends it; later ones are said, and the next one tries again.
    """
    code: int = ExitCode.OK
    heard = tell
    while True:
        try:
            code = await _once(make_request(), watchers, heard, as_json=as_json)
            if code == ExitCode.INTERRUPTED:
                return code
        except InterruptedRunError:
            raise
        except SynapImportError as error:
            if heard is tell:
                raise
            code = error.exit_code
            say(f"{_now()}  {inert(error.message, 500)} {inert(error.remedy, 500)}".rstrip())
        heard = _without_openings(tell)
        if await _is_interrupted(pause_seconds):
            return code


async def _once(
    request: ImportRequest, watchers: Sequence[Watcher], tell: Listener, *, as_json: bool
) -> int:
    async with opened_import(request, tell) as opened:
        end = await run_opened(opened, watchers, tell)
        if as_json:
            said = end.stopped.message if end.stopped else ""
            findings = opened.ledger.findings.kept()
            click.echo(summary.as_json(opened.job, end.books, end.exit_code, findings, said))
        say(f"{_now()}  {_line(opened, end)}")
        return end.exit_code


def _line(opened: OpenedImport, end: RunEnd) -> str:
    books, progress = end.books, opened.run.progress
    parts = [
        f"{number(books.exported - books.gone)} records in the source",
        f"{number(progress.planned)} documents new or changed",
    ]
    for count, what in (
        (progress.undone, "removed"),
        (books.gone, "gone from the source"),
        (books.rejected_total, "rejected"),
        (books.unfinished, "not finished"),
    ):
        if count:
            parts.append(f"{number(count)} {what}")
    line = ", ".join(parts)
    return f"{line}. {inert(end.stopped.message, 500)}" if end.stopped else line


def _now() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")


def _without_openings(tell: Listener) -> Listener:
    def tell_the_rest(event: Event) -> None:
        if not isinstance(event, _SAID_ONCE):
            tell(event)

    return tell_the_rest


async def _is_interrupted(seconds: float) -> bool:
    """Wait for the next one; whether a signal came instead."""
    say(f"  the next in {duration(seconds)}; Ctrl-C ends it")
    with (
        anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals,
        anyio.move_on_after(seconds),
    ):
        async for _ in signals:
            return True
    return False
