"""The ledger in a PostgreSQL: a schema per job, for any number of processes at once.

Needs the extra ``postgres``, and is imported only where an address asks for it.
"""

from __future__ import annotations

from synap_import.ledger.ledger import Ledger

from .address import without_secrets
from .database import PostgresDatabase
from .locking import jobs_in, locked

__all__ = ["PostgresLedger", "jobs_in", "locked", "without_secrets"]


class PostgresLedger(Ledger):
    """A ledger that several processes may have open, each as a ``worker`` with its own name."""

    def __init__(self, address: str, job: str, worker: str = "") -> None:
        """Open the job's schema, or make it.

        Raises ConfigurationError for an address that is none, LedgerError when it cannot be used.
        """
        super().__init__(PostgresDatabase(address, job, worker))
