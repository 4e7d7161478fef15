"""The source ``sql``: a table or a query of the user's own database."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source without importing what reads it."""
    return [
        SourceDeclaration(
            name="sql",
            summary="A table or query of PostgreSQL, MySQL, MariaDB or SQLite",
            implementation="synap_import_sql.source:SqlSource",
        )
    ]
