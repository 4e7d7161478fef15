"""The library's history of changes, as the database has it.

The Python library keeps it in ``history.db``, the TypeScript one in ``memory.db``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from synap_import import SourceError

from .databases import ReadOnlyDatabase
from .paging import PAGE_ROWS, in_batches

TABLES = ("history", "memory_history")

# Our names, and those that releases since 0.0.x and the TypeScript library gave them.
_COLUMNS = {
    "id": ("id",),
    "memory_id": ("memory_id",),
    "old": ("old_memory", "previous_value", "prev_value"),
    "new": ("new_memory", "new_value"),
    "event": ("event", "action"),
    "created_at": ("created_at", "timestamp"),
    "updated_at": ("updated_at",),
    "is_deleted": ("is_deleted",),
    "actor_id": ("actor_id",),
    "role": ("role",),
}
_COLUMNS_OF = "SELECT name FROM pragma_table_info(?)"
_REQUIRED = ("memory_id", "old", "new", "event")

# Of several rows of a group SQLite takes the other columns from the one with the maximum.
_FATES = """
CREATE TEMP TABLE fates AS
    SELECT memory_id, max(key) AS last, deletes AS gone, sum(replaces) AS earlier
    FROM changes GROUP BY memory_id
"""
_CENSUS = """
SELECT (SELECT count(*) FROM fates WHERE NOT gone),
    count(*) FILTER (WHERE replaces AND NOT deletes),
    count(*) FILTER (WHERE replaces AND deletes),
    count(*) FILTER (WHERE old = new)
FROM changes
"""
_KEPT = "SELECT memory_id, earlier FROM fates WHERE NOT gone AND typeof(memory_id) = 'text'"
_ENTRIES = """
SELECT changes.*, coalesce(last = key, 1) AS is_last, coalesce(gone, 0) AS is_gone
FROM changes LEFT JOIN fates USING (memory_id) WHERE key > ? ORDER BY key
"""


class Change(NamedTuple):
    """One row. ``is_last`` is true of a memory's latest (and of one without a memory's id),
    ``is_gone`` if that deleted it.

    ``replaces`` says that there was another text before, ``deletes`` that the memory ended.
    """

    key: str
    fields: Mapping[str, Any]
    replaces: bool
    deletes: bool
    is_last: bool
    is_gone: bool

    @property
    def size(self) -> int:
        """Its length in characters, about."""
        return sum(len(value) for value in self.fields.values() if isinstance(value, str))


class Census(NamedTuple):
    """``memories`` were not deleted in the end; ``unchanged`` kept its text in a change."""

    memories: int
    earlier: int
    deleted: int
    unchanged: int


class History:
    """A history database, read in the order in which it was written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = ReadOnlyDatabase(path)
        self._view = self._described()
        self.version = self._database.version

    def census(self) -> Census:
        """What there is, counted."""
        with self._connected() as connection:
            return Census(*connection.execute(_CENSUS).fetchone())

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """The changes behind a cursor."""
        with self._connected() as connection:
            yield from in_batches(lambda after: _changes(connection, after), cursor)

    def kept(self) -> Iterator[Sequence[tuple[str, int]]]:
        """Ids of the memories that were not deleted, and how many earlier texts each has."""
        with self._connected() as connection:
            rows = connection.execute(_KEPT)
            while batch := rows.fetchmany(PAGE_ROWS):
                yield batch

    def _described(self) -> str:
        """A view of the table under our names. Raises SourceError when it is another table."""
        with self._database.connect() as connection:
            tables = [
                (table, {name for (name,) in connection.execute(_COLUMNS_OF, (table,))})
                for table in TABLES
            ]
        table, there = next(((name, one) for name, one in tables if one), ("", set()))
        found = {
            ours: next((name for name in theirs if name in there), None)
            for ours, theirs in _COLUMNS.items()
        }
        if any(found[name] is None for name in _REQUIRED):
            raise SourceError(
                f"{self.path} is not a history database of Mem0.",
                remedy="That is ~/.mem0/history.db, or memory.db of the TypeScript library.",
            )
        columns = ", ".join(f"{found[ours] or 'NULL'} AS {ours}" for ours in _COLUMNS)
        return (
            f"CREATE TEMP VIEW changes AS SELECT *, old IS NOT NULL AND old IS NOT new AS replaces,"  # noqa: S608 - our own names
            f" event IS 'DELETE' OR coalesce(is_deleted, 0) NOT IN (0, '0') AS deletes"
            f" FROM (SELECT rowid AS key, {columns} FROM main.{table})"
        )

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection with a private view and what became of each memory."""
        with self._database.connect() as connection:
            connection.execute(self._view)
            connection.execute(_FATES)
            connection.execute("CREATE INDEX temp.by_memory ON fates (memory_id)")
            yield connection


def _changes(connection: sqlite3.Connection, after: int) -> Generator[Change, None, None]:
    for row in connection.execute(_ENTRIES, (after,)):
        key, *values, replaces, deletes, is_last, is_gone = row
        fields = dict(zip(_COLUMNS, values, strict=True))
        yield Change(str(key), fields, bool(replaces), bool(deletes), bool(is_last), bool(is_gone))
