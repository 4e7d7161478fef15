"""A PostgreSQL session that can only read, and whose errors give nothing away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import to_thread

from synap_import import ConfigurationError, SourceError, SourceUnavailableError
from synap_import_zep.extras import needed
from synap_import_zep.words import first_line

if TYPE_CHECKING:
    import psycopg

_DEFAULTS = {"connect_timeout": "20", "application_name": "synap-import"}
_ANSWERED = "FATAL:"

T = TypeVar("T")


class Address:
    """Where a database is; what is shown of it has no credentials.

    Raises ConfigurationError for what is no such address, or when psycopg is not installed.
    """

    def __init__(self, text: str) -> None:
        self.driver = needed("psycopg", extra="postgres", purpose="Reading a Community Edition")
        self._parameters = self._parse(text)

    def __str__(self) -> str:
        """Host, port and database."""
        known = self._parameters
        database = known.get("dbname", known.get("user", ""))
        return f"{known.get('host', 'localhost')}:{known.get('port', '5432')}/{database}"

    def connect(self) -> psycopg.Connection[Any]:
        """A connection whose transactions are all read-only."""
        # Poolers that share a session between clients lose statements that it has prepared.
        connection: psycopg.Connection[Any] = self.driver.connect(
            **{**_DEFAULTS, **self._parameters}, prepare_threshold=None
        )
        connection.read_only = True
        return connection

    def explaining(self, work: Callable[[], T]) -> T:
        """What ``work`` returns, or an error for people."""
        try:
            return work()
        except self.driver.OperationalError as error:
            raise self._not_reached(error) from None
        except self.driver.Error as error:
            words = self._said(error)
            raise SourceError(f"PostgreSQL at {self} refuses to be read: {words}.") from None

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

    def _not_reached(self, error: psycopg.Error) -> SourceError | SourceUnavailableError:
        words = self._said(error)
        if error.sqlstate is None and _ANSWERED in words:
            return SourceError(
                f"PostgreSQL at {self} lets nobody in: {words.partition(_ANSWERED)[2].strip()}.",
                remedy="Check user, password and database in --ce-dsn (ZEP_CE_DSN).",
            )
        return SourceUnavailableError(
            f"PostgreSQL at {self} does not answer: {words}.",
            remedy="Check the address and the network, then run the same command again.",
        )

    def _said(self, error: psycopg.Error) -> str:
        password = self._parameters.get("password")
        text = str(error).replace(password, "***") if password else str(error)
        return first_line(text).removeprefix("connection failed: ")


class ReadOnlySession:
    """Each query is a transaction of its own: none holds back the others' work."""

    def __init__(self, connection: psycopg.Connection[Any], address: Address) -> None:
        self._connection = connection
        self._address = address

    async def rows(self, query: Any, **params: Any) -> list[dict[str, Any]]:
        """What a SELECT answers, in a thread, because the driver waits."""

        def run() -> list[dict[str, Any]]:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.execute(query, params)
                names = [column.name for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor]

        return await to_thread.run_sync(partial(self._address.explaining, run))


@asynccontextmanager
async def read_only_session(address: Address) -> AsyncIterator[ReadOnlySession]:
    """Opened and closed around a piece of work."""
    connection = await to_thread.run_sync(partial(address.explaining, address.connect))
    try:
        yield ReadOnlySession(connection, address)
    finally:
        connection.close()


def _no_address() -> ConfigurationError:
    return ConfigurationError(
        "--ce-dsn is not the address of a PostgreSQL database.",
        remedy="It looks like postgresql://USER:PASSWORD@HOST:5432/DATABASE; characters such as "
        "@ / % in the password are percent-encoded (@ is %40).",
    )
