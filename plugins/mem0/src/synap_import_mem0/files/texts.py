"""The characters of a file, piece by piece, unpacked where it is packed with gzip."""

from __future__ import annotations

import codecs
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import IO

from synap_import import SourceError

OpenText = Callable[[], AbstractContextManager[Iterator[str]]]
"""Opens a text from its beginning, any number of times."""

_CHUNK = 256 * 1024
_EDGE = 64 * 1024
_GZIP = b"\x1f\x8b"
# Text packs 5 to 50 times; what grows more than this was made to do harm.
_MOST_GROWTH = 200
_HARMLESS = 2**30


class DamagedError(Exception):
    """A text cannot be read on; says why in a clause."""


@contextmanager
def open_text(path: Path) -> Iterator[Iterator[str]]:
    """The characters of a file. Raises SourceError when it cannot be opened."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from error
    with file:
        yield text_of(file, path.stat().st_size)


def text_of(file: IO[bytes], packed_size: int) -> Iterator[str]:
    """The characters of a file; bytes that are no UTF-8 become lone surrogates.

    Raises DamagedError where it cannot be read on.
    """
    try:
        chunks = iter(lambda: file.read(_CHUNK), b"")
        first = next(chunks, b"")
        chunks = chain((first,), chunks)
        unpacked = _gunzip(chunks) if first.startswith(_GZIP) else chunks
        yield from _decoded(_bounded(unpacked, packed_size))
    except zlib.error as error:
        raise DamagedError(f"the packed data are damaged ({error})") from error
    except (UnicodeDecodeError, EOFError) as error:
        raise DamagedError("the text is damaged or cut off") from error
    except OSError as error:
        raise DamagedError(f"the file cannot be read on ({error.strerror or error})") from error


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for chunk in chunks:
        rest = chunk
        while rest:
            if engine.eof:
                rest = rest.lstrip(b"\0")  # padding, or another packed file behind the first
                engine = zlib.decompressobj(zlib.MAX_WBITS | 16) if rest else engine
                continue
            yield engine.decompress(rest, _CHUNK)
            rest = engine.unused_data if engine.eof else engine.unconsumed_tail
    yield engine.flush()
    if not engine.eof:
        raise DamagedError("the packed data are cut off")


def _bounded(chunks: Iterator[bytes], packed_size: int) -> Iterator[bytes]:
    allowed = _HARMLESS + _MOST_GROWTH * packed_size
    for chunk in chunks:
        allowed -= len(chunk)
        if allowed < 0:
            raise DamagedError("it unpacks to far more than a text of its size could")
        yield chunk


def version_of(path: Path, *salts: str) -> str:
    """A digest that differs when the file does: of its length, its first and its last 64 KB."""
    digest = blake2b("\0".join(salts).encode(), digest_size=12)
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            digest.update(size.to_bytes(8, "big"))
            for offset in (0, max(0, size - _EDGE)):
                file.seek(offset)
                digest.update(file.read(_EDGE))
    except OSError as error:
        raise unreadable(path, error) from error
    return digest.hexdigest()


def require_unchanged(path: Path, version: str, *salts: str) -> None:
    """Raises SourceError when the file is not as it was when it was looked at."""
    if version_of(path, *salts) != version:
        raise SourceError(
            f"{path} has changed since it was looked at.",
            remedy="Run the command again; records that arrived are not loaded twice.",
        )


def unreadable(path: Path, error: OSError) -> SourceError:
    """What is said about a file that the system does not give us."""
    return SourceError(
        f"{path} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
    )


def _decoded(chunks: Iterator[bytes]) -> Iterator[str]:
    first = next(chunks, b"")
    while len(first) < 4 and (more := next(chunks, None)) is not None:
        first += more
    encoding = json.detect_encoding(first[:4])
    escape = "surrogateescape" if encoding.startswith("utf-8") else "surrogatepass"
    decoder = codecs.getincrementaldecoder(encoding)(escape)
    yield decoder.decode(first)
    for chunk in chunks:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)
