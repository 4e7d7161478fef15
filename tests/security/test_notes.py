"""The threat notes name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(
    set(re.findall(r"`((?:tests|plugins)/[\w/.]+)`", (ROOT / "SECURITY.md").read_text()))
)


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_notes_name_is_there(name: str) -> None:
    assert "def test_" in (ROOT / name).read_text()


def test_every_test_of_security_is_named_in_the_notes() -> None:
    ours = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "security").glob("test_*.py")}
    assert ours - {"tests/security/test_notes.py"} <= set(NAMED)
