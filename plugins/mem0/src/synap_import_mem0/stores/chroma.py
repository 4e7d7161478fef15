"""A Chroma database of the open-source library: payloads as rows of keys and values."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from synap_import import Finding, Scope, Severity

from .choosing import choose
from .databases import ReadOnlyDatabase, columns_of, tables_of
from .opened import OpenedStore, open_store
from .paging import Row, in_batches, pages_of
from .scope_index import is_bindable
from .skipping import skipped_entities
from .tables_to_skip import is_beside, skipped_identities, skipped_tables

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

_FILE = "chroma.sqlite3"
_TABLES = {"collections", "segments", "embeddings", "embedding_metadata"}
_HISTORIES = ("history.db",)
_ROWS = """
SELECT one.id, one.embedding_id, key, string_value, int_value, float_value, bool_value
FROM embeddings AS one LEFT JOIN embedding_metadata AS its ON its.id = one.id
WHERE one.segment_id = ?
"""
_LISTS = """
SELECT key, string_value, int_value, float_value, bool_value
FROM embedding_metadata_array WHERE id = ? ORDER BY rowid
"""
_NO_MEMORIES = """
SELECT count(*) FROM embeddings AS one WHERE segment_id = ? AND {}
AND NOT EXISTS (SELECT 1 FROM embedding_metadata WHERE id = one.id AND key = '{}')
"""
_IDENTITY = """EXISTS (
    SELECT 1 FROM embedding_metadata
    WHERE id = one.id AND key = 'type' AND string_value = 'user_identity'
)"""
_LINKED = "EXISTS (SELECT 1 FROM {} WHERE id = one.id AND key LIKE 'linked_memory_ids')"
_BEHIND = "SELECT count(*) FROM embeddings_queue WHERE topic LIKE '%/' || ? AND seq_id > ?"


class ChromaDatabase:
    """``chroma.sqlite3``, or the folder that it is in."""

    def recognises(self, path: Path) -> bool:
        """By its tables."""
        return tables_of(_file_of(path)) >= _TABLES

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedStore:
        """Find the collection. Raises ConfigurationError when several could be meant."""
        store = ChromaStore(path, config.collection, now)
        return open_store(store, path, config, now, _HISTORIES)


class _Collection(NamedTuple):
    id: str
    name: str
    segment: str
    rows: int


class ChromaStore:
    """The rows of one collection, in the order in which they were written."""

    def __init__(self, given: Path, wanted: str | None, now: datetime) -> None:
        path = _file_of(given)
        self._name = given.name
        self._path = path
        self._now = now
        self._database = ReadOnlyDatabase(path)
        self._has_lists = "embedding_metadata_array" in tables_of(path)
        found = self._collections()
        one = found[_chosen(found, wanted, path)]
        self._segment = one.segment
        self.name = f"Chroma collection '{one.name}'"
        self.version = f"{self._database.version}-{one.id}"
        entities, identities, behind = self._survey(one)
        self.memories = one.rows - entities - identities
        self.is_index = bool(entities) and not self.memories
        self.findings: Sequence[Finding] = (
            *_about_others(found, one.name),
            *skipped_entities(entities),
            *skipped_identities(identities),
            *_about_behind(path, behind),
        )

    def rows(self, cursor: str | None) -> Iterator[Row]:
        """The rows behind a cursor, which is the number of a row."""
        with self._database.connect() as connection:
            yield from in_batches(lambda after: self._fetch(connection, after), cursor)

    def scopes_of(self, ids: Sequence[str]) -> Mapping[str, Scope]:
        """Whose these memories are, for those that are there."""
        wanted = [one for one in ids if is_bindable(one)]
        marks = ", ".join("?" * len(wanted))
        query = f"{_ROWS} AND one.embedding_id IN ({marks}) ORDER BY one.id"
        with self._database.connect() as connection:
            rows = list(self._read(connection, query, self._segment, *wanted))
        found = (record for page in pages_of(rows, self._now) for record in page.records)
        return {record.id: record.scope for record in found}

    def _fetch(self, connection: sqlite3.Connection, after: int) -> Generator[Row, None, None]:
        query = f"{_ROWS} AND one.id > ? ORDER BY one.id"
        return self._read(connection, query, self._segment, after)

    def _read(
        self, connection: sqlite3.Connection, query: str, *values: Any
    ) -> Generator[Row, None, None]:
        with closing(connection.execute(query, values)) as found:
            for (number, id_), cells in groupby(found, key=lambda cell: cell[:2]):
                payload = {key: _value(values) for _, _, key, *values in cells if key is not None}
                payload |= self._lists(connection, number)
                size = sum(len(one) for one in payload.values() if isinstance(one, str))
                yield Row(str(number), f"{self._name}:{id_}", id_, payload, size)

    def _lists(self, connection: sqlite3.Connection, number: int) -> dict[str, list[Any]]:
        """Chroma keeps the elements of lists apart, since 1.0."""
        lists: dict[str, list[Any]] = {}
        if self._has_lists:
            for key, *values in connection.execute(_LISTS, (number,)):
                lists.setdefault(key, []).append(_value(values))
        return lists

    def _collections(self) -> dict[str, _Collection]:
        """By their names; with the database's before it where several have the same one."""
        by_database = "database_id" in columns_of(self._path, "collections")
        query = f"""
            SELECT its.id, its.name, {"its.database_id" if by_database else "''"}, one.id,
                (SELECT count(*) FROM embeddings WHERE segment_id = one.id)
            FROM collections AS its JOIN segments AS one ON one.collection = its.id
            WHERE one.scope = 'METADATA' ORDER BY its.name, its.id
        """  # noqa: S608 - our own words
        with self._database.connect() as connection:
            found = connection.execute(query).fetchall()
        names = [name for _, name, *_ in found]
        return {
            (label := name if names.count(name) == 1 else f"{database}.{name}"): _Collection(
                id_, label, segment, rows
            )
            for id_, name, database, segment, rows in found
        }

    def _survey(self, one: _Collection) -> tuple[int, int, int]:
        """The numbers of entities, of identities, and of changes that Chroma has to apply yet."""
        linked = _LINKED.format("embedding_metadata")
        if self._has_lists:
            linked = f"({linked} OR {_LINKED.format('embedding_metadata_array')})"
        with self._database.connect() as connection:
            counts = [
                connection.execute(_NO_MEMORIES.format(what, unless), (one.segment,)).fetchone()[0]
                for what, unless in ((linked, "hash"), (_IDENTITY, "data"))
            ]
            return counts[0], counts[1], _behind(connection, one)


def _file_of(path: Path) -> Path:
    return path / _FILE if path.is_dir() else path


def _chosen(found: Mapping[str, _Collection], wanted: str | None, path: Path) -> str:
    """Empty collections are no choice where another has memories."""
    filled = {name: one for name, one in found.items() if one.rows and not is_beside(name)}
    candidates = filled if filled and wanted is None else found
    rows = {name: one.rows for name, one in candidates.items()}
    return choose(rows, wanted, noun="collection", where=str(path))


def _value(values: Sequence[Any]) -> Any:
    """A value lies in the column of its type."""
    string, integer, number, boolean = values
    if boolean is not None:
        return bool(boolean)
    return next((one for one in (string, integer, number) if one is not None), None)


def _behind(connection: sqlite3.Connection, one: _Collection) -> int:
    """How many changes are in Chroma's log only; older versions count in blobs."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    if not {("embeddings_queue",), ("max_seq_id",)} <= set(tables):
        return 0
    applied = connection.execute(
        "SELECT seq_id FROM max_seq_id WHERE segment_id = ?", (one.segment,)
    ).fetchone()
    if applied is None:
        return 0
    last = int.from_bytes(applied[0]) if isinstance(applied[0], bytes) else applied[0]
    (behind,) = connection.execute(_BEHIND, (one.id, last)).fetchone()
    return int(behind)


def _about_others(found: Mapping[str, _Collection], chosen: str) -> Iterator[Finding]:
    yield from skipped_tables({name: one.rows for name, one in found.items() if is_beside(name)})
    others = {
        name: one.rows
        for name, one in found.items()
        if one.rows and name != chosen and not is_beside(name)
    }
    for name, rows in others.items():
        yield Finding(
            Severity.WARNING,
            "other-collection",
            f"The collection '{name}' with {rows} rows is not read.",
            remedy=f"Read it with a command of its own: --collection {name}.",
            count=rows,
            examples=(name,),
        )


def _about_behind(path: Path, behind: int) -> Iterator[Finding]:
    if behind:
        yield Finding(
            Severity.ERROR,
            "chroma-log-not-applied",
            f"{path} has {behind} changes in its log that Chroma has not applied yet; they would "
            "be missing.",
            remedy="Open the collection once with Chroma, for example with "
            "chromadb.PersistentClient(FOLDER).get_collection(NAME).count(), and run this again.",
            count=behind,
        )
