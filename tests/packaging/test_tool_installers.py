"""pipx and uv install the tool by the commands of docs/start.md, into environments of their own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from support.as_a_user import ROOT, Machine
from support.closures import closure
from support.wheels import write_wheels

# The first test waits until everything is built.
pytestmark = [pytest.mark.timeout(400), pytest.mark.thorough]

PAGE = (ROOT / "docs" / "start.md").read_text("utf-8")


def of_the_page(installer: str) -> str:
    """The commands of an installer that the page shows, each in a line of its own."""
    lines = [line.strip() for line in PAGE.splitlines() if line.startswith(f"    {installer} ")]
    assert lines
    return "\n".join(lines)


@pytest.fixture
def machine(built: Path, tmp_path: Path) -> Machine:
    """One where pipx and uv find our wheels and those of what we need, and no registry."""
    home, commands, wheels = (tmp_path / "machine" / name for name in ("home", "bin", "wheels"))
    for folder in (home, commands, wheels):
        folder.mkdir(parents=True)
    for name in ("pipx", "uv"):
        (commands / name).symlink_to(Path(sys.executable).parent / name)
    needed = closure("synap-import-json")
    write_wheels((one for one in needed if not one.startswith("synap-import")), wheels)
    for wheel in built.glob("*.whl"):
        (wheels / wheel.name).symlink_to(wheel)
    return Machine(home, _environment(home, commands, wheels))


def _environment(home: Path, commands: Path, wheels: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": f"{home / '.local' / 'bin'}:{commands}:/usr/bin:/bin",
        "NO_PROXY": "127.0.0.1,localhost",
        # Its other backend downloads a pip of its own first, the newest.
        "PIPX_DEFAULT_BACKEND": "uv",
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheels),
        "UV_NO_CONFIG": "1",
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }


FIRST_MOVE = f"""
cd {ROOT / "examples"}
synap-import json memories.jsonl --user-map users.csv --to sandbox --json > "$HOME/result.json"
ls "$HOME/.local/bin" > "$HOME/commands"
synap-import sql 2> "$HOME/missing" || test $? = 2
"""
WHAT_ADDS_ANOTHER = {
    "pipx": "`pipx inject synap-import synap-import-sql`",
    "uv tool": "`uv tool install synap-import --with synap-import-json --with synap-import-sql`",
}


@pytest.mark.parametrize("installer", ["pipx", "uv tool"])
def test_the_command_is_there_with_its_source_and_does_its_work(
    machine: Machine, installer: str
) -> None:
    ran = machine.run(of_the_page(installer) + FIRST_MOVE)
    assert ran.code == 0, ran.said
    assert json.loads((machine.home / "result.json").read_text())["loaded"] == 10
    assert WHAT_ADDS_ANOTHER[installer] in (machine.home / "missing").read_text()
    # Of all that came with it, the command alone is put where commands are.
    assert (machine.home / "commands").read_text() == "synap-import\n"


def test_the_environment_is_its_own_and_holds_nothing_of_ours(machine: Machine) -> None:
    ran = machine.run(
        of_the_page("pipx")
        + '\n"$(dirname "$(readlink -f "$HOME/.local/bin/synap-import")")/python" -c "'
        + "import sys, synap_import, importlib.util as u; "
        + "print(synap_import.__file__, u.find_spec('pytest'))\"\n"
    )
    assert ran.code == 0, ran.said
    assert f"{machine.home}/" in ran.said.splitlines()[-1]
    assert ran.said.splitlines()[-1].endswith(" None")
