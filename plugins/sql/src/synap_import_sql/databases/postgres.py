"""PostgreSQL, and what speaks its language, through psycopg 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event

from .database import CONNECT_SECONDS, LOCK_SECONDS, Trouble, require

if TYPE_CHECKING:
    from psycopg import Connection as Driver
    from sqlalchemy import URL, Connection, Engine

    from synap_import_sql.values import Convert

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
_TIMES = ("timestamp", "timestamptz", "date")
_TEXTS = ("text", "varchar", "bpchar", "name", "json", "jsonb")


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
            f" SET LOCAL lock_timeout = {LOCK_SECONDS * 1000}; SET LOCAL TIME ZONE 'UTC'"
        )

    def trouble(self, error: BaseException) -> Trouble:
        """By its code; a refused connection has none, and says FATAL."""
        state = getattr(error, "sqlstate", None)
        if state is None:
            return _of_connecting(str(error))
        unreachable = state[:2] == "08" or state[:3] == "57P"
        return Trouble.UNREACHABLE if unreachable else _TROUBLES.get(state, Trouble.OTHER)

    def converters(self, description: Sequence[Any]) -> Mapping[str, Convert]:
        """None: psycopg knows the types."""
        return {}


def _of_connecting(words: str) -> Trouble:
    if "FATAL:" not in words:
        return Trouble.UNREACHABLE
    return Trouble.NO_DATABASE if "does not exist" in words else Trouble.REFUSED


def _on_connect(connection: Driver[Any], _record: Any) -> None:
    """Times that Python has no word for (``infinity``, 4713 BC) come as texts.

    A database in SQL_ASCII holds any bytes: what is not UTF-8 of them comes as bytes.
    """
    for name in _TIMES:
        _register(connection, name, _or_text)
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        connection.execute("SET client_encoding = 'UTF8'")
        connection.commit()
        for name in _TEXTS:
            _register(connection, name, _or_bytes)


def _or_text(data: Any) -> str:
    return bytes(data).decode()


def _or_bytes(data: Any) -> bytes:
    return bytes(data)


def _register(connection: Driver[Any], name: str, otherwise: Convert) -> None:
    """Load a type as before, and by ``otherwise`` what cannot be loaded."""
    psycopg = import_module("psycopg")
    adapters, text_format = connection.adapters, psycopg.pq.Format.TEXT
    oid = adapters.types[name].oid
    usual: Any = adapters.get_loader(oid, text_format)

    class Forgiving(psycopg.abc.Loader):  # type: ignore[name-defined,misc]
        format = text_format

        def __init__(self, oid: int, connection: Any = None) -> None:
            self._load = usual(oid, connection).load

        def load(self, data: Any) -> Any:
            try:
                return self._load(data)
            except (psycopg.DataError, UnicodeDecodeError):
                return otherwise(data)

    adapters.register_loader(oid, Forgiving)
