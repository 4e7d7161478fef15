"""The address of a database: what of it can be shown, and which system it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from synap_import import ConfigurationError

from .databases.mysql import MySql
from .databases.postgres import Postgres
from .databases.sqlite import Sqlite, file_of

if TYPE_CHECKING:
    from sqlalchemy import URL

    from .databases.database import Database

_PORTS = {"PostgreSQL": 5432, "MySQL": 3306, "MariaDB": 3306}


class Address:
    """Where a database is; its text has no credentials in it.

    Raises ConfigurationError for what is no address, or of a system that is not known here.
    """

    def __init__(self, text: str) -> None:
        self.url = _parsed(text)
        self.database = _database(self.url.get_backend_name())

    def __str__(self) -> str:
        """Host, port and database, or the file."""
        if isinstance(self.database, Sqlite):
            return str(file_of(self.url))
        port = self.url.port or _PORTS[self.database.title]
        return f"{self.url.host or 'localhost'}:{port}/{self.url.database or ''}"

    @property
    def account(self) -> str:
        """The same for the same database, whoever reads it, by either name of a system."""
        backend = self.url.get_backend_name().replace("mariadb", "mysql")
        return f"{backend}://{self}"

    def redact(self, text: str) -> str:
        """The text without the password, should a driver's message quote it."""
        password = self.url.password
        return text.replace(str(password), "***") if password else text


def _parsed(text: str) -> URL:
    try:
        url = make_url(text.strip().replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        raise _no_address() from None
    # A password that is not percent-encoded spills into what stands behind it.
    if any("@" in (part or "") for part in (url.host, url.database)):
        raise _no_address()
    return url


def _database(backend: str) -> Database:
    match backend:
        case "postgresql":
            return Postgres()
        case "mysql":
            return MySql("MySQL")
        case "mariadb":
            return MySql("MariaDB")
        case "sqlite":
            return Sqlite()
    raise ConfigurationError(
        f"--dsn names a database of '{backend}', which cannot be read here.",
        remedy="postgresql://, mysql://, mariadb:// and sqlite:// can; from elsewhere, export to "
        "JSON Lines or CSV and use: synap-import json.",
    )


def _no_address() -> ConfigurationError:
    return ConfigurationError(
        "--dsn is not the address of a database.",
        remedy="It looks like postgresql://USER:PASSWORD@HOST/DATABASE; characters such as "
        "@ / % in the password are percent-encoded (@ is %40).",
    )
