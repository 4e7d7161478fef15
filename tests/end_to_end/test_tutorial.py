"""The tutorial, followed to the letter by somebody who has nothing yet, ends with the example."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from support.as_a_user import ROOT, new_machine
from support.tutorial import blocks, script, unsaid

PAGE = (ROOT / "docs" / "writing-a-plugin.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "plugin-acme"
LEFT_BEHIND = {"__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache"}


@pytest.fixture
def port_of_the_page() -> Iterator[None]:
    """The page names a port, which only one run of it can have at a time."""
    with FileLock(Path(tempfile.gettempdir()) / "synap-import-tutorial.lock", timeout=150):
        yield


@pytest.mark.thorough
@pytest.mark.usefixtures("port_of_the_page")
def test_its_commands_and_files_make_the_example_and_say_what_the_page_shows(
    tmp_path: Path,
) -> None:
    machine, of_the_page = new_machine(tmp_path / "machine"), blocks(PAGE)
    ran = machine.run(script(of_the_page))
    assert ran.code == 0, ran.said
    assert unsaid(of_the_page, ran.said) == [], ran.said
    assert made(machine.home / "plugin-acme") == made(EXAMPLE)


def made(folder: Path) -> dict[str, str]:
    """What stands in the files that one would keep; a recording has a date of its own."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): re.sub(
            r"^  date: .*$", "", path.read_text("utf-8"), flags=re.MULTILINE
        )
        for path in files
        if not LEFT_BEHIND & set(path.relative_to(folder).parts)
    }


def test_every_block_of_the_page_is_one_that_is_run_written_or_compared() -> None:
    strange = [one for one in blocks(PAGE) if not one.title and one.kind not in ("sh", "text")]
    assert strange == []
    assert len(blocks(PAGE)) * 2 == PAGE.count("```")


def test_the_adapter_has_about_sixty_lines() -> None:
    code = (EXAMPLE / "src" / "synap_import_acme" / "source.py").read_text("utf-8")
    below_the_models = code[code.index("class AcmeSource") :]
    assert 50 <= sum(bool(line.strip()) for line in below_the_models.splitlines()) <= 70
