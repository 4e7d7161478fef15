"""Plugins that a test writes, seen as installed."""

from __future__ import annotations

from pathlib import Path

IMPORTS = """\
from synap_import import (
    CheckDeclaration, CommandDeclaration, DestinationDeclaration, SectionDeclaration,
    SourceDeclaration, TransformDeclaration, hookimpl,
)
"""


def install(site: Path, distribution: str, module: str, code: str) -> None:
    """Put a distribution with one plugin there, as pip would leave it."""
    info = site / f"{distribution.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[synap_import]\nacme = {module}\n")
    (site / f"{module}.py").write_text(code)


def declaring(hook: str, declaration: str) -> str:
    """A plugin that answers one hook with one declaration, and what that names."""
    return f"{IMPORTS}\n@hookimpl\ndef synap_import_{hook}():\n    return [{declaration}]\n\n"
