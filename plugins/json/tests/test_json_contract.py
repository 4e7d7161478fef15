"""The adapter of files keeps the contract of every adapter, for every reader that is no mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from synap_import.testing import SourceContract
from synap_import_json.source import JsonConfig, JsonSource

EXAMPLES = Path(__file__).parents[3] / "examples"
DATA = Path(__file__).parent / "data"


def reading(path: Path, **config: Any) -> JsonConfig:
    return JsonConfig(files=(str(path),), page_size=2, **config)


class OfFiles(SourceContract):
    __test__ = False
    adapter = JsonSource
    asks_over_http = False


class TestLines(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(EXAMPLES / "memories.jsonl")


class TestChatGPT(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "chatgpt")


class TestClaude(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "claude")


class TestMcpMemory(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "mcp_memory_server.jsonl", user="ana")


class TestMcpGraph(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "mcp_memory_read_graph.json", user="ana")


class TestLangGraph(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "langgraph_store_items.json")


class TestPam(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "pam_memory_store.json")


class TestPamConversation(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "pam_conversation.json")


class TestOmi(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "omi.omi.jsonl")


class TestCogx(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "cogx")


class TestTransferText(OfFiles):
    __test__ = True
    config: ClassVar[BaseModel] = reading(DATA / "memory_transfer.md", user="ana")
