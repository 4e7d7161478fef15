"""The source ``json``: files that people made themselves, or had exported."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    return [
        SourceDeclaration(
            name="json",
            summary="JSON, CSV and Parquet files; exports of ChatGPT, Claude and others",
            implementation="synap_import_json.source:JsonSource",
        )
    ]
