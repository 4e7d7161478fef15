"""SQLite: a file, opened so that it cannot be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, cast, create_engine
from sqlalchemy.pool import QueuePool

from synap_import import ConfigurationError, SourceError

from .database import LOCK_SECONDS, Trouble

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnElement, Connection, Engine

    from synap_import_sql.values import Convert

_TROUBLES = (
    ("no such table", Trouble.NO_TABLE),
    ("no such column", Trouble.NO_COLUMN),
    ("locked", Trouble.LOCKED),
    ("unable to open", Trouble.NO_DATABASE),
    ("not a database", Trouble.NO_DATABASE),
)


class Sqlite:
    """Through a read-only URI, whoever else writes to the file."""

    title = "SQLite"
    compares_rows = True

    def engine(self, url: URL, seconds: int) -> Engine:
        """Raises SourceError when there is no such file."""
        uri = f"{file_of(url).as_uri()}?mode=ro"

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(
                uri, uri=True, timeout=LOCK_SECONDS, check_same_thread=False
            )
            connection.text_factory = _text
            return connection

        return create_engine(
            "sqlite://",
            creator=connect,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
        )

    def begin(self, connection: Connection, seconds: int) -> None:
        """Nothing to do: the file is open for reading only."""

    def trouble(self, error: BaseException) -> Trouble:
        """By its words; there are no codes for these."""
        words = str(error)
        return next((trouble for part, trouble in _TROUBLES if part in words), Trouble.OTHER)

    def exactly(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Its bytes."""
        return cast(column, LargeBinary)

    def shown(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """As it is."""
        return column

    def converters(self, description: Sequence[Any]) -> Mapping[str, Convert]:
        """None: a value tells its own type."""
        return {}


def file_of(url: URL) -> Path:
    """The file that an address names. Raises ConfigurationError or SourceError."""
    if not url.database or url.database == ":memory:" or url.host:
        raise ConfigurationError(
            "--dsn names no file of SQLite.",
            remedy="It looks like sqlite:///folder/app.db, or sqlite:////srv/app.db with a path "
            "from the root.",
        )
    path = Path(url.database).absolute()
    if not path.is_file():
        raise SourceError(f"There is no file {path}.", remedy="Check the path in --dsn.")
    return path


def _text(stored: bytes) -> Any:
    """SQLite keeps any bytes as text; what is not UTF-8 stays bytes."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored
