"""MySQL and MariaDB, through PyMySQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, cast, create_engine, event

from synap_import_sql.values import Convert, decoded_json

from .database import CONNECT_SECONDS, LOCK_SECONDS, Trouble, require

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnElement, Connection, Engine

# https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's server error reference.
_TROUBLES = {
    **dict.fromkeys((1044, 1045, 1130, 1251, 1698, 3118), Trouble.REFUSED),
    **dict.fromkeys((1040, 1053, 1203, 2002, 2003, 2006, 2013, 2055), Trouble.UNREACHABLE),
    1049: Trouble.NO_DATABASE,
    1146: Trouble.NO_TABLE,
    1054: Trouble.NO_COLUMN,
    **dict.fromkeys((1142, 1143, 1227, 1370), Trouble.FORBIDDEN),
    **dict.fromkeys((1317, 1969, 3024), Trouble.TOO_LONG),
    1205: Trouble.LOCKED,
}
# The protocol's numbers for column types: the same in both.
_TIMESTAMP, _BIT, _JSON = 7, 16, 245


class MySql:
    """Each transaction is ``READ ONLY``; the session's zone is UTC."""

    compares_rows = False

    def __init__(self, title: str) -> None:
        self.title = title

    def engine(self, url: URL, seconds: int) -> Engine:
        """Through PyMySQL; what the server sends is asked for as UTF-8."""
        require("pymysql", "mysql")
        defaults = {
            "charset": "utf8mb4",
            "connect_timeout": str(CONNECT_SECONDS),
            # For a server that is gone without a word; statements end long before.
            "read_timeout": str(seconds + CONNECT_SECONDS),
        }
        url = url.set(drivername="mysql+pymysql", query={**defaults, **url.query})
        engine = create_engine(
            url, pool_size=1, max_overflow=0, pool_pre_ping=True, hide_parameters=True
        )

        def on_connect(connection: Any, _record: Any) -> None:
            _prepare(connection, seconds)

        event.listen(engine, "connect", on_connect, insert=True)
        return engine

    def begin(self, connection: Connection, seconds: int) -> None:
        """A snapshot, without any lock on rows."""
        connection.exec_driver_sql("START TRANSACTION READ ONLY")

    def trouble(self, error: BaseException) -> Trouble:
        """By its number."""
        code = error.args[0] if error.args else None
        return _TROUBLES.get(code, Trouble.OTHER) if isinstance(code, int) else Trouble.OTHER

    def exactly(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Its bytes."""
        return cast(column, LargeBinary)

    def shown(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """As it is."""
        return column

    def converters(self, description: Sequence[Any]) -> Mapping[str, Convert]:
        """Of times only TIMESTAMP is a moment: the server gives it in the session's zone."""
        known = {_TIMESTAMP: _in_utc, _BIT: _bits, _JSON: decoded_json}
        return {column[0]: known[column[1]] for column in description if column[1] in known}


def _prepare(connection: Any, seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION time_zone = '+00:00'")
        cursor.execute(f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}")
        # MariaDB and MySQL have the same limit under different names.
        for limit in (f"max_statement_time = {seconds}", f"max_execution_time = {seconds * 1000}"):
            with suppress(connection.Error):
                cursor.execute(f"SET SESSION {limit}")


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _bits(value: Any) -> Any:
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value
