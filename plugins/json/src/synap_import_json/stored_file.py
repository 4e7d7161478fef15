"""An object as a file that can be sought: every part of it is a request of its own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from .streams import CHUNK

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from .storage import Storage, Stored

LEAST = 1024 * 1024
MOST = 8 * 1024 * 1024
"""Bytes of a request: few for who looks, many for who reads on."""

_BUFFER = CHUNK
# A chunk that begins before the end of what is wanted ends before this.
_OVER = CHUNK


def open_stored(storage: Storage, stored: Stored, until: int | None = None) -> io.BufferedReader:
    """The object as a file, of which hardly more is wanted than what lies before ``until``.

    Reading raises SourceError and SourceUnavailableError.
    """
    return io.BufferedReader(_StoredFile(storage, stored, until or stored.size), _BUFFER)


class _StoredFile(io.RawIOBase):
    def __init__(self, storage: Storage, stored: Stored, until: int) -> None:
        self._storage = storage
        self._stored = stored
        self._until = until
        self._at = 0
        self._begin = 0
        self._kept = b""
        self._request = LEAST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stored.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        wanted = memoryview(buffer).cast("B")
        if self._at >= self._stored.size:
            return 0
        if not self._begin <= self._at < self._begin + len(self._kept):
            self._fetch(len(wanted))
        start = self._at - self._begin
        found = memoryview(self._kept)[start : start + len(wanted)]
        wanted[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _fetch(self, wanted: int) -> None:
        goes_on = self._at == self._begin + len(self._kept)
        goes_on = goes_on and bool(self._kept) and self._at < self._until
        self._request = min(MOST, 2 * self._request) if goes_on else LEAST
        self._begin, self._kept = self._at, b""
        head = self._storage.head(self._stored) if self._at < LEAST else b""
        if self._at < len(head):
            self._begin, self._kept = 0, head
            return
        most = self._until + _OVER if self._at < self._until else self._stored.size
        end = min(self._stored.size, most, self._at + max(wanted, self._request))
        self._kept = self._storage.read(self._stored, self._at, end)
