"""The file, line by line, from any place in it. A line feed ends a line, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, BinaryIO, NamedTuple

from synap_import import SourceError

LONGEST = 64 * 1024 * 1024
"""Bytes of the longest line that is read."""

_BOM = b"\xef\xbb\xbf"
_CHUNK = 1024 * 1024


class Place(NamedTuple):
    """A byte of the file, and the lines before it."""

    offset: int = 0
    lines: int = 0

    def cursor(self) -> str:
        """The place as the host keeps it."""
        return json.dumps(self)

    @classmethod
    def of(cls, cursor: str | None) -> Place:
        """Read what :meth:`cursor` wrote. Raises SourceError for anything else."""
        if cursor is None:
            return cls()
        try:
            offset, lines = json.loads(cursor)
            return cls(int(offset), int(lines))
        except (ValueError, TypeError):
            raise SourceError(f"The cursor {cursor!r} is not one of this source.") from None


class Line(NamedTuple):
    """A line that is not blank, and the place behind it. ``too_long``: only its beginning."""

    number: int
    text: bytes
    end: Place
    too_long: bool = False


def read_lines(file: BinaryIO, start: Place) -> Iterator[Line]:
    """The lines from a place on, numbered from 1."""
    file.seek(start.offset)
    offset, number = start
    while text := file.readline(LONGEST + 1):
        rest, whole = text, len(text)
        while not rest.endswith(b"\n") and (rest := file.readline(_CHUNK)):
            whole += len(rest)
        offset, number = offset + whole, number + 1
        if number == 1:
            text = text.removeprefix(_BOM)
        if not text.isspace():
            yield Line(number, text, Place(offset, number), whole > LONGEST)


def decode(line: Line) -> Any:
    """The JSON in a line. Raises ValueError with a sentence."""
    if line.too_long:
        raise ValueError(f"the line is longer than {LONGEST // 2**20} MB")
    try:
        return json.loads(line.text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} at character {error.pos + 1}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text at byte {error.start + 1}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def digest_of(file: BinaryIO) -> str:
    """What differs when any byte of the file does."""
    file.seek(0)
    digest = blake2b(digest_size=12)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
