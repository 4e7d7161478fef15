"""What the loader can send to in the place of Synap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from synap_import.documents import Document

    from .verdicts import Rows


@runtime_checkable
class Elsewhere(Protocol):
    """Takes documents and says of each what became of it; it retries by itself."""

    async def take(self, documents: Sequence[Document]) -> Rows:
        """Take one batch. Raises StoppedError when nothing more can be taken for now."""
        ...
