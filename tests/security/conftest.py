"""What the tests of security start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import memories, write_lines
from support.hostile import Hostile, hostile


@pytest.fixture
def elsewhere() -> Iterator[Hostile]:
    """Another server, which nobody was told to talk to."""
    with hostile() as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Ten memories of three users."""
    return write_lines(tmp_path / "memories.jsonl", memories(10))
