"""The sources ``zep`` and ``graphiti``: Zep's memories in the forms in which people keep them."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the sources without importing what reads them."""
    return [
        SourceDeclaration(
            name="zep",
            summary="Zep Cloud: threads, episodes and facts; Community Edition: messages",
            implementation="synap_import_zep.source:ZepSource",
        ),
        SourceDeclaration(
            name="graphiti",
            summary="Graphiti: episodes and facts in Neo4j, FalkorDB or Kuzu",
            implementation="synap_import_zep.graphiti.source:GraphitiSource",
        ),
    ]
