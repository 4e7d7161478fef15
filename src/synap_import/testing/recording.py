"""``python -m synap_import.testing.recording SOURCE``: a cassette of a real account, scrubbed.

It reads as an import begins to read: what is there, whose, and the first pages. Nothing is sent
to Synap and nothing else is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from synap_import.cli.config_options import options_of, read_config
from synap_import.cli.main import SourceGroup
from synap_import.errors import SynapImportError

from .cassettes import record
from .configured import scrubber_for
from .provenance import Provenance
from .reading import Bounds, Reading, read_source

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.plugins import InstalledSource
    from synap_import.sources import Source


@dataclass(frozen=True, slots=True)
class Recording:
    """What is asked for beside the source's own options. ``output`` is a file, or None for one of
    the folder of cassettes that is not there yet.
    """

    folder: Path
    output: Path | None
    scenario: str
    server: str
    bounds: Bounds

    @classmethod
    def pop_from(cls, given: dict[str, Any]) -> Recording:
        """Take them out of the parsed options."""
        bounds = Bounds(given.pop("partitions"), given.pop("pages"))
        return cls(
            given.pop("cassettes"),
            given.pop("output"),
            given.pop("scenario"),
            given.pop("server"),
            bounds,
        )

    def path(self, source: str, today: str) -> Path:
        """Where it is written. Raises ClickException rather than replace a file."""
        if self.output is None:
            return _free_path(self.folder / source, f"recorded_{today}_{self.scenario}")
        if self.output.exists():
            raise click.ClickException(f"{self.output} is there already: move it away first.")
        return self.output


def record_command(installed: InstalledSource) -> click.Command:
    """``record SOURCE``, with the source's own options."""
    adapter = installed.load()

    def run(**given: Any) -> None:
        recording = Recording.pop_from(given)
        _run(installed, adapter, read_config(adapter.Config, given), recording)

    return click.Command(
        installed.declaration.name,
        params=[*options_of(adapter.Config), *_options()],
        callback=run,
        help=f"Record the beginning of a reading: {installed.declaration.summary}.",
    )


def _run(
    installed: InstalledSource, adapter: type[Source[Any]], config: BaseModel, recording: Recording
) -> None:
    source, today = installed.declaration.name, datetime.now(UTC).date().isoformat()
    path = recording.path(source, today)
    provenance = _provenance(installed, recording, today)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with record(path, provenance, scrubber_for(config)):
            reading = anyio.run(read_source_patiently, adapter, config, recording.bounds)
    except (SynapImportError, ValueError) as error:
        _say_written(path, recording)
        raise click.ClickException(str(error)) from None
    _say(reading)
    _say_written(path, recording)


async def read_source_patiently(
    adapter: type[Source[Any]], config: BaseModel, bounds: Bounds
) -> Reading:
    """A real server is given the pauses that it asks for."""
    return await read_source(adapter, config, bounds, wait=True)


def _provenance(installed: InstalledSource, recording: Recording, today: str) -> Provenance:
    bounds = recording.bounds
    return Provenance(
        kind="recorded",
        source=installed.declaration.name,
        version=recording.server,
        how=f"{installed.distribution} {installed.version} read the first {bounds.pages} pages of "
        f"{bounds.partitions} partitions; scrubbed by synap_import.testing",
        validated="it is what the server answered, but for placeholders and headers left out",
        date=today,
    )


def _free_path(folder: Path, name: str) -> Path:
    candidates = (
        folder / f"{name}{f'_{number}' if number > 1 else ''}.yaml" for number in count(1)
    )
    return next(path for path in candidates if not path.exists())


def _say(reading: Reading) -> None:
    click.echo(f"Read: {reading.check.title}: {len(reading.records)} records.", err=True)


def _say_written(path: Path, recording: Recording) -> None:
    listed = "" if recording.output else f", then list it in {recording.folder}/PROVENANCE.md"
    if path.exists():
        click.echo(f"Written: {path}. Look through it{listed}.")


def _options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--cassettes"],
            type=click.Path(path_type=Path, file_okay=False),
            default="cassettes",
            show_default=True,
            help="The folder of cassettes.",
        ),
        click.Option(
            ["-o", "--output"],
            type=click.Path(path_type=Path, dir_okay=False),
            help="The file to write, instead of one in the folder of cassettes.",
        ),
        click.Option(
            ["--scenario"], default="reading", show_default=True, help="The end of the file's name."
        ),
        click.Option(
            ["--server"],
            default="the service as it answered on that day",
            show_default=True,
            help="Which server answered, and its version.",
        ),
        click.Option(
            ["--partitions"], type=click.IntRange(1), default=20, show_default=True, help="At most."
        ),
        click.Option(
            ["--pages"],
            type=click.IntRange(1),
            default=2,
            show_default=True,
            help="Of each partition, at most.",
        ),
    ]


def main() -> None:
    """Run the command."""
    SourceGroup(record_command, "record", "Record a cassette from a real account.").main(
        prog_name="synap_import.testing.recording"
    )


if __name__ == "__main__":
    main()
