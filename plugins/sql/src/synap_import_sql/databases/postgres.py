"""PostgreSQL, and what speaks its language, through psycopg 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, collate, create_engine, event

from synap_import_sql.values import Convert, decoded_json

from .database import CONNECT_SECONDS, LOCK_SECONDS, Trouble, require

if TYPE_CHECKING:
    from psycopg import Connection as Driver
    from sqlalchemy import URL, ColumnElement, Connection, Engine


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_TROUBLES = {
    "28000": Trouble.REFUSED,
    "28P01": Trouble.REFUSED,
    "3D000": Trouble.NO_DATABASE,
    "3F000": Trouble.NO_TABLE,
    "42P01": Trouble.NO_TABLE,
    "42703": Trouble.NO_COLUMN,
    "42501": Trouble.FORBIDDEN,
    "57014": Trouble.TOO_LONG,
    "55P03": Trouble.LOCKED,
}
# Read as PostgreSQL writes them. Of times, some have no word in Python (infinity, 4713 BC); of the
# others, only the mapping needs to know more than the text.
_AS_TEXT = ("timestamp", "timestamptz", "date", "uuid", "json", "jsonb")
_TEXTS = ("text", "varchar", "bpchar", "name", "json", "jsonb")
_JSON = frozenset({114, 3802})


class Postgres:
    """Each transaction is ``READ ONLY`` and sets what it needs for itself alone.

    Poolers hand one session to several clients: whatever was set for longer would be theirs too.
    """

    title = "PostgreSQL"
    compares_rows = True

    def engine(self, url: URL, seconds: int) -> Engine:
        """Through psycopg, without statements that it prepares: poolers would lose them."""
        require("psycopg", "postgres")
        defaults = {"connect_timeout": str(CONNECT_SECONDS), "application_name": "synap-import"}
        url = url.set(drivername="postgresql+psycopg", query={**defaults, **url.query})
        engine = create_engine(
            url,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"prepare_threshold": None},
        )
        event.listen(engine, "connect", _on_connect, insert=True)
        return engine

    def begin(self, connection: Connection, seconds: int) -> None:
        """One round trip, for this transaction alone."""
        connection.exec_driver_sql(
            f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {seconds * 1000};"
            f" SET LOCAL lock_timeout = {LOCK_SECONDS * 1000}; SET LOCAL TIME ZONE 'UTC';"
            " SET LOCAL DateStyle = 'ISO'"
        )

    def trouble(self, error: BaseException) -> Trouble:
        """By its code; a refused connection has none, and says FATAL."""
        state = getattr(error, "sqlstate", None)
        if state is None:
            return _of_connecting(str(error))
        unreachable = state[:2] == "08" or state[:3] == "57P"
        return Trouble.UNREACHABLE if unreachable else _TROUBLES.get(state, Trouble.OTHER)

    def exactly(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Its text, letter by letter."""
        return collate(cast(column, Text), "C")

    def shown(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Its text: a UUID has no least one."""
        return self.exactly(column)

    def converters(self, description: Sequence[Any]) -> Mapping[str, Convert]:
        """JSON; psycopg knows the other types."""
        return {column[0]: decoded_json for column in description if column[1] in _JSON}


def _of_connecting(words: str) -> Trouble:
    if "FATAL:" not in words:
        return Trouble.UNREACHABLE
    return Trouble.NO_DATABASE if "does not exist" in words else Trouble.REFUSED


def _on_connect(connection: Driver[Any], _record: Any) -> None:
    """A database in SQL_ASCII holds any bytes: what is not UTF-8 of them comes as bytes."""
    types = import_module("psycopg.types.string")
    for name in _AS_TEXT:
        connection.adapters.register_loader(name, types.TextLoader)
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        connection.execute("SET client_encoding = 'SQL_ASCII'")
        connection.commit()
        for name in _TEXTS:
            connection.adapters.register_loader(name, _text_or_bytes())


def _text_or_bytes() -> type[Any]:
    psycopg = import_module("psycopg")

    class TextOrBytes(psycopg.adapt.Loader):  # type: ignore[name-defined,misc]
        def load(self, data: Any) -> str | bytes:
            stored = bytes(data)
            try:
                return stored.decode()
            except UnicodeDecodeError:
                return stored

    return TextOrBytes
