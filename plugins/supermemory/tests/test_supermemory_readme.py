"""The README names every reason to hold, and the account explains it."""

from __future__ import annotations

from pathlib import Path

from support.reasons import constants_of, reasons_in, written_out
from synap_import_supermemory import holds
from synap_import_supermemory.source import SuperMemorySource

PLUGIN = Path(__file__).parents[1]


def test_the_reasons_to_hold_are_those_that_the_account_explains() -> None:
    assert reasons_in((PLUGIN / "README.md").read_text("utf-8")) == set(SuperMemorySource.holds)


def test_no_reason_to_hold_is_left_unexplained() -> None:
    assert constants_of(holds) == set(SuperMemorySource.holds)
    assert written_out(PLUGIN / "src") == []
