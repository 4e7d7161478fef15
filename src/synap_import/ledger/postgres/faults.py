"""What PostgreSQL says, as sentences for people."""

from __future__ import annotations

import psycopg
from psycopg import errors

from synap_import.errors import LedgerError

_RESUME = "the same command goes on where it stopped."


def explain(error: psycopg.Error, where: str) -> LedgerError:
    """The error to raise: what happened at which database, and what to do."""
    said = " ".join(str(error).split())
    match error:
        case errors.DiskFull() | errors.OutOfMemory() | errors.TooManyConnections():
            return LedgerError(
                f"The ledger's database has no room left ({where}: {said}).",
                remedy=f"Make room there; then {_RESUME}",
            )
        case errors.InsufficientPrivilege() | errors.ReadOnlySqlTransaction():
            return LedgerError(
                f"The ledger cannot be written ({where}: {said}).",
                remedy="Its user needs the right to create schemas in this database (GRANT CREATE "
                "ON DATABASE … TO …).",
            )
        # While it connects, the driver tells no code, only words.
        case psycopg.OperationalError() if "password" in said:
            return LedgerError(
                f"The ledger's database does not let us in ({where}: {said}).",
                remedy="Put the password into PGPASSWORD or ~/.pgpass.",
            )
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return LedgerError(
                f"The ledger's database does not answer ({where}: {said}).",
                remedy=f"When it is there again, {_RESUME}",
            )
        case _:
            return LedgerError(
                f"The ledger cannot be used ({where}: {said}).",
                remedy="Run the same command again; if it stays, use another database.",
            )
