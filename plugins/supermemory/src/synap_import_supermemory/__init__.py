"""The source ``supermemory``."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    return [
        SourceDeclaration(
            name="supermemory",
            summary="SuperMemory: memories and documents",
            implementation="synap_import_supermemory.source:SuperMemorySource",
        )
    ]
