"""The page about the contract explains every check, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from synap_import.testing import SourceContract

PAGE = (Path(__file__).parents[2] / "docs" / "contract.md").read_text("utf-8")


def test_every_check_has_one_row() -> None:
    rows = re.findall(r"^\| `(test_\w+)` \| .+ \| .+ \|$", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(name for name in dir(SourceContract) if name.startswith("test_"))
