"""The source, read from a cassette."""

from __future__ import annotations

from pathlib import Path

import anyio
from pydantic import SecretStr

from supermemory_support.scenarios import SCENARIOS
from synap_import.testing import Reading, read_source, replay
from synap_import_supermemory.config import SuperMemoryConfig
from synap_import_supermemory.source import SuperMemorySource

FOLDER = Path(__file__).parents[4] / "cassettes" / "supermemory"


def cassette(name: str) -> Path:
    """Where a cassette lies."""
    return FOLDER / f"{name}.yaml"


def read_cassette(name: str) -> Reading:
    """What the source says when the cassette answers, all of which must be asked for."""
    config = SuperMemoryConfig(api_key=SecretStr("sm_key-of-the-tests"), **SCENARIOS[name].options)
    with replay(cassette(name)):
        return anyio.run(read_source, SuperMemorySource, config)
