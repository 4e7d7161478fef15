"""The README names every reason to hold, and the account explains it."""

from __future__ import annotations

from pathlib import Path

from support.reasons import reasons_in, written_out
from synap_import_json.source import JsonSource

PLUGIN = Path(__file__).parents[1]


def test_the_reasons_to_hold_are_those_that_the_account_explains() -> None:
    assert reasons_in((PLUGIN / "README.md").read_text("utf-8")) == set(JsonSource.holds)
    assert written_out(PLUGIN / "src") == []
