"""The ledger in a PostgreSQL: a schema per job, for any number of processes at once.

Needs the extra ``postgres``, and is imported only where an address asks for it.
"""

from __future__ import annotations

from synap_import.ledger.sql import INTERRUPTED, SqlLedger
from synap_import.ledger.values import DocumentState

from .address import without_secrets
from .database import PostgresDatabase
from .locking import jobs_in, locked

__all__ = ["PostgresLedger", "jobs_in", "locked", "without_secrets"]


class PostgresLedger(SqlLedger):
    """A ledger that several processes may have open, each as a ``worker`` with its own name."""

    def __init__(self, address: str, job: str, worker: str = "") -> None:
        """Open the job's schema, or make it.

        Raises ConfigurationError for an address that is none, LedgerError when it cannot be used.
        """
        super().__init__(PostgresDatabase(address, job, worker))

    def recover(self, *, hold_doubts: bool = False, worker: str | None = None) -> int:
        """See the interface. Of a ``worker`` that died: just what it had in hand."""
        if worker is None:
            return super().recover(hold_doubts=hold_doubts)
        state = DocumentState.IN_DOUBT if hold_doubts else DocumentState.PLANNED
        with self._transaction("take_back") as db:
            return db.execute(
                "UPDATE documents SET state = ?, doubt = coalesce(doubt, ?)"  # noqa: S608 - ours
                f" WHERE state = '{DocumentState.IN_FLIGHT}' AND worker = ?",
                (state, INTERRUPTED, worker),
            ).rowcount
