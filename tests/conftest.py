"""Fixtures that every host test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.synap import ScriptedSynap
from synap_import.ledger import SqliteLedger


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the home of the person who runs it, nor uses their key."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("SYNAP_API_KEY", "SYNAP_BASE_URL", "SYNAP_INSTANCE_ID", "SYNAP_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    return home


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    """An empty ledger."""
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


@pytest.fixture
def synap() -> Iterator[ScriptedSynap]:
    """A Synap that does what the test's script says, and takes everything behind its end."""
    with ScriptedSynap() as scripted:
        yield scripted
