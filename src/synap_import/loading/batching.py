"""How many documents go into one request, and how a refused batch is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synap_import.documents import Document

MAX_DOCUMENTS = 100
"""Synap, recipes/replay-history: up to 100 documents per call."""

_GROWTH = 1.1

Batch = list["Document"]


@dataclass(slots=True)
class BatchSize:
    """What one request may hold: a fixed number of documents, and bytes that are learned.

    A batch that is refused as too large (413) halves the bytes; each full one that is taken
    lets them grow back. ``documents`` is how many are worth asking for: not many more than
    fit, since the others have to be given back.
    """

    most_bytes: int
    documents: int = MAX_DOCUMENTS
    bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.bytes = self.most_bytes

    def cut(self, documents: Sequence[Document]) -> tuple[Batch, Batch]:
        """The first documents that fit, at least one, and the rest.

        A transcript goes alone, and behind the documents around it: these fill batches.
        """
        alone = [one for one in documents if one.transcript]
        together = [one for one in documents if not one.transcript] if alone else list(documents)
        if not together:
            self.documents = 2
            return alone[:1], alone[1:]
        size = fitting = 0
        for document in together:
            size += document.size()
            if fitting and size > self.bytes:
                break
            fitting += 1
        taken = fitting + len(alone)
        is_all = fitting == len(together)
        self.documents = min(MAX_DOCUMENTS, taken * 2 if is_all else taken + 1)
        return together[:fitting], together[fitting:] + alone

    def too_large(self, batch: Batch) -> None:
        """Synap refused the batch for its size."""
        if len(batch) > 1:
            self.bytes = max(1, min(self.bytes, size_of(batch)) // 2)

    def taken(self, batch: Batch) -> None:
        """Synap took the batch."""
        if self.bytes < self.most_bytes and size_of(batch) > self.bytes // 2:
            self.bytes = min(self.most_bytes, int(self.bytes * _GROWTH) + 1)


def size_of(batch: Batch) -> int:
    """About how many bytes the batch takes in a request."""
    return sum(document.size() for document in batch)


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """The batch in two; it must hold more than one document."""
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]
