"""What the readers of all formats yield."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from synap_import import SourceError

RECORD_LIMIT = 64 * 1024 * 1024
"""Bytes of the longest record that is read."""

LOOK_LIMIT = 16 * 1024 * 1024
"""Bytes of a text that are looked through to find out what it is."""

EXCERPT = 200
"""Characters of a broken item that are shown."""


class Position(NamedTuple):
    """Where reading goes on: a byte of the unpacked UTF-8 text, and the items that are passed."""

    offset: int = 0
    passed: int = 0

    def cursor(self) -> str:
        """The position as the host keeps it."""
        return f"[{self.offset},{self.passed}]"

    @classmethod
    def of(cls, cursor: str | None) -> Position:
        """The position of a cursor; raises SourceError when it is none of ours."""
        if cursor is None:
            return cls()
        try:
            offset, passed = orjson.loads(cursor)
            return cls(int(offset), int(passed))
        except (ValueError, TypeError) as error:
            raise SourceError(f"The cursor {cursor!r} is not one of this source.") from error


class Item(NamedTuple):
    """What stands for one record in a file, before it is understood.

    ``content`` is its JSON text, or the row of a table. With a ``flaw``, it could not even be
    cut out, and ``content`` is an excerpt. ``cut`` marks text that the file's end may have cut.
    """

    number: int
    content: bytes | dict[str, Any]
    end: Position
    flaw: str = ""
    cut: bool = False


def excerpt(content: bytes | dict[str, Any]) -> str:
    """The beginning of an item, for the person who mends it."""
    if isinstance(content, bytes):
        return content[: 4 * EXCERPT].decode("utf-8", "replace").strip()[:EXCERPT]
    return str(content)[:EXCERPT]


class Kept:
    """The parts of something, or its beginning alone once it is longer than the limit."""

    def __init__(self, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._parts: list[bytes] = []

    def add(self, part: bytes) -> None:
        """Go on with ``part``."""
        self.size += len(part)
        self._parts.append(part)
        if self.size > self._limit:
            self._parts = [self.text()[: 4 * EXCERPT]]

    def text(self) -> bytes:
        """What is kept."""
        return b"".join(self._parts)


def read_whole(chunks: Iterator[bytes], start: Position) -> Iterator[Item]:
    """The whole text as one item; nothing when it was read before."""
    kept = Kept(RECORD_LIMIT)
    for chunk in chunks:
        kept.add(chunk)
    if kept.size:
        flaw = f"it is longer than {RECORD_LIMIT // 2**20} MB" if kept.size > RECORD_LIMIT else ""
        end = Position(start.offset + kept.size, start.passed + 1)
        yield Item(start.passed, kept.text(), end, flaw)
