"""What can be read: a file, any number of times and from anywhere, or standard input, once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from synap_import import SourceError

from .compression import DamagedError
from .items import LOOK_LIMIT
from .streams import FileStream, OnceStream

if TYPE_CHECKING:
    from pathlib import Path, PurePath

_EDGE = 64 * 1024


class Stream(Protocol):
    """Chunks of UTF-8 text being read."""

    chunks: Iterator[bytes]

    def fraction(self) -> float | None:
        """How much has been read, 0 to 1, where it is known."""

    def close(self) -> None:
        """End the reading."""


class Input(Protocol):
    """Something to read. ``name`` is stable and unique within one account."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    @property
    def place(self) -> str:
        """Where it lies; the id of its partition."""

    def size(self) -> int | None:
        """Bytes as they are stored, where it is known."""

    def version(self, salt: str) -> str:
        """A digest that differs when the content or ``salt`` does."""

    def look(self) -> Iterator[bytes]:
        """Chunks from the beginning, to find out what they are; nothing is used up."""

    def open(self, offset: int) -> Stream:
        """The chunks from a byte of the text on."""

    def beside(self, name: str) -> Input | None:
        """The file of this name in the same folder, if there is one."""


class FileInput:
    """A file on disk. Raises SourceError when it cannot be opened."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.place = printable(path)

    def size(self) -> int | None:
        """Bytes on the disk."""
        return self.path.stat().st_size

    def version(self, salt: str) -> str:
        """A digest of its length and of its first and last 64 KB."""
        digest = blake2b(salt.encode(), digest_size=12)
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                digest.update(size.to_bytes(8, "big"))
                for offset in (0, max(0, size - _EDGE)):
                    file.seek(offset)
                    digest.update(file.read(_EDGE))
        except OSError as error:
            raise self._unreadable(error) from error
        return digest.hexdigest()

    def look(self) -> Iterator[bytes]:
        """Chunks from the beginning, up to the end or to where the file is damaged."""
        with closing(self.open(0)) as stream:
            yield from undamaged(stream.chunks, self.name)

    def open(self, offset: int) -> FileStream:
        """The chunks from a byte of the text on."""
        try:
            return FileStream(self.path.open("rb"), self.path.stat().st_size, offset)
        except OSError as error:
            raise self._unreadable(error) from error

    def beside(self, name: str) -> Input | None:
        """The file of this name in the same folder, if there is one."""
        path = self.path.parent / name
        return FileInput(path, printable(path)) if path.is_file() else None

    def _unreadable(self, error: OSError) -> SourceError:
        return SourceError(f"{self.place} cannot be read: {error.strerror or error}.")


def printable(path: PurePath) -> str:
    """The path as valid text: a name on disk may be any bytes."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


class StandardInput:
    """What is piped in. It can be looked at, and then read once, from its beginning."""

    name = "standard input"

    def __init__(self) -> None:
        self._file = OnceStream(sys.stdin.buffer)
        self.place = "standard input"
        self._run = uuid4().hex

    def size(self) -> int | None:
        """Nobody knows."""
        return None

    def version(self, salt: str) -> str:
        """Another one on every run: what was piped in cannot be compared with what is."""
        return blake2b(f"{self._run}{salt}".encode(), digest_size=12).hexdigest()

    def look(self) -> Iterator[bytes]:
        """The first chunks, which stay to be read."""
        return undamaged(self._file.peek(LOOK_LIMIT), self.name)

    def open(self, offset: int) -> OnceStream:
        """All chunks. Raises SourceError when they have been read already."""
        if offset or not self._file.take():
            raise SourceError(
                "Standard input can be read only once, from its beginning.",
                remedy="Pipe the data in again; records that arrived are not loaded twice.",
            )
        return self._file

    def beside(self, name: str) -> Input | None:
        """Nothing lies beside it."""
        return None


def undamaged(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The chunks, ending at a damage; raises SourceError when there is nothing before it."""
    found = False
    try:
        for chunk in chunks:
            found = found or bool(chunk)
            yield chunk
    except DamagedError as error:
        if not found:
            raise SourceError(f"{name} cannot be unpacked: {error}.") from error
