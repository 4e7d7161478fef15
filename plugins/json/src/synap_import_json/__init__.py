"""The source ``json``: JSON Lines, JSON and CSV files that people made themselves."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    return [
        SourceDeclaration(
            name="json",
            summary="JSON Lines, JSON and CSV files, plain or compressed",
            implementation="synap_import_json.source:JsonSource",
        )
    ]
