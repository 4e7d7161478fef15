"""One Ray for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.ray_runs import ray_of


@pytest.fixture(scope="session")
def two_workers(ledger_database: str) -> Iterator[None]:
    """A Ray of this machine with room for two."""
    with ray_of(2, ledger_database):
        yield
