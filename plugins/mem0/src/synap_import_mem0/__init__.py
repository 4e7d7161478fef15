"""The source ``mem0``: every form in which people keep Mem0's memories."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    return [
        SourceDeclaration(
            name="mem0",
            summary="Mem0: Platform, self-hosted server, open-source stores and export files",
            implementation="synap_import_mem0.source:Mem0Source",
        )
    ]
