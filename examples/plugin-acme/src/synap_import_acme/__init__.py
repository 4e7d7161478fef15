"""The source ``acme``."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import SourceDeclaration, hookimpl


@hookimpl
def synap_import_sources() -> Sequence[SourceDeclaration]:
    """Declare the source. Every command calls this, so nothing heavy is imported here."""
    return [
        SourceDeclaration(
            name="acme",
            summary="Acme",
            implementation="synap_import_acme.source:AcmeSource",
        )
    ]
