"""Ledgers in a PostgreSQL. What that needs is imported here, and only where an address asks."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from synap_import.errors import ConfigurationError

if TYPE_CHECKING:
    from types import ModuleType

    from .ledger import Ledger

ADDRESS_VARIABLE = "SYNAP_IMPORT_LEDGER"
"""Holds the whole address, with the password that is not kept in a job."""

_SCHEMES = ("postgresql://", "postgres://")


def open_ledger_at(address: str, job: str, worker: str = "") -> Ledger:
    """The ledger of a job, for one ``worker`` of those that share it.

    Raises ConfigurationError for an address that is none, LedgerError when it cannot be used.
    """
    ledger: Ledger = _postgres(address).PostgresLedger(with_password(address), job, worker)
    return ledger


def locked_at(address: str, job: str) -> AbstractContextManager[None]:
    """Keep others off a job, on whatever machine. Raises JobLockedError when one is at work."""
    lock: AbstractContextManager[None] = _postgres(address).locked(with_password(address), job)
    return lock


def jobs_at(address: str) -> list[str]:
    """The jobs that have a ledger in this database."""
    jobs: list[str] = _postgres(address).jobs_in(with_password(address))
    return jobs


def without_password(address: str) -> str:
    """The address as it may be kept and shown."""
    shown: str = _postgres(address).without_secrets(address)
    return shown


def with_password(address: str) -> str:
    """The address in the environment, where it is this one; else libpq looks for a password."""
    whole = os.environ.get(ADDRESS_VARIABLE, "")
    if not whole.startswith(_SCHEMES):
        return address
    return whole if without_password(whole) == without_password(address) else address


def _postgres(address: str) -> ModuleType | Any:
    if not address.startswith(_SCHEMES):
        raise ConfigurationError(
            "The address of the ledger must begin with postgresql://.",
            remedy="For example --ledger postgresql://user@host/database. Without it, the ledger "
            "is a file in the job's folder.",
        )
    try:
        from . import postgres  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"A ledger in a PostgreSQL needs {error.name}, which is not installed.",
            remedy="pip install 'synap-import[postgres]'",
        ) from error
    return postgres
