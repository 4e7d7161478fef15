"""Tables that look like Mem0's in a database, and the questions asked of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from synap_import import ScopeCount, ScopeKind
from synap_import_mem0.memories import PAYLOAD_SCOPES

from .rows import Row, is_uuid

if TYPE_CHECKING:
    from .postgres_session import ReadOnlySession

# The catalogue, not information_schema: that one hides columns that a reader may not select,
# and nobody needs to be allowed to read the vectors.
_FIND = """
SELECT n.nspname, c.relname, t.typname,
       has_schema_privilege(n.oid, 'USAGE')
       AND has_column_privilege(c.oid, 'id', 'SELECT')
       AND has_column_privilege(c.oid, 'payload', 'SELECT')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'id' AND NOT i.attisdropped
JOIN pg_type t ON t.oid = i.atttypid
JOIN pg_attribute v ON v.attrelid = c.oid AND v.attname = 'vector' AND NOT v.attisdropped
JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'payload' AND NOT p.attisdropped
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND p.atttypid = 'jsonb'::regtype
  AND t.typname IN ('uuid', 'text', 'varchar', 'int4', 'int8')
  AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""
_IDENTITY = "(payload->>'type' = 'user_identity' AND NOT payload ? 'data')"
# The digest is the same in whatever order the rows come, and differs when any of them does.
_SURVEY = """
SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE {identity}),
       coalesce(sum(hashtextextended(id::text || coalesce(payload::text, ''), 0)::numeric), 0)
FROM {table}
"""
_SCOPES = """
SELECT kind, owner, count(*)
FROM {table} CROSS JOIN LATERAL (VALUES {owners}) AS scope (kind, owner)
WHERE owner IS NOT NULL AND {identity} IS NOT TRUE
GROUP BY kind, owner ORDER BY kind, owner
"""
_OWNERS = ", ".join(
    "('{}', coalesce({}))".format(kind, ", ".join(f"nullif(payload->>'{key}', '')" for key in keys))
    for kind, keys in PAYLOAD_SCOPES.items()
)

_FITTING: Mapping[str, Callable[[str], bool]] = {
    "uuid": is_uuid,
    "int4": lambda text: text.isdecimal() and int(text) < 2**31,
    "int8": lambda text: text.isdecimal() and int(text) < 2**63,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view with the columns of mem0ai's pgvector store."""

    schema: str
    name: str
    id_type: str
    readable: bool

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


class Survey(NamedTuple):
    """What one look over a table tells. ``version`` differs when any row does."""

    rows: int
    ids: int
    identities: int
    version: str


async def find_tables(session: ReadOnlySession) -> list[Table]:
    """Every table with an id, a vector and a jsonb payload, readable or not."""
    return [Table(*row) for row in await session.rows(_FIND)]


class TableReader:
    """Asks one table, and never for its vectors."""

    def __init__(self, session: ReadOnlySession, table: Table) -> None:
        self._session = session
        self._table = table

    async def count(self) -> int:
        """The number of rows."""
        ((count,),) = await self._ask("SELECT count(*) FROM {table}")
        return cast("int", count)

    async def survey(self) -> Survey:
        """One pass in the database over all rows."""
        ((rows, ids, identities, digest),) = await self._ask(_SURVEY)
        return Survey(rows, ids, identities, f"{rows}:{digest}")

    async def scopes(self) -> list[ScopeCount]:
        """The ids that memories carry, with the number of memories."""
        return [
            ScopeCount(ScopeKind(kind), owner, count)
            for kind, owner, count in await self._ask(_SCOPES)
        ]

    async def after(self, cursor: str | None, limit: int) -> list[Row]:
        """The next rows in the order of their ids."""
        rows = await self._page("SELECT id, payload FROM {table}", cursor, limit)
        return [_row(*row) for row in rows]

    async def ids_after(self, cursor: str | None, limit: int) -> list[str]:
        """The next ids, for a comparison."""
        return [str(one) for (one,) in await self._page("SELECT id FROM {table}", cursor, limit)]

    async def named(self, ids: Sequence[str | int]) -> list[Row]:
        """The rows with these ids; an id that the column cannot hold has none."""
        query = "SELECT id, payload FROM {table} WHERE id = ANY(%s::text[]::{id_type}[])"
        fits = _FITTING.get(self._table.id_type, _is_text)
        names = [name for name in map(str, ids) if fits(name)]
        return [_row(*row) for row in await self._ask(query, names)]

    async def _page(self, select: str, cursor: str | None, limit: int) -> list[tuple[Any, ...]]:
        if cursor is None:
            return await self._ask(f"{select} ORDER BY id LIMIT %s", limit)
        behind = "WHERE id > %s::text::{id_type} ORDER BY id LIMIT %s"
        return await self._ask(f"{select} {behind}", cursor, limit)

    async def _ask(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        sql = self._session.sql
        composed = sql.SQL(query).format(
            table=sql.Identifier(self._table.schema, self._table.name),
            id_type=sql.SQL(self._table.id_type),
            identity=sql.SQL(_IDENTITY),
            owners=sql.SQL(_OWNERS),
        )
        return await self._session.rows(composed, params)


def _is_text(text: str) -> bool:
    return "\0" not in text


def _row(row_id: Any, payload: Any) -> Row:
    return Row(row_id if isinstance(row_id, int) else str(row_id), payload)
