"""The commands that read a source: import, export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.export_formats import write_pam
from synap_import.host import open_source
from synap_import.inventory import passing_ledger, read_all
from synap_import.private_files import open_private, private_folder
from synap_import.sources import Severity

from .config_options import options_of, read_config
from .guess_command import guess_options, write_guess
from .import_command import run_import
from .import_options import ImportOptions, import_options
from .terminal import inert, number, say, say_finding

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.ledger import Ledger
    from synap_import.plugins import InstalledSource, Plugins
    from synap_import.sources import Source, SourceCheck

EXPORT_HELP = "Write a source's records to a JSON Lines file that the source `json` reads back."

_SHOWN = 10
_OUTPUTS = {"records": "records.jsonl", "pam": "records-pam"}


def import_command(installed: InstalledSource, plugins: Plugins) -> click.Command:
    """``synap-import SOURCE``."""
    adapter = installed.load()

    def run(guess_mapping: bool = False, output: Path | None = None, **given: Any) -> int:
        options = ImportOptions.pop_from(given)
        config = read_config(adapter.Config, given)
        if guess_mapping:
            return write_guess(adapter, config, output)
        if output is not None:
            raise click.UsageError("-o is for --guess-mapping; an import writes into its job.")
        return run_import(installed, config, options, plugins)

    guessing = guess_options() if adapter.guesses_mappings else []
    return click.Command(
        installed.declaration.name,
        params=[*options_of(adapter.Config), *guessing, *import_options()],
        callback=run,
        help=f"Import: {installed.declaration.summary}. The same command resumes.",
    )


def export_command(installed: InstalledSource) -> click.Command:
    """``synap-import export SOURCE``."""
    adapter = installed.load()

    def run(output: Path | None, force: bool, record_format: str, **given: Any) -> int:
        config = read_config(adapter.Config, given)
        path = output or Path(_OUTPUTS[record_format])
        if path.exists() and not force:
            raise ConfigurationError(f"{path} is there already.", remedy="--force replaces it.")
        return anyio.run(_export, adapter, config, path, record_format)

    return click.Command(
        installed.declaration.name,
        params=[*options_of(adapter.Config), *_export_options()],
        callback=run,
        help="Write every record of the source to a file, one per line.",
    )


def _export_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--format", "record_format"],
            type=click.Choice([*_OUTPUTS]),
            default="records",
            show_default=True,
            help="`records` is what the source `json` reads back without loss; `pam` is Portable "
            "AI Memory 1.0, a file for each user.",
        ),
        click.Option(
            ["-o", "--output"],
            type=click.Path(path_type=Path),
            help="The file to write, for `pam` the folder.  [default: records.jsonl, records-pam]",
        ),
        _force(),
    ]


def _force() -> click.Option:
    return click.Option(["--force"], is_flag=True, help="Overwrite the file if it is there.")


def _say_check(check: SourceCheck) -> None:
    say(f"Source: {inert(check.title)}")
    for finding in check.findings:
        say_finding(finding)


async def _export(
    adapter: type[Source[Any]], config: BaseModel, output: Path, record_format: str
) -> int:
    async with open_source(adapter, config) as source:
        _say_check(await source.check())
        # Opened first, so that a place that cannot be written to is told before all is read.
        with _WRITERS[record_format](output) as write, passing_ledger(output.parent) as ledger:
            findings = await read_all(source, ledger)
            incomplete = write(ledger)
    for finding in findings:
        say_finding(finding)
    incomplete |= any(finding.severity is Severity.ERROR for finding in findings)
    return ExitCode.SOMETHING_REJECTED if incomplete else ExitCode.OK


@contextmanager
def _records(output: Path) -> Iterator[Callable[[Ledger], bool]]:
    with _private_file(output) as file:

        def write(ledger: Ledger) -> bool:
            file.writelines(line + b"\n" for line in ledger.listing.lines())
            return _tell_export(ledger, output)

        yield write


@contextmanager
def _pam(output: Path) -> Iterator[Callable[[Ledger], bool]]:
    """A file for each user; what the format has no place for is told."""
    try:
        private_folder(output)
    except OSError as error:
        raise _unwritable(output, error) from error

    def write(ledger: Ledger) -> bool:
        told = write_pam(ledger.listing.lines(), output)
        people = "1 user" if len(told.people) == 1 else f"{number(len(told.people))} users"
        click.echo(f"{number(told.memories)} memories of {people} written to {output}.")
        for reason, count in told.left_out.most_common():
            click.echo(f"Left out: {number(count)} records {reason}.")
        return _tell_unreadable(ledger)

    yield write


_WRITERS = {"records": _records, "pam": _pam}


def _tell_export(ledger: Ledger, output: Path) -> bool:
    """Say what was written; returns whether anything could not be read."""
    books = ledger.books()
    unreadable = books.rejected_total
    click.echo(f"{number(books.exported - unreadable)} records written to {output}.")
    return _tell_unreadable(ledger)


def _tell_unreadable(ledger: Ledger) -> bool:
    unreadable = ledger.books().rejected_total
    for item in ledger.accounting.unreadable(_SHOWN):
        click.echo(f"Unreadable: {inert(item.where)}: {inert(item.reason)}")
    if unreadable:
        click.echo(f"{number(unreadable)} items could not be read.")
    return unreadable > 0


def _private_file(path: Path) -> Any:
    try:
        return open_private(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be written ({error.strerror or error}).", remedy="Choose another place."
    )
