"""What the tests of the host and those of all plugins share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from support.certificates import read_them_once
from support.postgres_server import PostgresServer, postgres_server

read_them_once()

# How long an example takes says something about the machine, and nothing about the tool.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres_running() -> Iterator[PostgresServer]:
    """A PostgreSQL for all tests, each of which has databases of its own in it."""
    with postgres_server() as running:
        yield running
