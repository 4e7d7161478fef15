"""The source ``letta``."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    return [
        SourceDeclaration(
            name="letta",
            summary="Letta: blocks, archival passages and conversations of agents",
            implementation="synap_import_letta.source:LettaSource",
        )
    ]
