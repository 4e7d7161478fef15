"""What an import tells, as lines of JSON in a file, for whoever watches it from outside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .errors import ConfigurationError
from .events import event_line
from .private_files import append_private

if TYPE_CHECKING:
    from .events import Event, Listener

_log = logging.getLogger(__name__)


@contextmanager
def event_file(path: Path) -> Iterator[Listener]:
    """Appends each event to the file, at once. Raises ConfigurationError when it cannot."""
    try:
        file = append_private(path)
    except OSError as error:
        raise ConfigurationError(
            f"The file for --events cannot be written ({path}: {error.strerror or error}).",
            remedy="Choose another place.",
        ) from error

    with file:
        yield _EventFile(path, file).write


@dataclass(slots=True)
class _EventFile:
    """A file that is written to until that fails: an import does not end for a watcher's sake."""

    path: Path
    file: BinaryIO
    has_failed: bool = False

    def write(self, event: Event) -> None:
        if self.has_failed:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self.file.write(event_line(event, now).encode() + b"\n")
            self.file.flush()
        except OSError as error:
            self.has_failed = True
            _log.warning("%s is not written any more: %s", self.path, error)
