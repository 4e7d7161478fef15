"""The source ``zep``."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    return [
        SourceDeclaration(
            name="zep",
            summary="Zep Cloud: threads, episodes and facts of a project",
            implementation="synap_import_zep.source:ZepSource",
        )
    ]
