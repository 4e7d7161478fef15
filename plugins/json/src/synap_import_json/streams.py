"""The bytes of a file as UTF-8, unpacked and transcoded while they are read."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO

from .compression import GZIP_MAGIC, ZSTD_MAGIC, DamagedError, at_least, unpacked

CHUNK = 256 * 1024
_PACKED_CHUNK = 16 * 1024

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_BOMS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class FileStream:
    """A file from a byte of its unpacked UTF-8 text on.

    Plain UTF-8 is sought, everything else is read again up to that byte. Reading raises
    OSError and DamagedError.
    """

    def __init__(self, file: BinaryIO, size: int, offset: int = 0) -> None:
        self._size = size
        self._file = file
        head = file.read(4)
        plain = begins_plain(head)
        self._file.seek(_bom_length(head) + offset if plain else 0)
        raw = iter(partial(self._file.read, CHUNK if plain else _PACKED_CHUNK), b"")
        self.chunks = raw if plain else without(offset, as_utf8(unpacked(raw)))

    def fraction(self) -> float | None:
        """How much of the file has been read, 0 to 1."""
        return min(1.0, self._file.tell() / self._size) if self._size else None

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def begins_plain(head: bytes) -> bool:
    """Whether it is UTF-8 that is not packed, by its first four bytes."""
    return not head.startswith((GZIP_MAGIC, ZSTD_MAGIC)) and _encoding(head) == "utf-8"


class OnceStream:
    """What can be read only once, like standard input; its beginning can be looked at first."""

    def __init__(self, file: BinaryIO) -> None:
        self._raw = iter(partial(file.read, CHUNK), b"")
        self._seen: list[bytes] = []
        self._taken = False
        self.chunks: Iterator[bytes] = iter(())

    def peek(self, size: int) -> Iterator[bytes]:
        """The first chunks, of about ``size`` bytes as they come in; they stay to be read."""
        return as_utf8(unpacked(self._replay(size)))

    def take(self) -> bool:
        """Get the chunks ready to be read for good; False when they were before."""
        if self._taken:
            return False
        self.chunks = as_utf8(unpacked(chain(self._seen, self._raw)))
        self._taken, self._seen, self._raw = True, [], iter(())
        return True

    def fraction(self) -> float | None:
        """Nobody knows how much will come."""
        return None

    def close(self) -> None:
        """Leave standard input to whoever opened it."""

    def _replay(self, size: int) -> Iterator[bytes]:
        at = 0
        while size > 0:
            if at == len(self._seen) and not (chunk := next(self._raw, b"")):
                return
            if at == len(self._seen):
                self._seen.append(chunk)
            yield self._seen[at]
            size -= len(self._seen[at])
            at += 1


def as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text without its byte order mark, and in UTF-8 when it was UTF-16 or UTF-32."""
    head = at_least(4, chunks)
    encoding = _encoding(head)
    chunks = chain([head[_bom_length(head) :]], chunks)
    yield from chunks if encoding == "utf-8" else _transcoded(chunks, encoding)


def _transcoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    # Lone surrogates pass: JSON may hold them, and the decoder of values keeps them.
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        sound = error.object[: error.start].decode(encoding, "surrogatepass")
        yield sound.encode("utf-8", "surrogatepass")
        raise DamagedError(f"the {encoding.upper()} text is damaged or cut off") from error


def _encoding(head: bytes) -> str:
    name = json.detect_encoding(head)
    if name in {"utf-16", "utf-32"}:
        little = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF32_LE))
        return f"{name}-{'le' if little else 'be'}"
    return name.removesuffix("-sig")


def _bom_length(head: bytes) -> int:
    longest_first = (*_BOMS, *_BOMS_16)
    return next((len(bom) for bom in longest_first if head.startswith(bom)), 0)


def without(size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks without the first bytes."""
    for chunk in chunks:
        if size >= len(chunk):
            size -= len(chunk)
        else:
            yield chunk[size:]
            size = 0
