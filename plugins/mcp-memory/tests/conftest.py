"""Files as the server writes them, and a reading of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from synap_import.testing import Reading, read_source
from synap_import_mcp_memory.source import McpMemory, McpMemoryConfig

RECORDED = Path(__file__).parent / "data" / "memory.jsonl"


def read(file: Path, user: str | None = "ana", **options: Any) -> Reading:
    config = McpMemoryConfig(file=file, user=user, **options)
    return anyio.run(partial(read_source, McpMemory, config))


@pytest.fixture
def recorded() -> Path:
    return RECORDED


@pytest.fixture
def reading() -> Callable[..., Reading]:
    return read


@pytest.fixture
def graph(tmp_path: Path) -> Callable[..., Path]:
    """A file of objects, or of lines that are none."""

    def write(*lines: dict[str, Any] | str | bytes) -> Path:
        path = tmp_path / "memory.jsonl"
        path.write_bytes(b"\n".join(map(_line, lines)))
        return path

    return write


def _line(content: dict[str, Any] | str | bytes) -> bytes:
    if isinstance(content, dict):
        return json.dumps(content).encode()
    return content.encode() if isinstance(content, str) else content
