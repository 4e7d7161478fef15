"""``synap-import users SOURCE``: who is in there, as a user map to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.host import open_source
from synap_import.identity import (
    Confidence,
    KnownUsers,
    Wishes,
    read_known_users,
    read_sheet,
    write_user_map,
)
from synap_import.inventory import passing_ledger, take_inventory
from synap_import.sources import Severity

from .config_options import options_of, read_config
from .instance_customers import customers_of_instance
from .terminal import inert, number, say, say_finding
from .users_words import next_step_lines, owner_lines, row_lines

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.plugins import InstalledSource
    from synap_import.sources import Source

USERS_HELP = "List who is in a source, with counts, as a user map to fill in."

_HELP = (
    "Write a user map to fill in: who is in the source, with how many records, of what kind and "
    "from when. The same command again brings the file up to date and keeps your decisions."
)
_SAY_AGAIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class UsersOptions:
    """What was asked of the command, beside the source."""

    output: Path
    force: bool
    known_users: Path | None
    fill: str | None
    read_all: bool
    synap_url: str | None


def users_command(installed: InstalledSource) -> click.Command:
    """``synap-import users SOURCE``."""
    adapter = installed.load()

    def run(**given: Any) -> int:
        options = UsersOptions(
            *(given.pop(name) for name in UsersOptions.__dataclass_fields__),
        )
        if options.fill and not options.known_users:
            raise click.UsageError("--fill takes over what --known-users suggests: give that, too.")
        config = read_config(adapter.Config, given)
        return anyio.run(_users, adapter, config, options)

    return click.Command(
        installed.declaration.name,
        params=[*options_of(adapter.Config), *_options()],
        callback=run,
        help=_HELP,
    )


def _options() -> list[click.Parameter]:
    return [
        click.Option(
            ["-o", "--output"],
            type=click.Path(path_type=Path, dir_okay=False),
            default="users.csv",
            show_default=True,
            help="The file to write, or to bring up to date.",
        ),
        click.Option(
            ["--known-users"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="CSV of your application's users: a column user_id or id; email and name if you "
            "have them. Who is alike is suggested, with how sure that is.",
        ),
        click.Option(
            ["--fill"],
            type=click.Choice([Confidence.CERTAIN.value, Confidence.HIGH.value]),
            help="Take suggestions over into user_id that are at least so sure, where nothing was "
            "decided.  [default: none]",
        ),
        click.Option(
            ["--read-all"],
            is_flag=True,
            help="Read the whole source, also where it tells by itself who is there: slower, and "
            "adds kinds and times.",
        ),
        click.Option(
            ["--synap-url"],
            envvar="SYNAP_BASE_URL",
            show_envvar=True,
            help="Address of Synap, which is asked whether users have customers if SYNAP_API_KEY "
            "is set.",
        ),
        click.Option(["--force"], is_flag=True, help="Give up what is in the file: begin anew."),
    ]


async def _users(adapter: type[Source[Any]], config: BaseModel, options: UsersOptions) -> int:
    known = KnownUsers(read_known_users(options.known_users)) if options.known_users else None
    _check_output(options)
    customers = await customers_of_instance(options.synap_url)
    async with open_source(adapter, config) as source:
        check = await source.check()
        say(f"Source: {inert(check.title)}")
        for finding in check.findings:
            say_finding(finding)
        told = _Told()
        with passing_ledger() as ledger:
            inventory = await take_inventory(
                source, ledger, read=options.read_all, on_records=told.on_records
            )
    wishes = Wishes(customers, known, Confidence(options.fill) if options.fill else None)
    changes = write_user_map(options.output, inventory.owners, wishes, overwrite=options.force)
    for finding in inventory.findings:
        say_finding(finding)
    for line in (
        *owner_lines(inventory),
        *row_lines(changes, options.output, wishes),
        *next_step_lines(adapter.name, options.output, changes, customers),
    ):
        click.echo(line)
    missing = any(finding.severity is Severity.ERROR for finding in inventory.findings)
    return ExitCode.SOMETHING_REJECTED if inventory.unreadable or missing else ExitCode.OK


def _check_output(options: UsersOptions) -> None:
    """Before what may take long; the file is read again when it is written, with later edits."""
    folder = options.output.resolve().parent
    if not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder}.", remedy="Choose another with -o.")
    if not options.force:
        read_sheet(options.output)


class _Told:
    """Says now and then how much was read: a large source takes its time."""

    def __init__(self) -> None:
        self._count = 0
        self._next = anyio.current_time() + _SAY_AGAIN_SECONDS

    def on_records(self, count: int) -> None:
        """So many records came."""
        self._count += count
        if anyio.current_time() >= self._next:
            say(f"read {number(self._count)} records")
            self._next = anyio.current_time() + _SAY_AGAIN_SECONDS
