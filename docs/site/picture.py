"""Draws docs/terminal.svg: the example of the README, as a real run shows it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "terminal.svg"
WIDTH = 96
COMMAND = "synap-import json examples/memories.jsonl --user-map examples/users.csv --to sandbox"


def run(*more: str) -> list[str]:
    """What the command says, with the places of this machine left out."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(  # noqa: S603 - our own command
            [
                sys.executable,
                "-m",
                "synap_import",
                *COMMAND.split()[1:],
                *more,
                "--workdir",
                folder,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
    return done.stdout.replace(f"{folder}/", "~/.local/state/synap-import/").splitlines()


def draw(shown: list[tuple[str, list[str]]]) -> str:
    """The picture of commands and what they said."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    for command, said in shown:
        console.print(Text.assemble(("$ ", "green"), (command, "bold")))
        for line in said:
            console.print(Text(line, _style(line), overflow="fold"))
        console.print()
    svg = console.export_svg(title="synap-import", theme=MONOKAI, unique_id="terminal")
    # The font would be asked of somebody else's server.
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def _style(line: str) -> str:
    if re.match(r"\s*(warning|Warning)", line):
        return "yellow"
    return "cyan" if re.match(r"  (exported|  loaded|  held)", line) else ""


def main() -> None:
    """Run the commands and write the picture."""
    shown = [(f"{COMMAND} --dry-run", run("--dry-run")), (COMMAND, run())]
    PICTURE.write_text(draw(shown), encoding="utf-8")


if __name__ == "__main__":
    main()
