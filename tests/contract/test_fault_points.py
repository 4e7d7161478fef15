"""A test that kills at a point which does not exist kills nothing: each named point is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"\bledger\.([a-z_.]+)\.(?:before_begin|before_commit|after_commit|\{)")
MADE = re.compile(r"transaction\(\s*\"(\w+)\"")


def test_every_fault_point_of_the_ledger_that_is_named_is_reached() -> None:
    ledger = ROOT / "src/synap_import/ledger"
    made = {name for path in ledger.rglob("*.py") for name in MADE.findall(path.read_text("utf-8"))}
    folders = [ROOT / "tests", ROOT / "plugins", ROOT / "src/synap_import"]
    texts = {path: path.read_text("utf-8") for one in folders for path in one.rglob("*.py")}
    named = {name for text in texts.values() for name in NAMED.findall(text)}
    assert {"stage", "answer", "claim"} <= named & made
    assert named - made == set()
