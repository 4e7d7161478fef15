"""``synap-import report``: what became of a job, for people and for programs."""

from __future__ import annotations

import os
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import anyio
import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.jobs import Workdir
from synap_import.plugins import discover

from .import_options import workdir_option
from .terminal import say

if TYPE_CHECKING:
    from synap_import.jobs import Job
    from synap_import.ledger import Ledger
    from synap_import.report import Facts
    from synap_import.report.facts import PluginSection

_HELP = (
    "Write what became of a job (by default the latest): as a page with charts, as Markdown or as "
    "JSON. Without a choice it is the page, report.html."
)
_EXTRA = "pip install 'synap-import[report]', or in a checkout pip install '.[report]'"


def report_command() -> click.Command:
    """``synap-import report [JOB]``."""
    file = click.Path(path_type=Path, dir_okay=False)
    return click.Command(
        "report",
        params=[
            click.Argument(["job"], required=False),
            click.Option(["--html"], type=file, help="Write a page, complete in one file."),
            click.Option(["--markdown", "as_markdown"], is_flag=True, help="Write Markdown."),
            click.Option(["--json", "as_json"], is_flag=True, help="Write JSON."),
            click.Option(
                ["-o", "--output"],
                type=file,
                help="The file for Markdown or JSON.  [default: standard output]",
            ),
            click.Option(
                ["--no-text"],
                is_flag=True,
                help="Leave out the words of memories: ids, reasons and counts only.",
            ),
            click.Option(["--force"], is_flag=True, help="Overwrite files that are there."),
            workdir_option(),
        ],
        callback=_report,
        help=_HELP,
    )


def _report(
    *,
    job: str | None,
    html: Path | None,
    as_markdown: bool,
    as_json: bool,
    output: Path | None,
    no_text: bool,
    force: bool,
    workdir: Path | None,
) -> int:
    if as_markdown and as_json:
        raise click.UsageError("--markdown and --json cannot both be written: choose one.")
    if output and not (as_markdown or as_json):
        raise click.UsageError("--output is the file for --markdown or --json.")
    if not (as_markdown or as_json):
        html = html or Path("report.html")
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    for path in (html, output):
        if path and path.exists() and not force:
            raise ConfigurationError(f"{path} is there already.", remedy="--force replaces it.")
    if html:
        _check_extra()
    facts = _gather(found, with_text=not no_text)
    if html:
        _write(html, _page(facts))
        say(f"The report of job {found.name} is in {html}.")
    if as_markdown or as_json:
        _write_or_show(output, _markdown(facts) if as_markdown else _json(facts))
    return ExitCode.OK


def _check_extra() -> None:
    """Before the ledger is read, which may take a while."""
    try:
        import jinja2  # noqa: F401, PLC0415 - an extra
        import svg  # noqa: F401, PLC0415
    except ImportError as error:
        raise ConfigurationError(
            f"The page needs what the extra `report` installs ({error.name} is missing).",
            remedy=f"{_EXTRA}; or use --markdown or --json, which need nothing more.",
        ) from error


def _gather(job: Job, *, with_text: bool) -> Facts:
    from synap_import.report import gather  # noqa: PLC0415 - start-up time

    with closing(job.open_ledger()) as ledger:
        sections = _sections(job, ledger, with_text=with_text)
        return gather(job, ledger, with_text=with_text, sections=sections)


def _sections(job: Job, ledger: Ledger, *, with_text: bool) -> tuple[PluginSection, ...]:
    installed = discover().sections
    if not installed:
        return ()
    from synap_import.hooks.sections import make_sections  # noqa: PLC0415 - only with plugins

    make = partial(make_sections, installed.values(), job, ledger, with_text=with_text)
    return anyio.run(make)


def _page(facts: Facts) -> str:
    from synap_import.report.html import as_html  # noqa: PLC0415 - an extra

    return as_html(facts)


def _markdown(facts: Facts) -> str:
    from synap_import.report.markdown import as_markdown  # noqa: PLC0415 - start-up time

    return as_markdown(facts)


def _json(facts: Facts) -> str:
    from synap_import.report.json_form import as_json  # noqa: PLC0415 - start-up time

    return as_json(facts) + "\n"


def _write_or_show(output: Path | None, text: str) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
        say(f"The report is in {output}.")


def _write(path: Path, text: str) -> None:
    """The file appears whole or not at all, and only its owner can read it."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            unfinished = Path(file.name)
            try:
                file.write(text.encode("utf-8", "backslashreplace"))
                file.flush()
                os.fsync(file.fileno())
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or error}).", remedy="Choose another place."
        ) from error
