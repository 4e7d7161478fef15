"""Unpacking gzip and Zstandard piece by piece, whatever the file is called."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TypeAlias

import zstandard

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_OUTPUT = 1024 * 1024
# A Zstandard block of four bytes can unpack to 128 KB, and the library has no limit for its
# output: pieces this small keep a hostile file below 32 MB of memory.
_ZSTD_INPUT = 1024


_Unpack: TypeAlias = Callable[[Iterator[bytes]], Iterator[bytes]]

LARGE = 2**30
MOST_RATIO = 500
"""Text packs ten times smaller; beyond this, a gigabyte of it is a bomb, or zeros."""


class DamagedError(Exception):
    """The packed or encoded bytes of a file cannot be read on; says why in a sentence."""


def unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks without their compression, if they have one.

    Raises DamagedError where the packed data are corrupt or cut off; what comes before
    has been yielded by then.
    """
    first = at_least(4, chunks)
    chunks = chain([first], chunks)
    if first.startswith(GZIP_MAGIC):
        yield from _bounded(chunks, _gunzip)
    elif first.startswith(ZSTD_MAGIC):
        yield from _bounded(chunks, _unzstd)
    else:
        yield from chunks


def _bounded(chunks: Iterator[bytes], unpack: _Unpack) -> Iterator[bytes]:
    """What is unpacked, up to where it is too much for what it was packed into."""
    packed = unpacked_size = 0

    def counted() -> Iterator[bytes]:
        nonlocal packed
        for chunk in chunks:
            packed += len(chunk)
            yield chunk

    for piece in unpack(counted()):
        unpacked_size += len(piece)
        if unpacked_size > LARGE and unpacked_size > MOST_RATIO * packed:
            raise DamagedError(
                f"it unpacks to more than {MOST_RATIO} times its size, as a bomb does; if it is "
                "none, unpack it yourself"
            )
        yield piece


def at_least(size: int, chunks: Iterator[bytes]) -> bytes:
    """The next ``size`` bytes or more, or all that is left."""
    found = b""
    while len(found) < size and (chunk := next(chunks, None)) is not None:
        found += chunk
    return found


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    started = False
    for chunk in chunks:
        rest = chunk
        while rest:
            if engine.eof:
                rest = rest.lstrip(b"\0")  # tapes and some tools pad the end with zeros
                engine, started = zlib.decompressobj(zlib.MAX_WBITS | 16), False
                continue
            started = True
            yield from _inflate(engine, rest)
            rest = engine.unused_data if engine.eof else engine.unconsumed_tail
    while started and not engine.eof and (more := b"".join(_inflate(engine, b""))):
        yield more
    if started and not engine.eof:
        raise DamagedError("the compressed data are cut off")


def _inflate(engine: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    before = engine.copy()
    try:
        yield engine.decompress(chunk, _OUTPUT)
    except zlib.error as error:
        yield _up_to_damage(before, chunk)
        raise DamagedError(f"the compressed data are damaged ({error})") from error


def _up_to_damage(engine: zlib._Decompress, chunk: bytes) -> bytes:
    """What a damaged chunk holds before the damage; in one piece it would be lost with it."""
    found: list[bytes] = []
    with suppress(zlib.error):
        found.extend(engine.decompress(bytes([byte])) for byte in chunk)
    return b"".join(found)


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    engine = zstandard.ZstdDecompressor().decompressobj()
    started = False
    for piece in _pieces(chunks):
        rest = piece
        while rest:
            if engine.eof:
                engine = zstandard.ZstdDecompressor().decompressobj()
            started = True
            try:
                yield engine.decompress(rest)
            except zstandard.ZstdError as error:
                raise DamagedError(f"the compressed data are damaged ({error})") from error
            rest = engine.unused_data if engine.eof else b""
    if started and not engine.eof:
        raise DamagedError("the compressed data are cut off")


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _ZSTD_INPUT):
            yield chunk[start : start + _ZSTD_INPUT]
