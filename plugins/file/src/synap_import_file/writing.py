"""The destination: documents are appended to a file, each once, and on the disk when answered."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from io import FileIO
from pathlib import Path

from filelock import FileLock, Timeout

from synap_import import ConfigurationError, Delivery, DestinationStoppedError, OutgoingDocument

from .lines import document_in, is_begun, key_of, line_of


class FileTarget:
    """A file that takes documents. ``known`` has the keys of those that are in it."""

    def __init__(self, path: Path, file: FileIO, known: sqlite3.Connection, end: int) -> None:
        self._path, self._file, self._known, self._end = path, file, known, end

    @property
    def place(self) -> str:
        """Its whole path."""
        return str(self._path)

    @property
    def title(self) -> str:
        """What to call it."""
        return f"the file {self._path}"

    async def send(self, documents: Sequence[OutgoingDocument]) -> list[Delivery]:
        """Append those that are not there yet.

        Raises DestinationStoppedError when the disk takes no more; then none of these is there.
        """
        fresh: dict[bytes, bytes] = {}
        answers = []
        for document in documents:
            key = key_of(document.document_id)
            if key in fresh or self._has(key):
                answers.append(Delivery("already-there"))
            else:
                fresh[key] = line_of(document)
                answers.append(Delivery("stored"))
        self._append(b"".join(fresh.values()))
        self._known.executemany("INSERT INTO known VALUES (?)", [(key,) for key in fresh])
        return answers

    def _has(self, key: bytes) -> bool:
        found = self._known.execute("SELECT 1 FROM known WHERE key = ?", (key,))
        return found.fetchone() is not None

    def _append(self, lines: bytes) -> None:
        try:
            self._file.seek(self._end)
            left = memoryview(lines)
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(self._end)
            raise DestinationStoppedError(
                f"{self._path} takes no more ({error.strerror or error}).",
                remedy="Make room there, then run the same command again: it goes on from here.",
            ) from error
        self._end += len(lines)


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[FileTarget]:
    """The file, made when it is not there, for its owner only.

    Raises ConfigurationError when it cannot be written, or another import writes to it.
    """
    path = _path_of(where)
    with _explained(path), _locked(path), _appending(path) as file, closing(_known()) as known:
        end = _learn(path, known)
        file.truncate(end)
        yield FileTarget(path, file, known, end)


def _path_of(where: str) -> Path:
    return Path(where).expanduser().absolute()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror or error}).", remedy="Choose another place."
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    if not path.parent.is_dir():  # the lock would make it
        raise ConfigurationError(
            f"{path} cannot be written: there is no such folder.",
            remedy="Make it, or mend the path.",
        )
    lock = FileLock(path.with_name(f".{path.name}.lock"), mode=0o600)
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout as error:
        raise ConfigurationError(
            f"Another import is writing to {path}.", remedy="Wait for it, or choose another file."
        ) from error


@contextmanager
def _appending(path: Path) -> Iterator[FileIO]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with FileIO(descriptor, "r+") as file:
        yield file


def _known() -> sqlite3.Connection:
    """A table on the disk that vanishes when it is closed, so that memory stays flat."""
    known = sqlite3.connect("")
    known.execute("CREATE TABLE known (key BLOB PRIMARY KEY) WITHOUT ROWID")
    return known


def _learn(path: Path, known: sqlite3.Connection) -> int:
    """Note what is in the file; returns where its last whole line ends.

    A run that was killed may have left the beginning of a line behind it, which was never answered.
    """
    end = 0
    with path.open("rb") as file, known:
        for number, line in enumerate(file, 1):
            document = document_in(line)
            if document is not None:
                key = key_of(document["document_id"])
                known.execute("INSERT OR IGNORE INTO known VALUES (?)", (key,))
                end += len(line)
            elif not is_begun(line):
                raise ConfigurationError(
                    f"{path}, line {number}, is no document: it is another file, or was damaged.",
                    remedy="Choose another file; this one was not changed.",
                )
    return end
