"""Real stores: LangGraph's own classes write into a database that is the test's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import psycopg
from langgraph.store.base import BaseStore
from langgraph.store.postgres import PostgresStore
from langgraph.store.sqlite import SqliteStore

from support.postgres_server import OWNER, READER, PostgresServer
from synap_import import MemoryRecord
from synap_import.testing import Reading, read_source
from synap_import_langgraph.config import LangGraphConfig
from synap_import_langgraph.source import LangGraphStore


@dataclass(frozen=True)
class Backend:
    """``dsn`` is that of somebody who may only read; ``run`` works as the owner."""

    system: str
    dsn: str
    run: Callable[..., None]
    opened: Callable[[], AbstractContextManager[BaseStore]]
    saver_dsn: str = ""

    @contextmanager
    def store(self) -> Iterator[BaseStore]:
        """LangGraph's own store, to write with."""
        with self.opened() as store:
            store.setup()
            yield store

    def put(self, namespace: str, key: str, value: Any, **options: Any) -> Backend:
        with self.store() as store:
            store.put(tuple(namespace.split(".")), key, value, **options)
        return self.readable()

    def readable(self) -> Backend:
        if self.system == "postgres":
            self.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")
        return self

    def config(self, **options: Any) -> LangGraphConfig:
        return LangGraphConfig(**{"dsn": self.dsn, **options})

    def read(self, **options: Any) -> Reading:
        return anyio.run(read_source, LangGraphStore, self.config(**options))

    def record(self, **options: Any) -> MemoryRecord:
        """The only one that comes out."""
        (record,) = self.read(**options).records
        return record


@contextmanager
def postgres_backend(server: PostgresServer) -> Iterator[Backend]:
    with server.database() as name:
        address = server.address(name, OWNER)

        def run(*statements: str) -> None:
            with psycopg.connect(address, autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement)

        opened = partial(PostgresStore.from_conn_string, address)
        yield Backend("postgres", server.address(name), run, opened, address)


@contextmanager
def sqlite_backend(path: Path) -> Iterator[Backend]:
    def run(*statements: str) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    yield Backend(
        "sqlite", str(path), run, partial(SqliteStore.from_conn_string, str(path)), str(path)
    )
