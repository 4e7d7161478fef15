"""The adapter of files keeps the contract of every adapter."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from synap_import.testing import SourceContract
from synap_import_json.source import JsonConfig, JsonSource

EXAMPLES = Path(__file__).parents[3] / "examples"


class TestLines(SourceContract):
    adapter = JsonSource
    config: ClassVar[BaseModel] = JsonConfig(files=(str(EXAMPLES / "memories.jsonl"),), page_size=2)
    asks_over_http = False
