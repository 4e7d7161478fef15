"""The commands that read a source: import, users, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.host import open_source
from synap_import.identity import write_user_map
from synap_import.inventory import Inventory, all_pages, take_inventory
from synap_import.private_files import open_private
from synap_import.records import record_line

from .config_options import options_of, read_config
from .import_command import run_import
from .import_options import ImportOptions, import_options
from .terminal import inert, number, say, say_finding

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.plugins import InstalledSource
    from synap_import.sources import Source, SourceCheck, Unreadable

USERS_HELP = "List who is in a source, with counts, as a user map to fill in."
EXPORT_HELP = "Write a source's records to a JSON Lines file that the source `json` reads back."

_SHOWN = 10


def import_command(installed: InstalledSource) -> click.Command:
    """``synap-import SOURCE``."""
    adapter = installed.load()

    def run(**given: Any) -> int:
        options = ImportOptions.pop_from(given)
        return run_import(installed, read_config(adapter.Config, given), options)

    return click.Command(
        installed.declaration.name,
        params=[*options_of(adapter.Config), *import_options()],
        callback=run,
        help=f"Import: {installed.declaration.summary}. The same command resumes.",
    )


def users_command(installed: InstalledSource) -> click.Command:
    """``synap-import users SOURCE``."""
    adapter = installed.load()

    def run(output: Path, force: bool, **given: Any) -> int:
        config = read_config(adapter.Config, given)
        return anyio.run(_write_users, adapter, config, output, force)

    return click.Command(
        installed.declaration.name,
        params=[*options_of(adapter.Config), _output(default="users.csv"), _force()],
        callback=run,
        help="Write a user map to fill in: who is there, with how many records.",
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


async def _write_users(
    adapter: type[Source[Any]], config: BaseModel, output: Path, force: bool
) -> int:
    async with open_source(adapter, config) as source:
        _say_check(await source.check())
        inventory = await take_inventory(source)
    rows = ((kind, owner, count) for (kind, owner), count in inventory.owners.items())
    write_user_map(output, rows, overwrite=force)
    _tell_users(inventory, output)
    return ExitCode.SOMETHING_REJECTED if inventory.unreadable else ExitCode.OK


def _say_check(check: SourceCheck) -> None:
    say(f"Source: {inert(check.title)}")
    for finding in check.findings:
        say_finding(finding)


def _tell_users(inventory: Inventory, output: Path) -> None:
    click.echo(
        f"{number(inventory.records)} records belong to {number(len(inventory.owners))} ids, "
        f"written to {output}."
    )
    for (kind, owner), count in inventory.owners.most_common(_SHOWN):
        click.echo(f"  {kind} {inert(owner, 60)}: {number(count)}")
    if inventory.unowned:
        click.echo(f"{number(inventory.unowned)} records belong to nobody: see --no-user.")
    if inventory.unreadable:
        click.echo(f"{number(inventory.unreadable)} items could not be read.")
    click.echo(
        "Fill in user_id for each row, or write keep (same id) or skip into the column action; "
        f"then import with --user-map {output}"
    )


async def _export(adapter: type[Source[Any]], config: BaseModel, output: Path) -> int:
    unreadable: list[Unreadable] = []
    records = 0
    async with open_source(adapter, config) as source:
        _say_check(await source.check())
        with _private_file(output) as file:
            async for page in all_pages(source):
                file.writelines(record_line(record) + b"\n" for record in page.records)
                records += len(page.records)
                unreadable += page.unreadable
    click.echo(f"{number(records)} records written to {output}.")
    for item in unreadable[:_SHOWN]:
        click.echo(f"Unreadable: {inert(item.where)}: {inert(item.reason)}")
    if unreadable:
        click.echo(f"{number(len(unreadable))} items could not be read.")
    return ExitCode.SOMETHING_REJECTED if unreadable else ExitCode.OK


def _private_file(path: Path) -> Any:
    try:
        return open_private(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or error}).", remedy="Choose another place."
        ) from error
