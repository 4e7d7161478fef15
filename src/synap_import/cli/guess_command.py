"""``synap-import SOURCE --guess-mapping``: a mapping file to look through, and no import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synap_import.errors import ConfigurationError, ExitCode
from synap_import.private_files import open_private

from .terminal import inert, say

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.sources import Source


def guess_options() -> list[click.Parameter]:
    """The options of sources that can propose a mapping."""
    return [
        click.Option(
            ["--guess-mapping"],
            is_flag=True,
            help="Import nothing: look at the first records and propose a mapping file.",
        ),
        click.Option(
            ["-o", "--output"],
            type=click.Path(path_type=Path, dir_okay=False),
            help="The mapping file to write.  [default: it is printed]",
        ),
    ]


def write_guess(adapter: type[Source[Any]], config: BaseModel, output: Path | None) -> int:
    """Write or print the proposal. A file that is there was perhaps edited, so it stays."""
    text = adapter.guess_mapping(config)
    if output is None:
        click.echo("\n".join(inert(line, 500) for line in text.splitlines()))
        return ExitCode.OK
    if output.exists():
        raise ConfigurationError(
            f"{output} is there already.", remedy="Choose another name, or remove it."
        )
    try:
        with open_private(output) as file:
            file.write(text.encode())
    except OSError as error:
        raise ConfigurationError(
            f"{output} cannot be written ({error.strerror or error}).",
            remedy="Choose another place.",
        ) from error
    say(
        f"{output} is a proposal: look through it, above all at what is marked DOUBT, and say "
        f"whose the memories are. Then see what it does: --mapping {output} --dry-run"
    )
    return ExitCode.OK
