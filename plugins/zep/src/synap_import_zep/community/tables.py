"""The tables of the Community Edition (1.x) and of Zep 0.x, which name them differently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from synap_import import SourceError

if TYPE_CHECKING:
    from .session import Address, ReadOnlySession

_FIND = """
SELECT n.nspname AS schema, c.relname AS name, array_agg(a.attname::text) AS columns,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable,
       array_position(current_schemas(false), n.nspname) AS place
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relname IN ('messages', 'sessions', 'message', 'session', 'users')
  AND c.relkind IN ('r', 'p', 'v')
GROUP BY n.oid, n.nspname, c.oid, c.relname
ORDER BY place NULLS LAST, n.nspname
"""
_NEEDED = {"uuid", "id", "session_id", "role", "content", "created_at", "deleted_at"}
_FROM = """
FROM {messages} m
LEFT JOIN {sessions} s ON s.session_id = m.session_id
LEFT JOIN {users} u ON u.user_id = {user_id}
"""
_SURVEY = """
SELECT (SELECT concat_ws(' ', count(*), max(id), max(updated_at), max(deleted_at))
        FROM {messages}) AS messages_seen,
       (SELECT concat_ws(' ', count(*), max(updated_at), max(deleted_at))
        FROM {sessions}) AS sessions_seen,
       count(*) AS messages, count(DISTINCT m.session_id) AS sessions,
       count(*) FILTER (WHERE NOT ({alive})) AS deleted
"""
_ALIVE = "m.deleted_at IS NULL AND s.deleted_at IS NULL AND u.deleted_at IS NULL"
_MESSAGE = """
SELECT m.id, m.uuid::text AS uuid, m.session_id, m.role, {role_type} AS role_type, m.content,
       m.metadata, m.created_at, m.updated_at, m.deleted_at, {user_id} AS user_id,
       s.metadata AS session_metadata, s.deleted_at AS session_deleted_at,
       u.deleted_at AS user_deleted_at
"""
_BEHIND = "WHERE (m.id, m.uuid) > (%(id)s, %(uuid)s::uuid) ORDER BY m.id, m.uuid LIMIT %(limit)s"
_SCOPES = """
SELECT {user_id} AS user_id, CASE WHEN {user_id} IS NULL THEN m.session_id END AS session_id,
       count(*) AS messages,
       max(concat_ws(', ', nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email)) AS note
"""
_PLACES = "SELECT m.id, m.uuid::text AS uuid FROM {messages} m "
# The oldest releases knew sessions only.
_NO_USERS = """(SELECT NULL AS user_id, NULL AS first_name, NULL AS last_name, NULL AS email,
        NULL::timestamptz AS deleted_at WHERE false)"""


class Place(NamedTuple):
    """Behind which message to go on."""

    id: int = -(2**63)
    uuid: str = "00000000-0000-0000-0000-000000000000"

    def __str__(self) -> str:
        return f"{self.id}:{self.uuid}"

    @classmethod
    def read(cls, cursor: str) -> Place:
        """From a cursor."""
        number, _, uuid = cursor.partition(":")
        return cls(int(number), uuid) if number else cls()


class Survey(NamedTuple):
    """One look over everything. ``version`` differs when a row does."""

    messages: int
    sessions: int
    deleted: int
    version: str


class _Found(NamedTuple):
    schema: str
    name: str
    columns: frozenset[str]
    readable: bool


class Tables:
    """Asks the tables of one schema."""

    def __init__(
        self, session: ReadOnlySession, address: Address, found: dict[str, _Found]
    ) -> None:
        self._session = session
        self._sql = address.driver.sql
        self._found = found
        self.is_legacy = "messages" not in found
        self.schema = next(iter(found.values())).schema

    async def survey(self) -> Survey:
        """One pass in the database."""
        (row,) = await self._ask(_SURVEY + _FROM)
        version = f"{row['messages_seen']} {row['sessions_seen']}"
        return Survey(row["messages"], row["sessions"], row["deleted"], version)

    async def after(self, place: Place, limit: int) -> list[dict[str, Any]]:
        """The next messages, with what their session and user say."""
        return await self._ask(_MESSAGE + _FROM + _BEHIND, limit=limit, **place._asdict())

    async def places_after(self, place: Place, limit: int) -> list[Place]:
        """The next messages, their ids only."""
        rows = await self._ask(_PLACES + _BEHIND, limit=limit, **place._asdict())
        return [Place(row["id"], row["uuid"]) for row in rows]

    async def named(self, uuids: Sequence[str]) -> list[dict[str, Any]]:
        """These messages."""
        where = "WHERE m.uuid = ANY(%(uuids)s::uuid[]) ORDER BY m.id, m.uuid"
        return await self._ask(_MESSAGE + _FROM + where, uuids=list(uuids))

    async def scopes(self) -> list[dict[str, Any]]:
        """Users, and sessions without one, with the number of their messages."""
        return await self._ask(_SCOPES + _FROM + "GROUP BY 1, 2 ORDER BY 1, 2")

    async def _ask(self, query: str, **params: Any) -> list[dict[str, Any]]:
        sql, found = self._sql, self._found
        messages, sessions = ("message", "session") if self.is_legacy else ("messages", "sessions")
        has_user = "user_id" in found[sessions].columns and "users" in found
        has_type = "role_type" in found[messages].columns
        composed = sql.SQL(query).format(
            messages=sql.Identifier(self.schema, messages),
            sessions=sql.Identifier(self.schema, sessions),
            users=sql.Identifier(self.schema, "users") if has_user else sql.SQL(_NO_USERS),
            user_id=sql.SQL("nullif(s.user_id, '')" if has_user else "NULL::text"),
            role_type=sql.SQL("m.role_type::text" if has_type else "NULL::text"),
            alive=sql.SQL(_ALIVE),
        )
        return await self._session.rows(composed, **params)


async def find_tables(session: ReadOnlySession, address: Address) -> Tables:
    """Those of 1.x before those of 0.x; of several schemas the first of the search path.

    Raises SourceError where there are none, or none that may be read.
    """
    found = [
        _Found(row["schema"], row["name"], frozenset(row["columns"]), row["readable"])
        for row in await session.rows(_FIND)
    ]
    for messages, sessions in (("messages", "sessions"), ("message", "session")):
        for schema in dict.fromkeys(one.schema for one in found):
            there = {one.name: one for one in found if one.schema == schema}
            if {messages, sessions} <= set(there) and there[messages].columns >= _NEEDED:
                wanted = {messages, sessions, "users"} & set(there)
                _refuse_closed(address, [there[name] for name in sorted(wanted)])
                return Tables(session, address, {name: there[name] for name in wanted})
    raise SourceError(
        f"PostgreSQL at {address} has no tables of Zep's Community Edition.",
        remedy="Check the database in --ce-dsn; Zep calls its tables users, sessions and messages.",
    )


def _refuse_closed(address: Address, tables: Sequence[_Found]) -> None:
    closed = [f"{one.schema}.{one.name}" for one in tables if not one.readable]
    if closed:
        raise SourceError(
            f"PostgreSQL at {address} does not let this user read {', '.join(closed)}.",
            remedy=f"Their owner can allow it: GRANT SELECT ON {', '.join(closed)} TO the user, "
            "and USAGE on the schema.",
        )
