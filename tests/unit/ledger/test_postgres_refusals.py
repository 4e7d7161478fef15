"""A database that does not let its user make a ledger says so in a sentence."""

from __future__ import annotations

import pytest

from support.postgres_server import PostgresServer
from synap_import.errors import LedgerError
from synap_import.ledger.postgres import PostgresLedger, locked


def test_a_user_without_the_right_to_make_a_schema_is_told_which_right(
    postgres_running: PostgresServer, ledger_database: str
) -> None:
    address = postgres_running.address(ledger_database.rpartition("/")[2])
    with pytest.raises(LedgerError, match="cannot be written") as caught:
        PostgresLedger(address, "a-job")
    assert "GRANT CREATE" in caught.value.remedy
    assert postgres_running.reader_password not in str(caught.value)


def test_a_database_that_is_read_only_is_a_sentence(ledger_database: str) -> None:
    address = f"{ledger_database}?options=-c%20default_transaction_read_only%3Don"
    with locked(address, "another-job"), pytest.raises(LedgerError, match="cannot be written"):
        PostgresLedger(address, "another-job")
