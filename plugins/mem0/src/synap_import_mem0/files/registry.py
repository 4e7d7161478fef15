"""Which format a file has: asked of each known one, in an order in which the first is right."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .formats import FileFormat

READS = (
    "get_all dumps, OpenMemory exports, Memory Exports and plugin exports (.md), and the files of "
    "Qdrant, Chroma, FAISS and TypeScript stores and of their history"
)
"""What can be read here, as a part of a sentence."""

# Imported one by one: some bring libraries of their own. Formats that look at any list with
# texts come behind those that know their own fields.
_FORMATS = (
    ("synap_import_mem0.stores.chroma", "ChromaDatabase"),
    ("synap_import_mem0.stores.typescript", "TypeScriptDatabase"),
    ("synap_import_mem0.stores.history", "HistoryDatabase"),
    ("synap_import_mem0.stores.faiss", "FaissDocstore"),
    ("synap_import_mem0.files.openmemory", "OpenMemoryExport"),
    ("synap_import_mem0.files.dumps", "Dump"),
    ("synap_import_mem0.files.export_jobs", "ExportJob"),
    ("synap_import_mem0.files.markdown", "MarkdownExport"),
    ("synap_import_mem0.stores.qdrant_folder", "QdrantFolder"),
)


def format_of(path: Path) -> FileFormat | None:
    """The first format that recognises a file or folder."""
    for module, name in _FORMATS:
        file_format: FileFormat = getattr(import_module(module), name)()
        if file_format.recognises(path):
            return file_format
    return None
