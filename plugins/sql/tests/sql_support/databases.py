"""An empty database of each system, to fill and to read."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import psycopg

from sql_support.mariadb_server import READER as MARIADB_READER
from sql_support.mariadb_server import MariaDbServer
from support.postgres_server import OWNER, READER, PostgresServer
from synap_import import MemoryRecord
from synap_import.testing import read_source
from synap_import.testing.reading import Reading
from synap_import_sql.config import SqlConfig
from synap_import_sql.source import SqlSource


@dataclass(frozen=True)
class Database:
    """``connection`` is the owner's; ``dsn`` is that of somebody who may only read."""

    system: str
    dsn: str
    connection: Any
    grant: Callable[[], None]
    mark: str = "%s"

    def run(self, *statements: str) -> None:
        for statement in statements:
            cursor = self.connection.cursor()
            cursor.execute(statement)
            cursor.close()
        self.connection.commit()

    def make(self, *statements: str) -> Database:
        """Tables that the reader may read."""
        self.run(*statements)
        self.grant()
        return self

    def add(self, table: str, *rows: Sequence[Any]) -> None:
        """Rows, with a value for every column."""
        marks = ", ".join([self.mark] * len(rows[0]))
        cursor = self.connection.cursor()
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        cursor.close()
        self.connection.commit()

    def config(self, key: str | None = None, **options: Any) -> SqlConfig:
        return SqlConfig(**{"dsn": self.dsn, "key_columns": key, **options})

    def read(self, **options: Any) -> Reading:
        return anyio.run(read_source, SqlSource, self.config(**options))

    def record(self, **options: Any) -> MemoryRecord:
        """The only one that comes out."""
        (record,) = self.read(**options).records
        return record


@contextmanager
def postgres_database(server: PostgresServer) -> Iterator[Database]:
    with server.database() as name:
        address = server.address(name, OWNER)
        with psycopg.connect(address, autocommit=True) as connection:

            def grant() -> None:
                connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")

            yield Database("postgres", server.address(name), connection, grant)


@contextmanager
def mariadb_database(server: MariaDbServer) -> Iterator[Database]:
    name = f"test_{secrets.token_hex(6)}"
    connection = server.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {name}")

        def grant() -> None:
            cursor.execute(f"GRANT SELECT ON {name}.* TO {MARIADB_READER}@'127.0.0.1'")

        yield Database("mariadb", server.address(name), connection, grant)
        with suppress(Exception):
            cursor.execute(f"REVOKE SELECT ON {name}.* FROM {MARIADB_READER}@'127.0.0.1'")
        cursor.execute(f"DROP DATABASE {name}")


@contextmanager
def sqlite_database(path: Path) -> Iterator[Database]:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    try:
        yield Database("sqlite", f"sqlite:///{path}", connection, lambda: None, mark="?")
    finally:
        connection.close()
