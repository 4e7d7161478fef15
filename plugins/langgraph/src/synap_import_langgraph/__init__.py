"""The source ``langgraph``."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    summary = "The store of LangGraph and LangMem, in PostgreSQL or SQLite"
    return [SourceDeclaration("langgraph", summary, "synap_import_langgraph.source:LangGraphStore")]
