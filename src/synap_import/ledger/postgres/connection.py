"""A connection to PostgreSQL that speaks as the ledger's SQL does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import RawCursor
from psycopg.adapt import Buffer, Loader
from psycopg.types.numeric import IntDumper
from psycopg.types.string import StrDumper, TextLoader

from .bulk import as_json, kinds_of, over_all
from .placeholders import numbered
from .text import restored, storable


class _Text(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        # Of a constant its value, not its name.
        return super().dump(storable(str(obj)))


class _RestoredText(TextLoader):
    def load(self, data: Buffer) -> bytes | str:
        return restored(str(super().load(data)))


class _WholeNumber(Loader):
    """Sums come as numbers with any number of digits."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class _Truth(IntDumper):
    def dump(self, obj: Any) -> Buffer | None:
        return super().dump(int(obj))


class PostgresConnection:
    """See :class:`~synap_import.ledger.database.Connection`."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.raw = connection

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> RawCursor[Any]:
        """Run a statement."""
        cursor = RawCursor(self.raw)
        return cursor.execute(numbered(sql).encode(), values)

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> RawCursor[Any]:
        """Run a statement once with each of the values."""
        cursor = RawCursor(self.raw)
        rows = list(values)
        if not rows:
            return cursor
        kinds = kinds_of(rows)
        statement = over_all(sql, kinds)
        if statement is None:
            cursor.executemany(numbered(sql).encode(), rows)
            return cursor
        return cursor.execute(statement.encode(), (as_json(rows, kinds),))

    def stream(self, sql: str, values: Sequence[Any] = (), /) -> Iterator[Any]:
        """The rows of a query as the server sends them."""
        return RawCursor(self.raw).stream(numbered(sql).encode(), values)


# A server, or a way there, that is gone without a word is noticed within about a minute, and not
# after two hours, as systems do by themselves.
_WATCHFUL = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
# A plan that was made while a table was small would go through all of it when it is large. A
# machine that is gone in the middle of a transaction holds up the others no longer than that. And
# what is idle because Synap asks to wait, or holds a lock, stays, whatever the server's habit.
_SETTINGS = """
    SELECT set_config(name, value, false) FROM (VALUES
        ('plan_cache_mode', 'force_custom_plan'), ('jit', 'off'),
        ('idle_in_transaction_session_timeout', '2min'), ('idle_session_timeout', '0'),
        ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10')
    ) AS wanted (name, value) JOIN pg_catalog.pg_settings USING (name)
"""


def connect(parameters: dict[str, Any], name: str) -> psycopg.Connection[Any]:
    """Connect, under a name that the server's administrator sees. Raises psycopg.Error."""
    connection = psycopg.connect(
        **{**_WATCHFUL, **parameters, "application_name": name, "client_encoding": "UTF8"},
        autocommit=True,
        cursor_factory=RawCursor,
    )
    connection.execute(_SETTINGS)
    adapters = connection.adapters
    adapters.register_dumper(str, _Text)
    adapters.register_dumper(bool, _Truth)
    adapters.register_loader("text", _RestoredText)
    adapters.register_loader("numeric", _WholeNumber)
    return connection
