"""``synap-import ids``: which id of the source became which in Synap, as a file."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.ids import write_ids
from synap_import.jobs import Workdir

from .import_options import json_option, workdir_option
from .terminal import number, say

_HELP = (
    "Write a CSV file with a row for each record of a job (by default the latest): its ids in the "
    "source, its document, ingestion and memories in Synap, and its state. Memories are known once "
    "they were confirmed."
)


def ids_command() -> click.Command:
    """``synap-import ids [JOB]``."""
    return click.Command(
        "ids",
        params=[
            click.Argument(["job"], required=False),
            click.Option(
                ["-o", "--output"],
                type=click.Path(path_type=Path, dir_okay=False),
                default=Path("ids.csv"),
                show_default=True,
                help="The file.",
            ),
            click.Option(["--force"], is_flag=True, help="Overwrite a file that is there."),
            workdir_option(),
            json_option(),
        ],
        callback=_ids,
        help=_HELP,
    )


def _ids(job: str | None, output: Path, force: bool, workdir: Path | None, as_json: bool) -> int:
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    if output.exists() and not force:
        raise ConfigurationError(f"{output} is there already.", remedy="--force replaces it.")
    with closing(found.open_ledger()) as ledger:
        rows = write_ids(output, ledger.listing.identified())
        books = ledger.books()
        unasked = ledger.undoing.outlook().to_ask
    unreadable = books.rejected.get("unreadable", 0)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "job": found.name,
                    "output": str(output),
                    "records": rows,
                    "unreadable": unreadable,
                    "documents_not_confirmed": unasked,
                }
            )
        )
        return ExitCode.OK
    click.echo(f"{number(rows)} records written to {output}.")
    if unreadable:
        say(f"{number(unreadable)} items could not be read: they are no records and have no row.")
    if unasked:
        say(
            f"The memories of {number(unasked)} documents are not known yet: "
            f"synap-import confirm {found.name} --confirm all"
        )
    return ExitCode.OK
