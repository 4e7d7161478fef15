"""The destination ``file`` and the command ``file-show``."""

from __future__ import annotations

from collections.abc import Sequence

from synap_import import CommandDeclaration, DestinationDeclaration, hookimpl


@hookimpl
def synap_import_destinations() -> Sequence[DestinationDeclaration]:
    """Write documents where Synap would be given them."""
    summary = "A file of documents, one JSON object per line"
    return [DestinationDeclaration("file", summary, "synap_import_file.writing:opened")]


@hookimpl
def synap_import_commands() -> Sequence[CommandDeclaration]:
    """Look into such a file."""
    summary = "Count and check the documents of a file that --to file wrote."
    return [CommandDeclaration("file-show", summary, "synap_import_file.showing:file_show")]
