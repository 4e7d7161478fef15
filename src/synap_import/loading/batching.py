"""Cuts documents into batches that Synap takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synap_import.planning import Document

MAX_DOCUMENTS = 100
"""Synap, recipes/replay-history: up to 100 documents per call."""

Batch = list["Document"]


def batches(
    documents: Iterable[Document], max_bytes: int, max_documents: int = MAX_DOCUMENTS
) -> Iterator[Batch]:
    """Batches in order, each within both limits; a document over ``max_bytes`` goes alone."""
    batch: Batch = []
    size = 0
    for document in documents:
        document_size = document.size()
        if batch and (size + document_size > max_bytes or len(batch) == max_documents):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += document_size
    if batch:
        yield batch


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """The batch in two; it must hold more than one document."""
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]
