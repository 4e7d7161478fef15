"""The adapters of Mem0 keep the contract of every adapter."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, SecretStr

from synap_import.testing import SourceContract
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source

CASSETTES = Path(__file__).parents[3] / "cassettes" / "mem0"


class TestPlatform(SourceContract):
    adapter = Mem0Source
    config: ClassVar[BaseModel] = Mem0Config(api_key=SecretStr("key-of-no-project"))
    cassette = CASSETTES / "platform_states.yaml"


class TestServer(SourceContract):
    adapter = Mem0Source
    config: ClassVar[BaseModel] = Mem0Config(
        base_url="http://127.0.0.1:8888", server_key=SecretStr("key-of-no-server")
    )
    cassette = CASSETTES / "server_reading.yaml"
