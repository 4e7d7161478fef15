"""The adapters of Letta keep the contract of every adapter."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, SecretStr

from synap_import.testing import SourceContract
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

CASSETTES = Path(__file__).parents[3] / "cassettes" / "letta"


class TestServer(SourceContract):
    adapter = LettaSource
    config: ClassVar[BaseModel] = LettaConfig(base_url="http://127.0.0.1:8283", with_files=True)
    cassette = CASSETTES / "server_reading.yaml"


class TestCloud(SourceContract):
    adapter = LettaSource
    config: ClassVar[BaseModel] = LettaConfig(api_key=SecretStr("key-of-no-project"))
    cassette = CASSETTES / "cloud_messages.yaml"
