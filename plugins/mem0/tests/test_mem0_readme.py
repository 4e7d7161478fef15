"""The README names every reason to hold, and the account of each form explains it."""

from __future__ import annotations

from pathlib import Path

from support.reasons import constants_of, reasons_in, written_out
from synap_import_mem0 import holds
from synap_import_mem0.files.source import Files
from synap_import_mem0.platform.source import Platform
from synap_import_mem0.server.source import Server
from synap_import_mem0.stores.pgvector import PgVector
from synap_import_mem0.stores.qdrant import QdrantServer

PLUGIN = Path(__file__).parents[1]
FORMS = (Files, Platform, Server, PgVector, QdrantServer)


def test_the_reasons_to_hold_are_those_that_the_account_explains() -> None:
    reasons = reasons_in((PLUGIN / "README.md").read_text("utf-8"))
    assert [set(form.holds) for form in FORMS] == [reasons] * len(FORMS)


def test_no_reason_to_hold_is_left_unexplained() -> None:
    assert constants_of(holds) == set(holds.HOLDS)
    assert written_out(PLUGIN / "src") == []
