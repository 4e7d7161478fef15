"""``synap-import new-plugin`` makes a plugin whose tests are green, and spoils nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.as_a_user import new_machine
from support.commands import run
from support.plugin_sites import declaring, install

SCRIPT = """
python -m venv .venv
. .venv/bin/activate
pip install -q 'synap-import[testing]'
synap-import new-plugin blue-kite --license mit --author 'Ana Lima'
cd synap-import-blue-kite
pip install -q -e .
pytest
synap-import sources
synap-import blue-kite --help
synap-import new-plugin blue-kite --output again || echo "exit code $?"
"""


def test_its_tests_are_green_at_once_and_the_tool_has_another_source(tmp_path: Path) -> None:
    machine = new_machine(tmp_path / "machine")
    ran = machine.run(SCRIPT)
    assert ran.code == 0, ran.said
    assert re.search(r"^=+ \d+ passed in ", ran.said, re.MULTILINE)
    assert "blue-kite  synap-import-blue-kite 0.1.0  Blue Kite" in ran.said
    assert "BLUE_KITE_API_KEY" in ran.said
    taken = "The name 'blue-kite' is taken: synap-import-blue-kite reads it.\n"
    assert taken in ran.said
    assert ran.said.endswith("exit code 2\n")
    assert "Ana Lima" in (machine.home / "synap-import-blue-kite" / "LICENSE").read_text()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        pytest.param("x", "none", marks=pytest.mark.thorough),
        ("none", "apache-2.0"),
        pytest.param("b3-" + 27 * "c", "mit", marks=pytest.mark.thorough),
    ],
)
def test_what_it_makes_is_formatted_linted_and_typed_whatever_its_name(
    here: Path, name: str, licence: str
) -> None:
    made = run("new-plugin", name, "--license", licence, "--output", "made", cwd=here)
    assert made.code == 0, made.err
    for check in (["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]):
        done = subprocess.run(
            [sys.executable, "-m", *check],
            cwd=here / "made",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_licence_nothing_can_be_published_by_mistake(here: Path) -> None:
    run("new-plugin", "acme", "--license", "none", cwd=here)
    folder = here / "synap-import-acme"
    assert "Private :: Do Not Upload" in (folder / "pyproject.toml").read_text()
    assert "nobody may use it" in (folder / "README.md").read_text()
    assert not (folder / "LICENSE").exists()


def test_it_says_what_to_do_next(here: Path) -> None:
    said = run("new-plugin", "acme", "--output", "my plugin", cwd=here).out
    assert "cd 'my plugin'\n  pip install -e '.[test]'\n  pytest" in said


def test_a_folder_with_something_in_it_is_left_alone(here: Path) -> None:
    (here / "synap-import-acme").mkdir()
    (here / "synap-import-acme" / "mine.txt").write_text("mine")
    refused = run("new-plugin", "acme", cwd=here)
    assert refused.code == 2
    assert "synap-import-acme is there already" in refused.err
    assert [path.name for path in here.rglob("*.*")] == ["mine.txt"]


def test_an_empty_folder_will_do(here: Path) -> None:
    assert run("new-plugin", "acme", "--output", ".", cwd=here).code == 0
    assert (here / "pyproject.toml").is_file()


def test_a_place_that_cannot_be_written_is_a_sentence(here: Path) -> None:
    (here / "file").write_text("")
    refused = run("new-plugin", "acme", "--output", "file/acme", cwd=here)
    assert refused.code == 2
    assert "file/acme cannot be written (Not a directory)." in refused.err


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("sandbox", "it is a command of synap-import"),
        ("json", "synap-import-json reads it"),
        ("graphiti", "synap-import-zep reads it"),
        ("greet", "it is a command of synap-import-hello"),
        ("twice", "synap-import-one and synap-import-two have it"),
    ],
)
def test_a_name_that_somebody_has_is_told_with_who_has_it(
    here: Path, site: Path, name: str, who: str
) -> None:
    for plugin, command in (("hello", "greet"), ("one", "twice"), ("two", "twice")):
        declared = f"CommandDeclaration({command!r}, 'Say hello.', 'nowhere:command')"
        install(site, f"synap-import-{plugin}", f"{plugin}_plugin", declaring("commands", declared))
    refused = run("new-plugin", name, cwd=here)
    assert refused.code == 2
    assert f"The name '{name}' is taken: {who}." in refused.err
    assert list(here.iterdir()) == []
