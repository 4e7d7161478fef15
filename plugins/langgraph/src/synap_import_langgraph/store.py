# ruff: noqa: S608 - names in statements are constants, or quoted; values are parameters
"""The table ``store``, as LangGraph's own classes make it, and what is asked of it.

Python's PostgresStore and SqliteStore (langgraph-checkpoint-postgres 3.2, -sqlite 3.1) join the
labels of a namespace with dots in ``prefix``; the PostgresStore of JavaScript
(@langchain/langgraph-checkpoint-postgres 1.0) joins them with colons in ``namespace_path``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from synap_import import SourceError

from .databases import Database, NoTableError

TABLE, CHECKPOINTS = "store", "checkpoints"
_SEPARATORS = {"prefix": ".", "namespace_path": ":"}

Place = tuple[str, str]
"""The primary key: a namespace as one text, and a key in it."""


class Row(NamedTuple):
    """An item as the table has it; times are texts."""

    namespace: tuple[str, ...]
    key: str
    value: bytes | str | None
    created: str | None
    updated: str | None
    expires: str | None
    ttl_minutes: float | None

    @property
    def id(self) -> str:
        """A key is unique within its namespace only. A slash in that is written as %2F."""
        return id_of(self.namespace, self.key)

    def told(self) -> dict[str, Any]:
        """Everything but the value, by the names of LangGraph's own ``Item``."""
        named = {
            "namespace": list(self.namespace),
            "key": self.key,
            "created_at": self.created,
            "updated_at": self.updated,
            "expires_at": self.expires,
            "ttl_minutes": self.ttl_minutes,
        }
        return {name: value for name, value in named.items() if value is not None}


def id_of(namespace: Sequence[str], key: str) -> str:
    """The id of an item within the store."""
    return f"{'.'.join(namespace).replace('%', '%25').replace('/', '%2F')}/{key}"


@dataclass(frozen=True, slots=True)
class Store:
    """Every question is one statement; places are in the order of the primary key."""

    database: Database
    table: str
    namespaces: str
    columns: frozenset[str]

    @classmethod
    def find(cls, database: Database, schema: str | None) -> Store:
        """Raises SourceError when there is no such table, or it is somebody else's."""
        table = database.quoted(TABLE, schema)
        try:
            columns = database.columns(f"SELECT * FROM {table} LIMIT 0")
        except NoTableError:
            raise _no_store(database) from None
        kept_in = next((name for name in _SEPARATORS if name in columns), None)
        if kept_in is None or not {"key", "value"} <= set(columns):
            raise SourceError(
                f"{database.title} has a table '{TABLE}' which is not LangGraph's: its columns "
                f"are {', '.join(columns)}.",
                remedy="If LangGraph's is in another schema, name it with --schema.",
            )
        return cls(database, table, kept_in, frozenset(columns))

    def namespace(self, text: str) -> tuple[str, ...]:
        """The labels of a namespace."""
        return tuple(text.split(_SEPARATORS[self.namespaces]))

    def id_at(self, place: Place) -> str:
        """The id of the item at a place."""
        return id_of(self.namespace(place[0]), place[1])

    def count(self) -> int:
        """How many items there are."""
        (row,) = self.database.fetch(f"SELECT count(*) FROM {self.table}")
        return int(row[0])

    def namespaces_and_counts(self) -> list[tuple[tuple[str, ...], int]]:
        """Every namespace with the number of its items."""
        name = self.namespaces
        asked = f"SELECT {name}, count(*) FROM {self.table} GROUP BY {name} ORDER BY {name}"
        return [(self.namespace(text), count) for text, count in self.database.fetch(asked)]

    def places(self, behind: Place | None, most: int) -> list[tuple[Place, int]]:
        """The next places, each with the bytes of its value."""
        size = self.database.size_of("value")
        where, values = self._between(behind, None)
        found = self.database.fetch(
            f"SELECT {self.namespaces}, key, {size} FROM {self.table}{where} "
            f"ORDER BY {self.namespaces}, key LIMIT {most}",
            values,
        )
        return [((namespace, key), int(size or 0)) for namespace, key, size in found]

    def rows(self, behind: Place | None, last: Place) -> list[Row]:
        """All items between two places, the last one included."""
        names = ("value", "created_at", "updated_at", "expires_at", "ttl_minutes")
        asked = ", ".join(
            self.database.read_as(name) if name in self.columns else "NULL" for name in names
        )
        where, values = self._between(behind, last)
        found = self.database.fetch(
            f"SELECT {self.namespaces}, key, {asked} FROM {self.table}{where} "
            f"ORDER BY {self.namespaces}, key",
            values,
        )
        return [Row(self.namespace(namespace), *rest) for namespace, *rest in found]

    def has_checkpoints(self, schema: str | None) -> bool:
        """Whether conversations are kept beside the store."""
        table = self.database.quoted(CHECKPOINTS, schema)
        try:
            return bool(self.database.fetch(f"SELECT 1 FROM {table} LIMIT 1"))
        except SourceError:
            return False

    def _between(self, behind: Place | None, last: Place | None) -> tuple[str, tuple[str, ...]]:
        mark, pair = self.database.mark, f"({self.namespaces}, key)"
        rules = [(f"{pair} > ({mark}, {mark})", behind), (f"{pair} <= ({mark}, {mark})", last)]
        given = [(rule, place) for rule, place in rules if place is not None]
        where = " AND ".join(rule for rule, _ in given)
        return f" WHERE {where}" if where else "", tuple(part for _, one in given for part in one)


def _no_store(database: Database) -> SourceError:
    return SourceError(
        f"{database.title} has no table '{TABLE}', which LangGraph keeps memories in.",
        remedy="If it is in another schema, name it with --schema. A database of checkpoints only "
        "has no memories; and InMemoryStore keeps none at all.",
    )
