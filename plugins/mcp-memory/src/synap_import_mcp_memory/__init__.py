"""The source ``mcp-memory``."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    summary = "The memory server of the Model Context Protocol: its file"
    return [SourceDeclaration("mcp-memory", summary, "synap_import_mcp_memory.source:McpMemory")]
