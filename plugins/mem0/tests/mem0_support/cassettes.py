"""The Mem0 source, read from a cassette."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio

from synap_import import MemoryRecord
from synap_import.testing import Reading, read_source, replay
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source

FOLDER = Path(__file__).parents[4] / "cassettes" / "mem0"


def cassette(name: str) -> Path:
    """Where a cassette lies."""
    return FOLDER / f"{name}.yaml"


def read_cassette(name: str, **config: Any) -> Reading:
    """What the source says when the cassette answers, all of which must be asked for."""
    chosen = Mem0Config(**(config or {"api_key": "m0-key-of-the-tests"}))
    with replay(cassette(name)):
        return anyio.run(read_source, Mem0Source, chosen)


def short_id(record: MemoryRecord) -> int:
    """The number that a constructed memory was made from."""
    return int(record.id.rpartition("-")[2])
