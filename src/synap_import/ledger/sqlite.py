"""The tables of a job in one SQLite file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synap_import.fault_points import reach
from synap_import.private_files import private_file, private_folder

from .faults import explain
from .ledger import Ledger
from .schema import migrate, recognise
from .values import DocumentState

if TYPE_CHECKING:
    from .database import Connection

_SWITCHING_ATTEMPTS, _SWITCHING_PAUSE_SECONDS = 100, 0.02

_NEXT_PLANNED = """
    SELECT d.number, document_id, user_id, customer_id, turns, r.page, r.place
    FROM documents d JOIN records r ON r.number = d.number
    WHERE d.number > ? AND state = ? ORDER BY d.number LIMIT ?
"""


class SqliteConnection(sqlite3.Connection):
    """A connection that says what it can do in the words of the ledger."""

    def stream(self, sql: str, values: Sequence[Any] = (), /) -> Iterator[Any]:
        """SQLite gives rows one by one as it is."""
        return self.execute(sql, values)


def _write_ahead(db: sqlite3.Connection) -> None:
    """Readers and the writer do not wait for each other; switching that on waits for nobody."""
    for attempt in range(_SWITCHING_ATTEMPTS):
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == _SWITCHING_ATTEMPTS - 1:
                raise
            time.sleep(_SWITCHING_PAUSE_SECONDS)
        else:
            return


class SqliteDatabase:
    """One file, readable by its owner only, for one process: the job's lock sees to that."""

    is_shared = False
    and_ours = ""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it. Raises LedgerError when it cannot be used."""
        self._path = path
        with self._explained():
            private_folder(path.parent)
            # Before SQLite opens it: the -wal and -shm files inherit its mode.
            private_file(path)
            self._db = sqlite3.connect(path, isolation_level=None, factory=SqliteConnection)
            recognise(self._db, str(path))
            _write_ahead(self._db)
            self._db.execute("PRAGMA synchronous = NORMAL")
            migrate(self._db)

    @contextmanager
    def transaction(self, name: str = "read", /) -> Iterator[SqliteConnection]:
        """See :class:`~synap_import.ledger.database.Database`."""
        with self._explained():
            reach(f"ledger.{name}.before_begin")
            # Whoever only reads, such as `status --watch`, keeps nobody from writing.
            self._db.execute("BEGIN" if name == "read" else "BEGIN IMMEDIATE")
            try:
                yield self._db
                reach(f"ledger.{name}.before_commit")
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
            reach(f"ledger.{name}.after_commit")

    def claim(self, db: Connection, limit: int, behind: float) -> list[Any]:
        """See :class:`~synap_import.ledger.database.Database`."""
        rows = db.execute(_NEXT_PLANNED, (behind, DocumentState.PLANNED, limit)).fetchall()
        if rows:
            db.execute(
                "UPDATE documents SET state = ?, attempts = attempts + 1"
                " WHERE number BETWEEN ? AND ? AND state = ?",
                (DocumentState.IN_FLIGHT, rows[0][0], rows[-1][0], DocumentState.PLANNED),
            )
        return rows

    def take_back(self, db: Connection, worker: str, state: str, doubt: str) -> int:
        """There is one process, so all that is in flight is its own."""
        del worker
        return db.execute(
            "UPDATE documents SET state = ?, doubt = coalesce(doubt, ?) WHERE state = ?",
            (state, doubt, DocumentState.IN_FLIGHT),
        ).rowcount

    def close(self) -> None:
        """See :class:`~synap_import.ledger.database.Database`."""
        self._db.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self._path) from error


class SqliteLedger(Ledger):
    """A ledger in one SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it. Raises LedgerError when it cannot be used."""
        super().__init__(SqliteDatabase(path))
