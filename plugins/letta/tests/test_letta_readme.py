"""The README names every reason to hold, and the account of each form explains it."""

from __future__ import annotations

from pathlib import Path

from support.reasons import constants_of, reasons_in, written_out
from synap_import_letta import holds
from synap_import_letta.files.source import AgentFiles
from synap_import_letta.server.source import Server

PLUGIN = Path(__file__).parents[1]


def test_the_reasons_to_hold_are_those_that_the_account_explains() -> None:
    reasons = reasons_in((PLUGIN / "README.md").read_text("utf-8"))
    assert reasons == set(Server.holds) == set(AgentFiles.holds)


def test_no_reason_to_hold_is_left_unexplained() -> None:
    assert constants_of(holds) == set(holds.HOLDS)
    assert written_out(PLUGIN / "src") == []
