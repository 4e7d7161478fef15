"""What the host of a file format asks of it: recognise a file, and read it page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from synap_import import Finding, Page
    from synap_import_mem0.config import Mem0Config


class OpenedFile(Protocol):
    """A file whose format is known. Its partition is named by the path.

    ``version`` differs when the content does; ``expected`` counts its records where that is
    cheap; ``title`` says in a few words what it is, as in "OpenMemory export, 12 memories".
    """

    title: str
    version: str
    expected: int | None
    findings: Sequence[Finding]

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Pages of some hundred records, from the beginning or from an earlier page's cursor."""
        ...


class FileFormat(Protocol):
    """A sort of file (or folder) that holds memories of Mem0."""

    def recognises(self, path: Path) -> bool:
        """Whether it is one, by its content; raises nothing for any file."""
        ...

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedFile:
        """Look into it, without changing it. Raises SourceError when it cannot be read."""
        ...
