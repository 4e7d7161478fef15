"""The adapters of Zep keep the contract of every adapter."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, SecretStr

from synap_import.testing import SourceContract
from synap_import_zep.config import ZepConfig
from synap_import_zep.source import ZepSource

CASSETTES = Path(__file__).parents[3] / "cassettes" / "zep"


class TestCloudV4(SourceContract):
    adapter = ZepSource
    config: ClassVar[BaseModel] = ZepConfig(api_key=SecretStr("key-of-no-project"))
    cassette = CASSETTES / "cloud_v4_reading.yaml"


class TestCloudV3(SourceContract):
    adapter = ZepSource
    config: ClassVar[BaseModel] = ZepConfig(api_key=SecretStr("key-of-no-project"), api="v3")
    cassette = CASSETTES / "cloud_v3_cursors.yaml"
