"""A ledger's connection is as it must be, whatever the server's habits are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import pytest

from support.postgres_server import OWNER, PostgresServer
from support.sources import record
from synap_import.errors import LedgerError
from synap_import.ledger.postgres import PostgresLedger
from synap_import.sources import Page, Partition

WHOLE = Partition("p", "a partition")


@contextmanager
def opened(address: str) -> Iterator[PostgresLedger]:
    ledger = PostgresLedger(address, token_hex(6))
    yield ledger
    ledger.close()


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_every_text_is_refused(
    postgres_running: PostgresServer, encoding: str
) -> None:
    name = f"test_{token_hex(6)}"
    postgres_running.run(
        "postgres", f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0"
    )
    try:
        address = postgres_running.address(name, OWNER)
        with pytest.raises(LedgerError, match=encoding), opened(address):
            pass
    finally:
        postgres_running.run("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def test_text_comes_back_whatever_the_client_is_told(ledger_database: str) -> None:
    with opened(f"{ledger_database}?client_encoding=LATIN1") as ledger:
        ledger.note("greeting", "héllo 🌍")
        assert ledger.noted("greeting") == "héllo 🌍"


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_who_waited_for_another_sees_what_that_one_wrote(ledger_database: str, level: str) -> None:
    address = f"{ledger_database}?options=-c%20default_transaction_isolation%3D" + level.replace(
        " ", "%5C%20"
    )
    with opened(address) as ledger:
        ledger.reading.open_partition(WHOLE)
        with ledger._database.transaction("stage") as db:
            assert db.execute("SHOW transaction_isolation").fetchone() == ("read committed",)
        ledger.reading.stage(WHOLE, Page([record(1)], None))
        assert ledger.books().exported == 1


def test_whoever_is_gone_in_the_middle_holds_up_the_others_for_minutes_at_most(
    ledger_database: str,
) -> None:
    address = f"{ledger_database}?options=-c%20idle_in_transaction_session_timeout%3D0"
    with opened(address) as ledger, ledger._database.transaction("stage") as db:
        assert db.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("2min",)


def test_a_lock_is_held_however_long_nothing_is_to_be_done(ledger_database: str) -> None:
    address = f"{ledger_database}?options=-c%20idle_session_timeout%3D1000"
    with opened(address) as ledger, ledger._database.transaction() as db:
        assert db.execute("SHOW idle_session_timeout").fetchone() == ("0",)
