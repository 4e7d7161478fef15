"""Fixtures that every host test may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex

import pytest

from support.postgres_server import OWNER, PostgresServer
from support.synap import ScriptedSynap
from synap_import.ledger import Ledger, SqliteLedger
from synap_import.ledger.postgres import PostgresLedger


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


@pytest.fixture(params=["sqlite", "postgres"])
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Opens the ledger of one job, as often as it is called."""
    with ExitStack() as stack:

        def opened() -> Ledger:
            ledger: Ledger
            if request.param == "sqlite":
                ledger = SqliteLedger(tmp_path / "ledger.sqlite")
            else:
                address = request.getfixturevalue("ledger_database")
                ledger = PostgresLedger(address, job)
            stack.callback(ledger.close)
            return ledger

        job = token_hex(6)
        yield opened


@pytest.fixture
def ledger(ledgers: Callable[[], Ledger]) -> Ledger:
    """An empty ledger."""
    return ledgers()


@pytest.fixture(scope="session")
def ledger_database(postgres_running: PostgresServer) -> Iterator[str]:
    """The address of an empty database, as its owner sees it."""
    with postgres_running.database() as name:
        yield postgres_running.address(name, OWNER)


@pytest.fixture
def synap() -> Iterator[ScriptedSynap]:
    """A Synap that does what the test's script says, and takes everything behind its end."""
    with ScriptedSynap() as scripted:
        yield scripted
