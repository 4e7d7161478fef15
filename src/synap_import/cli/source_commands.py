"""The commands that read a source: import, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.host import open_source
from synap_import.inventory import passing_ledger, read_all
from synap_import.private_files import open_private
from synap_import.sources import Severity

from .config_options import options_of, read_config
from .guess_command import guess_options, write_guess
from .import_command import run_import
from .import_options import ImportOptions, import_options
from .terminal import inert, number, say, say_finding

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.ledger import Ledger
    from synap_import.plugins import InstalledSource
    from synap_import.sources import Source, SourceCheck

EXPORT_HELP = "Write a source's records to a JSON Lines file that the source `json` reads back."

_SHOWN = 10


def import_command(installed: InstalledSource) -> click.Command:
    """``synap-import SOURCE``."""
    adapter = installed.load()

    def run(guess_mapping: bool = False, output: Path | None = None, **given: Any) -> int:
        options = ImportOptions.pop_from(given)
        config = read_config(adapter.Config, given)
        if guess_mapping:
            return write_guess(adapter, config, output)
        if output is not None:
            raise click.UsageError("-o is for --guess-mapping; an import writes into its job.")
        return run_import(installed, config, options)

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

    def run(output: Path, force: bool, **given: Any) -> int:
        config = read_config(adapter.Config, given)
        if output.exists() and not force:
            raise ConfigurationError(f"{output} is there already.", remedy="--force replaces it.")
        return anyio.run(_export, adapter, config, output)

    return click.Command(
        installed.declaration.name,
        params=[*options_of(adapter.Config), _output(default="records.jsonl"), _force()],
        callback=run,
        help="Write every record of the source to a file, one per line.",
    )


def _output(default: str) -> click.Option:
    return click.Option(
        ["-o", "--output"],
        type=click.Path(path_type=Path, dir_okay=False),
        default=default,
        show_default=True,
        help="The file to write.",
    )


def _force() -> click.Option:
    return click.Option(["--force"], is_flag=True, help="Overwrite the file if it is there.")


def _say_check(check: SourceCheck) -> None:
    say(f"Source: {inert(check.title)}")
    for finding in check.findings:
        say_finding(finding)


async def _export(adapter: type[Source[Any]], config: BaseModel, output: Path) -> int:
    async with open_source(adapter, config) as source:
        _say_check(await source.check())
        with _private_file(output) as file, passing_ledger(output.parent) as ledger:
            findings = await read_all(source, ledger)
            file.writelines(line + b"\n" for line in ledger.lines())
            incomplete = _tell_export(ledger, output)
    for finding in findings:
        say_finding(finding)
    incomplete |= any(finding.severity is Severity.ERROR for finding in findings)
    return ExitCode.SOMETHING_REJECTED if incomplete else ExitCode.OK


def _tell_export(ledger: Ledger, output: Path) -> bool:
    """Say what was written; returns whether anything could not be read."""
    books = ledger.books()
    unreadable = books.rejected_total
    click.echo(f"{number(books.exported - unreadable)} records written to {output}.")
    for item in ledger.unreadable(_SHOWN):
        click.echo(f"Unreadable: {inert(item.where)}: {inert(item.reason)}")
    if unreadable:
        click.echo(f"{number(unreadable)} items could not be read.")
    return unreadable > 0


def _private_file(path: Path) -> Any:
    try:
        return open_private(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or error}).", remedy="Choose another place."
        ) from error
