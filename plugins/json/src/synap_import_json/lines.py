"""JSON Lines: one object per line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

from .items import EXCERPT, RECORD_LIMIT, Item, Kept, Position

_TOO_LONG = f"the line is longer than {RECORD_LIMIT // 2**20} MB"


Line: TypeAlias = tuple[bytes, int, bool]
"""A line, where it ends, and whether it is only the beginning of one longer than the limit."""


def split_lines(
    chunks: Iterator[bytes], offset: int = 0, limit: int = RECORD_LIMIT
) -> Iterator[Line]:
    """The lines of a text; ``offset`` is where its first chunk begins.

    Only a line feed ends a line: JSON texts may hold all other separators of Unicode.
    """
    pending = Kept(limit)
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        if whole:
            pending.add(whole[0] + b"\n")
            offset += pending.size
            yield pending.text(), offset, pending.size > limit
            pending = Kept(limit)
        for text in islice(whole, 1, None):
            offset += len(text) + 1
            if len(text) < limit:
                yield text + b"\n", offset, False
            else:
                yield text[: 4 * EXCERPT], offset, True
        pending.add(rest)
    if pending.size:
        yield pending.text(), offset + pending.size, pending.size > limit


def read_lines(chunks: Iterator[bytes], start: Position) -> Iterator[Item]:
    """The objects of a JSON Lines text, numbered by their lines from 1; blank lines are skipped."""
    number = start.passed
    for text, end, too_long in split_lines(chunks, start.offset):
        number += 1
        if text.isspace():
            continue
        flaw = _TOO_LONG if too_long else ""
        yield Item(number, text, Position(end, number), flaw, not text.endswith(b"\n"))
