"""``synap-import rejected``: what did not arrive, as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING

import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.jobs import Workdir
from synap_import.ledger import DocumentState
from synap_import.rejected import HandedOver, hand_over

from .import_options import json_option, workdir_option
from .terminal import number, say

if TYPE_CHECKING:
    from synap_import.jobs import Job

REJECTED_HELP = (
    "Write the rejected records of a job (by default the latest) to a file that the source "
    "`json` loads as it is, and the reasons to a second one."
)


def rejected_command() -> click.Command:
    """``synap-import rejected [JOB]``."""
    return click.Command(
        "rejected",
        params=[
            click.Argument(["job"], required=False),
            click.Option(
                ["-o", "--output"],
                type=click.Path(path_type=Path, dir_okay=False),
                help="The file for the records.  [default: rejected.jsonl]",
            ),
            click.Option(
                ["--reasons"],
                type=click.Path(path_type=Path, dir_okay=False),
                help="The file for the reasons.  [default: rejected.reasons.jsonl]",
            ),
            click.Option(
                ["--in-doubt"],
                is_flag=True,
                help="Write those whose outcome is unknown instead of the rejected ones.",
            ),
            click.Option(["--force"], is_flag=True, help="Overwrite files that are there."),
            workdir_option(),
            json_option(),
        ],
        callback=_rejected,
        help=REJECTED_HELP,
    )


def _rejected(
    *,
    job: str | None,
    output: Path | None,
    reasons: Path | None,
    in_doubt: bool,
    force: bool,
    workdir: Path | None,
    as_json: bool,
) -> int:
    found = (Workdir(workdir) if workdir else Workdir.default()).find(job)
    state = DocumentState.IN_DOUBT if in_doubt else DocumentState.REJECTED
    output = output or Path("in-doubt.jsonl" if in_doubt else "rejected.jsonl")
    reasons = reasons or output.with_name(f"{output.stem}.reasons.jsonl")
    _check_places(output, reasons, force=force)
    handed_over = _write(found, state, output, reasons)
    if as_json:
        click.echo(_as_json(found, handed_over, output, reasons))
    else:
        _tell(found, state, handed_over, output, reasons)
    return ExitCode.OK


def _check_places(output: Path, reasons: Path, *, force: bool) -> None:
    if output.absolute() == reasons.absolute():
        raise ConfigurationError(
            f"Records and reasons cannot both go into {output}.", remedy="Name another --reasons."
        )
    for path in (output, reasons):
        if path.exists() and not force:
            raise ConfigurationError(f"{path} is there already.", remedy="--force replaces it.")


def _write(job: Job, state: DocumentState, output: Path, reasons: Path) -> HandedOver:
    """Each file appears whole, or not at all; a file without a line does not appear."""
    with (
        closing(job.open_ledger()) as ledger,
        _appearing(output) as records_file,
        _appearing(reasons) as reasons_file,
    ):
        return hand_over(ledger, state, records_file, reasons_file)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            unfinished = Path(file.name)
            try:
                yield file
                file.flush()
                if unfinished.stat().st_size:
                    unfinished.replace(path)
                else:
                    path.unlink(missing_ok=True)
            finally:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or error}).", remedy="Choose another place."
        ) from error


def _as_json(job: Job, handed_over: HandedOver, output: Path, reasons: Path) -> str:
    written = handed_over.records + handed_over.unreadable
    return json.dumps(
        {
            "job": job.name,
            **asdict(handed_over),
            "output": str(output) if handed_over.records else None,
            "reasons": str(reasons) if written else None,
        }
    )


def _tell(
    job: Job, state: DocumentState, handed_over: HandedOver, output: Path, reasons: Path
) -> None:
    what = "in doubt" if state is DocumentState.IN_DOUBT else "rejected"
    if handed_over == HandedOver():
        click.echo(f"Nothing is {what} in job {job.name}.")
        return
    if handed_over.records:
        click.echo(
            f"{number(handed_over.records)} records of {number(handed_over.documents)} documents "
            f"that are {what}: written to {output}, each with its reason in {reasons}."
        )
    if handed_over.unreadable:
        click.echo(
            f"{number(handed_over.unreadable)} items that could not be read: written to {reasons}."
        )
    if state is DocumentState.REJECTED and handed_over.records:
        say(
            f"When the cause is mended in Synap: synap-import retry {job.name}\n"
            "When the records are mended in the source: the import command again\n"
            f"When they are mended in the file: synap-import json {output} --user-map …\n"
            "  (with the import's --namespace, if it had one, they keep their document ids)"
        )
