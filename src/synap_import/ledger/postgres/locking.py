"""One import at a time works on a job, on whatever machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from synap_import.errors import JobLockedError

from .address import read_address, without_secrets
from .connection import connect
from .faults import explain
from .schema import jobs_of, key_of, schema_of


@contextmanager
def locked(address: str, job: str) -> Iterator[None]:
    """Hold the job's lock, on a connection of its own: it ends with the process, however that ends.

    Raises JobLockedError when another process holds it.
    """
    where = without_secrets(address)
    try:
        connection = connect(read_address(address), "synap-import (lock)")
    except psycopg.Error as error:
        raise explain(error, where) from error
    try:
        key = key_of(f"job {schema_of(job)}")
        (is_ours,) = connection.execute("SELECT pg_try_advisory_lock($1)", (key,)).fetchone() or (
            0,
        )
        if not is_ours:
            raise JobLockedError(
                f"Another synap-import is working on job {job} ({where}).",
                remedy=f"Wait for it, or watch it: synap-import status {job}",
            )
        yield
    finally:
        connection.close()


def jobs_in(address: str) -> list[str]:
    """The jobs that have a ledger in this database. Raises LedgerError when it does not answer."""
    try:
        with connect(read_address(address), "synap-import") as connection:
            return jobs_of(connection)
    except psycopg.Error as error:
        raise explain(error, without_secrets(address)) from error
