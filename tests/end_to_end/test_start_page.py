"""The page for the first five minutes, followed to the letter by somebody who has nothing yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.as_a_user import ROOT, new_machine
from support.tutorial import blocks, script, unsaid

PAGE = (ROOT / "docs" / "start.md").read_text("utf-8")


@pytest.mark.thorough
def test_its_commands_say_what_the_page_shows(tmp_path: Path) -> None:
    of_the_page = blocks(PAGE)
    machine = new_machine(tmp_path / "machine", projects=[ROOT, ROOT / "plugins" / "json"])
    ran = machine.run(script(of_the_page))
    assert ran.code == 0, ran.said
    assert unsaid(of_the_page, ran.said) == [], ran.said


def test_every_block_of_the_page_is_one_that_is_run_written_or_compared() -> None:
    strange = [one for one in blocks(PAGE) if not one.title and one.kind not in ("sh", "text")]
    assert strange == []
    assert len(blocks(PAGE)) * 2 == PAGE.count("```")
