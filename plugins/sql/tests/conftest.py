"""Servers that the tests start for themselves, and nothing of the person who runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sql_support.databases import Database, mariadb_database, postgres_database, sqlite_database
from sql_support.mariadb_server import MariaDbServer, mariadb_server
from support.postgres_server import PostgresServer


@pytest.fixture(autouse=True)
def no_database_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SYNAP_IMPORT_SQL_DSN", "PGPASSWORD", "PGSERVICE", "PGPASSFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def mariadb_running() -> Iterator[MariaDbServer]:
    with mariadb_server() as running:
        yield running


@pytest.fixture
def postgres(postgres_running: PostgresServer) -> Iterator[Database]:
    with postgres_database(postgres_running) as database:
        yield database


@pytest.fixture
def mariadb(mariadb_running: MariaDbServer) -> Iterator[Database]:
    with mariadb_database(mariadb_running) as database:
        yield database


@pytest.fixture
def sqlite(tmp_path) -> Iterator[Database]:
    with sqlite_database(tmp_path / "app.db") as database:
        yield database


@pytest.fixture(params=["postgres", "mariadb", "sqlite"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each of the three: what is promised of all of them."""
    return request.getfixturevalue(request.param)
