"""How the records of a page are kept: compressed together, readable one by one."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from synap_import.records import MemoryRecord, decode_record, joined

if TYPE_CHECKING:
    from .database import Connection

RecordAt = Callable[["Connection", int, int], MemoryRecord]
"""The record on a page, at a place."""

# Level 1 takes a third of the time of the default and gives most of its gain.
_LEVEL = 1


def pack(encoded: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Two lines per record, content and raw, compressed."""
    return zlib.compress(b"\n".join(part for pair in encoded for part in pair), _LEVEL)


def unpack(payload: bytes, *, with_raw: bool = False) -> list[MemoryRecord]:
    """The records of a page; their ``raw`` only where it is asked for."""
    contents, raws = _parts(payload)
    if with_raw:
        return [decode_record(content, raw) for content, raw in zip(contents, raws, strict=True)]
    return [decode_record(content) for content in contents]


def unpack_encoded(payload: bytes) -> list[tuple[bytes, bytes]]:
    """The records of a page as they were encoded: content and raw."""
    return list(zip(*_parts(payload), strict=True))


def unpack_lines(payload: bytes) -> list[bytes]:
    """The records of a page as lines of an export file."""
    return list(map(joined, *_parts(payload)))


def _parts(payload: bytes) -> tuple[list[bytes], list[bytes]]:
    lines = zlib.decompress(payload).split(b"\n")
    return lines[0::2], lines[1::2]
