"""The store of the TypeScript library: ``vector_store.db``, each payload a JSON text."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from synap_import.mapping import Unmappable
from synap_import_mem0.memories import is_memory

from .databases import ReadOnlyDatabase, columns_of, tables_of
from .opened import OpenedStore, open_store
from .paging import Row, in_batches, pages_of, payload_of
from .scope_index import is_bindable
from .skipping import TRACES, is_entity, skipped_entities
from .tables_to_skip import skipped_identities

if TYPE_CHECKING:
    from synap_import import Finding, Scope
    from synap_import_mem0.config import Mem0Config

_COLUMNS = {"id", "vector", "payload"}
_HISTORIES = ("memory.db", "history.db")
_SUSPECTS = " OR ".join(f"instr(payload, '{trace}')" for trace in TRACES)


class TypeScriptDatabase:
    """``~/.mem0/vector_store.db``, or ``vector_store.db`` where the application was started."""

    def recognises(self, path: Path) -> bool:
        """By its table of vectors."""
        return "vectors" in tables_of(path) and columns_of(path, "vectors") >= _COLUMNS

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedStore:
        """Count what is there."""
        return open_store(TypeScriptStore(path, now), path, config, now, _HISTORIES)


class TypeScriptStore:
    """Its rows, in the order in which they were written."""

    name = "TypeScript store"

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._now = now
        self._database = ReadOnlyDatabase(path)
        self.version = self._database.version
        count, entities, identities = self._survey()
        self.memories = count - entities - identities
        self.is_index = bool(entities) and not self.memories
        self.findings: Sequence[Finding] = (
            *skipped_entities(entities),
            *skipped_identities(identities),
        )

    def rows(self, cursor: str | None) -> Iterator[Row]:
        """The rows behind a cursor, which is the number of a row."""
        with self._database.connect() as connection:
            yield from in_batches(lambda after: self._fetch(connection, after), cursor)

    def scopes_of(self, ids: Sequence[str]) -> Mapping[str, Scope]:
        """Whose these memories are, for those that are there."""
        wanted = [one for one in ids if is_bindable(one)]
        marks = ", ".join("?" * len(wanted))
        query = f"SELECT rowid, id, payload FROM vectors WHERE id IN ({marks})"  # noqa: S608 - only marks
        with self._database.connect() as connection:
            rows = [self._row(*row) for row in connection.execute(query, wanted)]
        found = (record for page in pages_of(rows, self._now) for record in page.records)
        return {record.id: record.scope for record in found}

    def _fetch(self, connection: sqlite3.Connection, after: int) -> Generator[Row, None, None]:
        query = "SELECT rowid, id, payload FROM vectors WHERE rowid > ? ORDER BY rowid"
        with closing(connection.execute(query, (after,))) as found:
            for row in found:
                yield self._row(*row)

    def _row(self, number: int, id_: object, payload: object) -> Row:
        name = id_ if isinstance(id_, str) and id_ else f"row {number}"
        size = len(payload) if isinstance(payload, str | bytes) else 0
        return Row(str(number), f"{self._path.name}:{name}", id_, payload, size)

    def _survey(self) -> tuple[int, int, int]:
        """The numbers of rows, of entities and of identities among them."""
        entities = identities = 0
        query = f"SELECT rowid, id, payload FROM vectors WHERE {_SUSPECTS}"  # noqa: S608 - our own words
        with self._database.connect() as connection:
            (count,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
            for row in connection.execute(query):
                try:
                    payload = payload_of(self._row(*row))
                except Unmappable:
                    continue
                entities += is_entity(payload)
                identities += not is_memory(payload)
        return count, entities, identities
