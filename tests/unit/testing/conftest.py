"""A service to record, and the head of a cassette."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import acme
from synap_import.testing import Provenance


@pytest.fixture
def service() -> Iterator[str]:
    """The address of a service with an account."""
    with acme.service() as url:
        yield url


@pytest.fixture
def head() -> Provenance:
    return Provenance(
        kind="constructed",
        source="acme",
        version="1",
        how="by a test",
        validated="by nobody",
        date="2026-11-25",
    )
