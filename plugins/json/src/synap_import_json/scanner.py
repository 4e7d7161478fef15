"""Finding where JSON values begin and end, in chunks of bytes and in flat memory.

A parser that stops at the first NaN, or that builds what it skips, loses the good records
behind a bad one. The scanner knows only strings, brackets and commas; regular expressions
with possessive repeats find them at the speed of C and never step back.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .items import EXCERPT, RECORD_LIMIT, Kept

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'


def _run(stops: bytes = b"", nested: bytes = b"") -> bytes:
    """As much as there is of strings, nested values, and bytes that are no bracket or stop."""
    plain = rb'[^"\[\]{}' + stops + rb"]*+"
    return plain + rb"(?:(?:" + _STRING + nested + rb")" + plain + rb")*+"


def _nested(levels: int) -> bytes:
    inside = _run(nested=_nested(levels - 1) if levels > 1 else b"")
    return rb"|\{" + inside + rb"\}|\[" + inside + rb"\]"


def _pattern(text: bytes) -> re.Pattern[bytes]:
    return re.compile(text, re.DOTALL)


_SPACE = _pattern(rb"[ \t\r\n]*+")
_TEXT = _pattern(rb'[^"\\]*+(?:\\.[^"\\]*+)*+')
_OPENING = _pattern(rb"[\[{]++")
_CLOSING = _pattern(rb"[\]}]++")
_INSIDE = _pattern(_run(nested=_nested(3)))
_TO_BRACKET = _pattern(_run())
_TO_COMMA = _pattern(_run(b",", _nested(3)))
_TO_COLON = _pattern(_run(b":"))
# Nearly every record is an object of a few levels that lies in one chunk as a whole.
_USUAL = _pattern(rb"[ \t\r\n]*+(\{" + _run(nested=_nested(3)) + rb"\})[ \t\r\n]*+,")

END = -1
QUOTE, BACKSLASH, COMMA, COLON = b'"\\,:'
OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT = b"[]{}"
OPENERS = frozenset(b"[{")
_BRACKETS = frozenset(b"[]{}")


class Value(NamedTuple):
    """What was found between two separators.

    ``text`` is only its beginning when it is longer than asked for; ``closed`` says that all
    its strings and brackets are.
    """

    text: bytes
    size: int
    closed: bool


class Scanner:
    """A position in a JSON text that moves from value to value."""

    def __init__(self, chunks: Iterator[bytes], offset: int = 0) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._at = 0
        self._base = offset

    @property
    def offset(self) -> int:
        """Bytes of the text before the position."""
        return self._base + self._at

    def peek(self) -> int:
        """The next byte that is no white space, or END; the position moves to it."""
        while True:
            self._at = _end(_SPACE, self._buffer, self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._refill():
                return END

    def step(self) -> None:
        """Go over the byte that :meth:`peek` returned."""
        self._at += 1

    def usual_object(self) -> bytes | None:
        """The next element when it is an object with a comma behind it, all in one chunk.

        The position is behind the comma then; without one it does not move.
        """
        match = _USUAL.match(self._buffer, self._at)
        if match is None:
            return None
        self._at = match.end()
        return match[1]

    def element(self, closer: int, limit: int = RECORD_LIMIT) -> Value:
        """What comes before the next comma or closing bracket of its own level."""
        return self._scan(_Extent(_TO_COMMA, bytes([COMMA, closer])), limit)

    def key(self) -> Value:
        """What comes before the next colon."""
        return self._scan(_Extent(_TO_COLON, b":"), RECORD_LIMIT)

    def bracketed(self, limit: int = RECORD_LIMIT) -> Value:
        """The object or array that is next."""
        return self._scan(_Extent(_TO_BRACKET, b"", with_bracket=True), limit)

    def unbracketed(self) -> Value:
        """What comes before the next object or array."""
        return self._scan(_Extent(_TO_BRACKET, OPENERS), RECORD_LIMIT)

    def rest(self) -> Value:
        """All that is left, counted; only its beginning is kept."""
        return self._scan(_Extent(_TO_BRACKET, b""), EXCERPT)

    def _scan(self, extent: _Extent, limit: int) -> Value:
        kept = Kept(limit)
        while True:
            begin = self._at
            self._at, found = extent.find_end(self._buffer, begin)
            kept.add(self._buffer[begin : self._at])
            if found or not self._refill():
                return Value(kept.text(), kept.size, found or extent.closed)

    def _refill(self) -> bool:
        self._base += len(self._buffer)
        self._at = 0
        self._buffer = next(filter(None, self._chunks), b"")
        return bool(self._buffer)


class _Extent:
    """How far a value goes, over as many chunks as it has."""

    def __init__(
        self, between: re.Pattern[bytes], stops: Iterable[int], *, with_bracket: bool = False
    ) -> None:
        self._between = between
        self._stops = frozenset(stops)
        self._with_bracket = with_bracket
        self._depth = 0
        self._in_string = False
        self._escaped = False

    @property
    def closed(self) -> bool:
        return not self._depth and not self._in_string

    def find_end(self, buffer: bytes, at: int) -> tuple[int, bool]:
        """Where the value ends in this chunk, and whether it does."""
        while at < len(buffer):
            if self._in_string:
                at = self._over_string(buffer, at)
                continue
            at = _end(_INSIDE if self._depth else self._between, buffer, at)
            byte = buffer[at] if at < len(buffer) else END
            if byte in self._stops and not self._depth:
                return at, True
            if byte in _BRACKETS:
                at = self._over_brackets(buffer, at)
                if self._with_bracket and not self._depth:
                    return at, True
            elif byte != END:
                self._in_string = byte == QUOTE
                at += 1
        return at, False

    def _over_brackets(self, buffer: bytes, at: int) -> int:
        if buffer[at] in OPENERS:
            end = _end(_OPENING, buffer, at)
            self._depth += end - at
            return end
        # A closing bracket too many belongs to the value, and makes it unreadable.
        end = _end(_CLOSING, buffer, at, at + max(1, self._depth))
        self._depth = max(0, self._depth - (end - at))
        return end

    def _over_string(self, buffer: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        at = _end(_TEXT, buffer, at)
        if at < len(buffer):
            self._escaped = buffer[at] == BACKSLASH
            self._in_string = self._escaped
        return at + 1


def _end(pattern: re.Pattern[bytes], text: bytes, at: int, stop: int = sys.maxsize) -> int:
    match = pattern.match(text, at, stop)
    return match.end() if match else at
