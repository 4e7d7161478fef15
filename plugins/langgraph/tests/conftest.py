"""Stores in a PostgreSQL that the tests start, and in files; nothing of who runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from langgraph_support.stores import Backend, postgres_backend, sqlite_backend
from support.postgres_server import PostgresServer


@pytest.fixture(autouse=True)
def no_database_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SYNAP_IMPORT_LANGGRAPH_DSN", "PGPASSWORD", "PGSERVICE", "PGPASSFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def postgres(postgres_running: PostgresServer) -> Iterator[Backend]:
    with postgres_backend(postgres_running) as backend:
        yield backend


@pytest.fixture
def sqlite(tmp_path) -> Iterator[Backend]:
    with sqlite_backend(tmp_path / "store.db") as backend:
        yield backend


@pytest.fixture(params=["postgres", "sqlite"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each of the two: what is promised of both."""
    return request.getfixturevalue(request.param)
