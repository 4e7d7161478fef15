"""The Letta source, read from a cassette, and what its database held when that was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio

from synap_import.testing import Reading, load_cassette, read_source, replay
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

FOLDER = Path(__file__).parents[4] / "cassettes" / "letta"
SELF_HOSTED = "http://127.0.0.1:8283"


def cassette(name: str) -> Path:
    """Where a cassette lies."""
    return FOLDER / f"{name}.yaml"


def read_cassette(name: str, **options: Any) -> Reading:
    """What the source says when the cassette answers, all of which must be asked for."""
    config = LettaConfig(**{"base_url": SELF_HOSTED, **options})
    with replay(cassette(name)):
        return anyio.run(read_source, LettaSource, config)


def rows() -> dict[str, Any]:
    """The counts of the database: make record-letta writes them beside the cassette."""
    return dict(json.loads((FOLDER / "server_reading.sql.json").read_text("utf-8")))


def exchanges(name: str) -> list[dict[str, Any]]:
    """What was asked and answered."""
    return list(load_cassette(cassette(name).read_text("utf-8"))["interactions"])


def answered(exchange: dict[str, Any]) -> Any:
    """The JSON of an answer."""
    return json.loads(exchange["response"]["body"]["string"])
