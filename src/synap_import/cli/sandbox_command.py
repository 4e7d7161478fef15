"""``synap-import sandbox``: a local stand-in for Synap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from synap_import.errors import ExitCode
from synap_import.sandbox import SandboxSettings, serve
from synap_import.sandbox.fault_script import script_in, script_of


def sandbox_command() -> click.Command:
    """The command with its options."""
    return click.Command(
        "sandbox",
        params=[
            click.Option(
                ["--port"],
                type=click.IntRange(0, 65535),
                default=8484,
                show_default=True,
                help="Port on this machine; 0 takes a free one.",
            ),
            click.Option(
                ["--db"],
                type=click.Path(path_type=Path, dir_okay=False),
                default="synap-sandbox.sqlite",
                show_default=True,
                help="The file that keeps what it is given.",
            ),
            click.Option(
                ["--isolation"],
                type=click.Choice(["b2b", "b2c"]),
                default="b2c",
                show_default=True,
                help="Whether it demands (b2b) or refuses (b2c) customer ids.",
            ),
            click.Option(
                ["--duplicates"],
                type=click.Choice(["update", "row", "conflict"]),
                default="update",
                show_default=True,
                help="What a repeated document_id gives: an update, a failed row, or a 409.",
            ),
            click.Option(
                ["--faults"],
                metavar="seed=N,rate=R[,kinds=A+B]",
                help="Misbehave on purpose, the same for the same seed (docs/sandbox.md).",
            ),
            click.Option(
                ["--fault-script"],
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                help="Misbehave as this JSON file says.",
            ),
        ],
        callback=_run,
        help="Run a local stand-in for Synap, for rehearsals: nothing reaches Maximem Synap.",
    )


def _run(faults: str | None, fault_script: Path | None, **given: Any) -> int:
    script = script_in(fault_script) if fault_script else script_of(faults) if faults else None
    serve(SandboxSettings(**given, faults=script), on_ready=_tell)
    return ExitCode.OK


def _tell(url: str) -> None:
    click.echo(f"Sandbox (a stand-in, not Maximem Synap) at {url}")
    click.echo(f"  look at it:  {url}/")
    click.echo(f"  load into it: SYNAP_API_KEY=synap_any synap-import … --synap-url {url}")
    click.echo("Ctrl-C ends it; its file stays.")
