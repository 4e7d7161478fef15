"""``synap-import status``: the account of a job, once or for as long as somebody works on it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from synap_import.jobs import Workdir
from synap_import.watching import compared, exit_code

from . import summary
from .import_options import json_option, workdir_option
from .terminal import inert

if TYPE_CHECKING:
    from synap_import.jobs import Job
    from synap_import.ledger import Ledger

_PAUSE_SECONDS = 2.0


def status_command() -> click.Command:
    """``synap-import status [JOB]``."""
    return click.Command(
        "status",
        params=[
            click.Argument(["job"], required=False),
            click.Option(
                ["--watch"],
                is_flag=True,
                help="Show it again every two seconds, until nobody works on the job any more.",
            ),
            workdir_option(),
            json_option(),
        ],
        callback=_status,
        help="Show the account of a job: by default the one that was worked on last.",
    )


def _status(job: str | None, watch: bool, workdir: Path | None, as_json: bool) -> int:
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    with _opened_ledger(found) as ledger:
        if watch:
            _watch(found, ledger, as_json)
        else:
            click.echo(_whole(found, ledger, as_json))
        return exit_code(ledger.books(), compared(ledger))


@contextmanager
def _opened_ledger(job: Job) -> Iterator[Ledger]:
    ledger = job.open_ledger()
    try:
        yield ledger
    finally:
        ledger.close()


def _watch(job: Job, ledger: Ledger, as_json: bool) -> None:
    with _shown() as show:
        while job.is_worked_on():
            show(_json(job, ledger) if as_json else _table(job, ledger))
            time.sleep(_PAUSE_SECONDS)
    click.echo(_whole(job, ledger, as_json))


@contextmanager
def _shown() -> Iterator[Callable[[str], None]]:
    """What is shown takes the place of what was shown before, on a terminal."""
    if not sys.stdout.isatty():
        yield _echo
        return
    from rich.live import Live  # noqa: PLC0415 - only where something is drawn
    from rich.text import Text  # noqa: PLC0415

    with Live(auto_refresh=False, transient=True) as live:

        def show(text: str) -> None:
            live.update(Text(text), refresh=True)

        yield show


def _echo(text: str) -> None:
    click.echo(text)


def _whole(job: Job, ledger: Ledger, as_json: bool) -> str:
    if as_json:
        return _json(job, ledger)
    return "\n".join(summary.account_lines(_title(job), ledger.books(), ledger))


def _table(job: Job, ledger: Ledger) -> str:
    return "\n".join(summary.summary_lines(_title(job), ledger.books()))


def _json(job: Job, ledger: Ledger) -> str:
    books = ledger.books()
    return summary.as_json(job, books, exit_code(books, compared(ledger)), ledger.findings.kept())


def _title(job: Job) -> str:
    return inert(f"{job.name}: {job.title} → {job.destination}, since {job.started_at}", 300)
