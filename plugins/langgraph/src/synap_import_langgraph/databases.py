"""The two databases: opened for reading only, each question a transaction of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from synap_import import ConfigurationError, SourceError, SourceUnavailableError

from .config import DSN_VARIABLE

if TYPE_CHECKING:
    import psycopg

_CONNECT_SECONDS, _WAIT_SECONDS, _STATEMENT_SECONDS = 20, 20, 300
# Lost connections, too little of something, servers that end, and waits that took too long:
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = ("08", "53", "57", "55P03")
_SETTINGS = (
    f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {_STATEMENT_SECONDS * 1000};"
    f" SET LOCAL lock_timeout = {_WAIT_SECONDS * 1000}; SET LOCAL TIME ZONE 'UTC';"
    " SET LOCAL DateStyle = 'ISO'"
)


class NoTableError(SourceError):
    """A table is not there."""


class Database(Protocol):
    """What a store asks of its database. ``title`` and ``account`` hold no credentials."""

    title: str
    account: str
    mark: str

    def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a statement. Raises SourceError or SourceUnavailableError."""
        ...

    def columns(self, statement: str) -> list[str]:
        """The names of what a statement gives. Raises NoTableError."""
        ...

    def close(self) -> None:
        """Hang up until the next question."""
        ...

    def quoted(self, table: str, schema: str | None) -> str:
        """The table's name in a statement."""
        ...

    def size_of(self, column: str) -> str:
        """An expression for about how many bytes a value takes."""
        ...

    def read_as(self, column: str) -> str:
        """An expression for a column: bytes or text of JSON, times as text."""
        ...


def database_of(dsn: str) -> Database:
    """The one that an address names. Raises ConfigurationError or SourceError."""
    scheme, mark, rest = dsn.strip().partition("://")
    if not mark:
        return Sqlite(Path(scheme))
    if scheme == "sqlite":
        return Sqlite(Path(rest.removeprefix("/")))
    if scheme in {"postgresql", "postgres"}:
        return Postgres(dsn.strip())
    raise ConfigurationError(
        "--dsn names a database that LangGraph's stores are not read from here.",
        remedy="It looks like postgresql://USER:PASSWORD@HOST/DATABASE or folder/store.db. From "
        "another store, write its items as JSON Lines, and use: synap-import json.",
    )


def quote(name: str) -> str:
    """An identifier, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


class Sqlite:
    """A file, opened through a read-only URI, whoever else writes to it."""

    mark = "?"

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise SourceError(f"There is no file {path}.", remedy="Check --dsn.")
        self._path = path.absolute()
        self.title = f"SQLite at {self._path}"
        self.account = f"sqlite://{self._path}"

    def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """See :class:`Database`."""
        with self._connected() as connection:
            return connection.execute(statement, values).fetchall()

    def columns(self, statement: str) -> list[str]:
        """See :class:`Database`."""
        with self._connected() as connection:
            return [one[0] for one in connection.execute(statement).description]

    def close(self) -> None:
        """Nothing to do: a file is opened for each question."""

    def quoted(self, table: str, schema: str | None) -> str:
        """See :class:`Database`."""
        return quote(table) if schema is None else f"{quote(schema)}.{quote(table)}"

    def size_of(self, column: str) -> str:
        """See :class:`Database`."""
        return f"length({column})"

    def read_as(self, column: str) -> str:
        """See :class:`Database`."""
        return f"CAST({column} AS BLOB)" if column == "value" else column

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        uri = f"{self._path.as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT_SECONDS)) as connection:
                yield connection
        except sqlite3.Error as error:
            words = f"{self.title} cannot be read: {error}."
            if "no such table" in str(error):
                raise NoTableError(words) from None
            if "locked" in str(error):
                again = "Run the same command again when the other program is done."
                raise SourceUnavailableError(words, remedy=again) from None
            raise SourceError(words, remedy="Check --dsn.") from None


class Postgres:
    """Through psycopg 3. Settings are for one transaction: poolers share sessions."""

    mark = "%s"

    def __init__(self, dsn: str) -> None:
        self._psycopg = _driver()
        self._connection: psycopg.Connection[Any] | None = None
        given = self._parsed(dsn)
        self._dsn, self._password = dsn, str(given.get("password") or "")
        host, port = given.get("host") or "localhost", given.get("port") or 5432
        place = f"{host}:{port}/{given.get('dbname') or ''}"
        self.title, self.account = f"PostgreSQL at {place}", f"postgresql://{place}"

    def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """See :class:`Database`."""
        with self._connected() as connection:
            return connection.execute(statement, values).fetchall()

    def columns(self, statement: str) -> list[str]:
        """See :class:`Database`."""
        with self._connected() as connection:
            return [one.name for one in connection.execute(statement).description or ()]

    def close(self) -> None:
        """See :class:`Database`."""
        if self._connection is not None:
            self._connection.close()

    def quoted(self, table: str, schema: str | None) -> str:
        """See :class:`Database`."""
        return quote(table) if schema is None else f"{quote(schema)}.{quote(table)}"

    def size_of(self, column: str) -> str:
        """See :class:`Database`."""
        return f"pg_column_size({column})"

    def read_as(self, column: str) -> str:
        """See :class:`Database`."""
        return column if column == "ttl_minutes" else f"{column}::text"

    def _parsed(self, dsn: str) -> dict[str, Any]:
        try:
            return dict(self._psycopg.conninfo.conninfo_to_dict(dsn))
        except self._psycopg.Error:  # its words may hold a part of the password
            raise ConfigurationError(
                f"--dsn ({DSN_VARIABLE}) is not the address of a PostgreSQL database.",
                remedy="It looks like postgresql://USER:PASSWORD@HOST/DATABASE; characters such as "
                "@ / % in the password are percent-encoded (@ is %40).",
            ) from None

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            connection = self._open()
            with connection.transaction():
                connection.execute(_SETTINGS)
                yield connection
        except self._psycopg.Error as error:
            raise self._explained(error) from None

    def _open(self) -> psycopg.Connection[Any]:
        """Without statements that it prepares: poolers would lose them."""
        if self._connection is None or self._connection.closed:
            self._connection = self._psycopg.connect(
                self._dsn,
                connect_timeout=_CONNECT_SECONDS,
                application_name="synap-import",
                prepare_threshold=None,
            )
        return self._connection

    def _explained(self, error: Exception) -> Exception:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        said = lines[0].rpartition("FATAL:")[2].strip().rstrip(".")
        said = said.replace(self._password, "***") if self._password else said
        state = getattr(error, "sqlstate", None)
        if state in {"42P01", "3F000"}:
            return NoTableError(f"{self.title} says: {said}.")
        if state == "42501":
            grant = "Its owner can allow it: GRANT SELECT ON store TO the user."
            return SourceError(f"{self.title} does not let this user read: {said}.", remedy=grant)
        if state is None and "FATAL:" in str(error):
            check = f"Check user, password and database in --dsn ({DSN_VARIABLE})."
            return SourceError(f"{self.title} lets nobody in: {said}.", remedy=check)
        if state is None or state.startswith(_PASSING):
            again = "Check the address and the network, then run the same command again."
            return SourceUnavailableError(f"{self.title} does not answer: {said}.", remedy=again)
        return SourceError(f"{self.title} refuses to be read: {said}.")


def _driver() -> Any:
    try:
        import_module("psycopg.conninfo")
        return import_module("psycopg")
    except ImportError:
        raise ConfigurationError(
            "Reading PostgreSQL needs the package psycopg, which is not installed.",
            remedy="pip install 'synap-import-langgraph[postgres]'",
        ) from None
