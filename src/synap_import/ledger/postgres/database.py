"""The tables of a job in a PostgreSQL, where many processes may work on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg

from synap_import.fault_points import reach
from synap_import.ledger.values import DocumentState

from .address import read_address, without_secrets
from .connection import PostgresConnection, connect
from .faults import explain
from .locking import tell_that_a_worker_is_there
from .schema import key_of, prepare, schema_of

if TYPE_CHECKING:
    from synap_import.ledger.database import Connection

_OF_DOCUMENTS = frozenset(
    {"claim", "release", "doubt", "answer", "confirm", "keep_sample", "note", "take_back"}
)
"""Transactions that touch rows which nobody else has in hand; all others come one by one."""

_BY_KEY = _OF_DOCUMENTS | {"stage", "plan"}
"""Transactions that touch a few rows, each found by its key."""

# Tables that grow as fast as these are larger than the planner believes.
_NOTHING_BUT_INDEXES = "".join(
    f"; SET LOCAL enable_{way} = off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")
)

# The numbers are taken once, whatever the planner thinks of them.
_CLAIM = f"""
    WITH next AS MATERIALIZED (
        SELECT number FROM documents WHERE state = '{DocumentState.PLANNED}'
        ORDER BY number LIMIT ?1 FOR UPDATE SKIP LOCKED
    )
    UPDATE documents AS d SET state = '{DocumentState.IN_FLIGHT}', attempts = attempts + 1,
        worker = ?2
    FROM next JOIN records r ON r.number = next.number
    WHERE d.number = next.number
    RETURNING d.number, document_id, user_id, customer_id, turns, page, place
"""  # noqa: S608 - ours


class PostgresDatabase:
    """The schema of one job. ``worker`` tells processes from each other that share it."""

    is_shared = True

    def __init__(self, address: str, job: str, worker: str = "") -> None:
        """Connect, and make the tables where there are none.

        Raises ConfigurationError for an address that is none, LedgerError when it cannot be used.
        """
        self._where = without_secrets(address)
        self.worker = worker
        # One that was given up may still write what it did: others have its documents by then, or
        # newer ones have their numbers.
        self.and_ours = f" AND worker = {_quoted(worker)}" if worker else ""
        self._lock = key_of(f"structure of {schema_of(job)}")
        with self._explained():
            self._raw = connect(read_address(address), f"synap-import {worker}".strip())
            try:
                prepare(self._raw, job)
                if worker:
                    tell_that_a_worker_is_there(self._raw, job)
            except BaseException:
                self._raw.close()
                raise
        self._db = PostgresConnection(self._raw)

    @contextmanager
    def transaction(self, name: str = "read", /) -> Iterator[PostgresConnection]:
        """See :class:`~synap_import.ledger.database.Database`."""
        with self._explained():
            reach(f"ledger.{name}.before_begin")
            self._begin(name)
            try:
                yield self._db
                reach(f"ledger.{name}.before_commit")
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(psycopg.Error):
                    self._db.execute("ROLLBACK")
                raise
            reach(f"ledger.{name}.after_commit")

    def _begin(self, name: str) -> None:
        if name == "read":
            # What is counted in several questions must add up.
            self._db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            return
        # Not the server's default: whoever waited for the lock must see what was written meanwhile.
        begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
        begin += _NOTHING_BUT_INDEXES if name in _BY_KEY else ""
        if name not in _OF_DOCUMENTS:
            begin += f"; SELECT pg_advisory_xact_lock({self._lock})"
        self._db.execute(begin)

    def claim(self, db: Connection, limit: int, behind: float) -> list[Any]:
        """See :class:`~synap_import.ledger.database.Database`."""
        del behind  # Others may have given back what comes before.
        return sorted(db.execute(_CLAIM, (limit, self.worker)))

    def take_back(self, db: Connection, worker: str, state: str, doubt: str) -> int:
        """See :class:`~synap_import.ledger.database.Database`."""
        return db.execute(
            "UPDATE documents SET state = ?, doubt = coalesce(doubt, ?)"  # noqa: S608 - ours
            f" WHERE state = '{DocumentState.IN_FLIGHT}' AND worker = ?",
            (state, doubt, worker),
        ).rowcount

    def close(self) -> None:
        """See :class:`~synap_import.ledger.database.Database`."""
        self._raw.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise explain(error, self._where) from error


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
