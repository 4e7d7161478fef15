"""One import at a time works on a job, on whatever machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors

from synap_import.errors import JobLockedError

from .address import read_address, without_secrets
from .connection import connect
from .faults import explain
from .schema import jobs_of, key_of, schema_of

WORKERS_END_WITHIN = "30s"
"""So long a new import waits for workers of one that was killed."""


@contextmanager
def locked(address: str, job: str) -> Iterator[None]:
    """Hold the job's lock, on a connection of its own: it ends with the process, however that ends.

    Raises JobLockedError when another process holds it, or workers of an earlier one are still
    there: what they send and write would cross what the new one does.
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
        if not _are_workers_gone(connection, job):
            raise JobLockedError(
                f"Workers of an earlier import are still working on job {job} ({where}).",
                remedy="They end by themselves; run the same command again in two minutes.",
            )
        yield
    finally:
        connection.close()


def tell_that_a_worker_is_there(connection: psycopg.Connection[Any], job: str) -> None:
    """For as long as this connection is there: no other import begins meanwhile."""
    connection.execute("SELECT pg_advisory_lock_shared($1)", (_workers_of(job),))


def _are_workers_gone(connection: psycopg.Connection[Any], job: str) -> bool:
    key = (_workers_of(job),)
    try:
        connection.execute("SELECT set_config('lock_timeout', $1, false)", (WORKERS_END_WITHIN,))
        connection.execute("SELECT pg_advisory_lock($1)", key)
    except errors.LockNotAvailable:
        return False
    # Those of the new import may come.
    connection.execute("SELECT pg_advisory_unlock($1)", key)
    return True


def _workers_of(job: str) -> int:
    return key_of(f"workers of {schema_of(job)}")


def jobs_in(address: str) -> list[str]:
    """The jobs that have a ledger in this database. Raises LedgerError when it does not answer."""
    try:
        with connect(read_address(address), "synap-import") as connection:
            return jobs_of(connection)
    except psycopg.Error as error:
        raise explain(error, without_secrets(address)) from error
