"""The adapter keeps the contract of every adapter, on the file that the real server wrote."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from synap_import.testing import SourceContract
from synap_import_mcp_memory.source import McpMemory, McpMemoryConfig

RECORDED = Path(__file__).parent / "data" / "memory.jsonl"


class TestRecorded(SourceContract):
    adapter = McpMemory
    config: ClassVar[BaseModel] = McpMemoryConfig(file=RECORDED, user="ana", page_size=2)
    asks_over_http = False
