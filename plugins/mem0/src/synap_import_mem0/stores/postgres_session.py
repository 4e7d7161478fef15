"""A PostgreSQL session that can only read, and whose errors give nothing away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import to_thread

from synap_import import ConfigurationError, SourceError, SourceUnavailableError

from .extras import needed

if TYPE_CHECKING:
    import psycopg

_DEFAULTS = {"connect_timeout": "20", "application_name": "synap-import"}
_ANSWERED = "FATAL:"

T = TypeVar("T")


class ReadOnlySession:
    """Each query is a transaction of its own, ``READ ONLY``: none holds back the others' work."""

    def __init__(self, connection: psycopg.Connection[Any], address: PostgresAddress) -> None:
        self._connection = connection
        self._address = address
        self.sql = address.driver.sql
        """To quote names with."""

    async def rows(self, query: Any, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a SELECT answers, in a thread, because the driver waits."""

        def run() -> list[tuple[Any, ...]]:
            with self._connection.transaction():
                return self._connection.execute(query, params).fetchall()

        return await to_thread.run_sync(_explaining(self._address, run))


class PostgresAddress:
    """Where a database is, taken apart so that what is shown has no credentials in it.

    Raises ConfigurationError for what is no such address, or when psycopg is not installed.
    """

    def __init__(self, text: str) -> None:
        self.driver = needed("psycopg", extra="postgres", purpose="Reading a pgvector store")
        self._parameters = self._parse(text)

    def __str__(self) -> str:
        """Host, port and database."""
        host, port = self._shown("host", "localhost"), self._shown("port", "5432")
        return f"{host}:{port}/{self._shown('dbname', self._shown('user', ''))}"

    def connect(self) -> psycopg.Connection[Any]:
        """A connection whose transactions are all read-only."""
        # Poolers that share a session between clients lose statements that it has prepared.
        connection: psycopg.Connection[Any] = self.driver.connect(
            **{**_DEFAULTS, **self._parameters}, prepare_threshold=None
        )
        connection.read_only = True
        return connection

    def redact(self, text: str) -> str:
        """The text without the password, should a driver's message quote it."""
        password = self._parameters.get("password")
        return text.replace(password, "***") if password else text

    def _parse(self, text: str) -> Mapping[str, str]:
        try:
            parsed = self.driver.conninfo.conninfo_to_dict(text)
        except self.driver.Error:
            raise _no_address() from None
        # A password that is not percent-encoded spills into what stands behind it.
        spilled = any("@" in str(parsed.get(name, "")) for name in ("host", "port", "dbname"))
        if spilled or not str(parsed.get("port", "0")).replace(",", "").isdigit():
            raise _no_address()
        return {name: str(value) for name, value in parsed.items() if value is not None}

    def _shown(self, name: str, default: str) -> str:
        return self._parameters.get(name, default)


@asynccontextmanager
async def read_only_session(address: PostgresAddress) -> AsyncIterator[ReadOnlySession]:
    """Opened and closed around a piece of work."""
    connection = await to_thread.run_sync(_explaining(address, address.connect))
    try:
        yield ReadOnlySession(connection, address)
    finally:
        connection.close()


def _no_address() -> ConfigurationError:
    return ConfigurationError(
        "--postgres is not the address of a PostgreSQL database.",
        remedy="It looks like postgresql://USER:PASSWORD@HOST:5432/DATABASE; characters such as "
        "@ / % in the password are percent-encoded (@ is %40).",
    )


def _explaining(address: PostgresAddress, work: Callable[[], T]) -> Callable[[], T]:
    driver = address.driver

    def run() -> T:
        try:
            return work()
        except driver.OperationalError as error:
            raise _not_reached(address, error) from None
        except driver.Error as error:
            words = _first_line(address, error)
            raise SourceError(f"PostgreSQL at {address} refuses to be read: {words}.") from None

    return run


def _not_reached(
    address: PostgresAddress, error: psycopg.Error
) -> SourceError | SourceUnavailableError:
    words = _first_line(address, error)
    if error.sqlstate is None and _ANSWERED in words:
        return SourceError(
            f"PostgreSQL at {address} lets nobody in: {words.partition(_ANSWERED)[2].strip()}.",
            remedy="Check user, password and database in --postgres (MEM0_POSTGRES_URL).",
        )
    return SourceUnavailableError(
        f"PostgreSQL at {address} does not answer: {words}.",
        remedy="Check the address and the network, then run the same command again.",
    )


def _first_line(address: PostgresAddress, error: psycopg.Error) -> str:
    lines = address.redact(str(error)).strip().splitlines()
    return lines[0].removeprefix("connection failed: ").rstrip(".") if lines else "no reason given"
