"""The hooks that a plugin can implement, and what it answers with.

Every command loads the declarations of all plugins, so nothing here, and nothing in a
plugin's declaring module, may import anything heavy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pluggy

PROJECT = "synap_import"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """What a plugin says about a source without importing its adapter.

    ``implementation`` is an import path, ``package.module:Class``.
    """

    name: str
    summary: str
    implementation: str


@hookspec
def synap_import_sources() -> Sequence[SourceDeclaration]:  # type: ignore[empty-body]
    """The sources that this plugin can read."""
