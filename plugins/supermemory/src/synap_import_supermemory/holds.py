"""Why records of SuperMemory are held, and what whoever reads the account is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synap_import import HoldReason

DOCUMENT_OF_MEMORIES = "document-of-memories"
MEMORY_OF_DOCUMENTS = "memory-of-documents"
FILE_ONLY = "file-only"
FAILED = "document-failed"
UNFINISHED = "document-unfinished"
TOO_LARGE = "document-too-large"

HOLDS: Mapping[str, HoldReason] = MappingProxyType(
    {
        DOCUMENT_OF_MEMORIES: HoldReason(
            "Documents, while the memories that SuperMemory made of them load",
            "Nothing to do: Synap would make the same facts of them again. --load both loads them "
            "all the same; --load documents loads them instead of memories, also those that were "
            "stored for search only and never got any.",
        ),
        MEMORY_OF_DOCUMENTS: HoldReason(
            "Memories, while the documents that they were made of load",
            "Nothing to do, as you said --load documents: Synap makes its own of the documents. "
            "--load both loads them all the same.",
        ),
        FILE_ONLY: HoldReason(
            "Documents without text: an image, a video, a file or an address",
            "There are no words to load. Keep the originals yourself where they matter.",
        ),
        FAILED: HoldReason(
            "Documents that SuperMemory could not read",
            "Mend them there and run the same command again, or do without them.",
        ),
        UNFINISHED: HoldReason(
            "Documents on which SuperMemory still works",
            "Run the same command again later.",
        ),
        TOO_LARGE: HoldReason(
            "Documents whose text alone is more than 64 MB",
            "Cut them into smaller ones there and run the same command again, or do without them.",
        ),
    }
)
