"""The values of a large JSON text one by one, in flat memory.

The standard library decodes each value. Only where that fails, brackets and strings are
counted, to tell a value that is not here in full from a broken one, and to go on behind that.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

RECORD_LIMIT = 64 * 1024 * 1024
"""Characters of the longest value that is read."""

END = object()
"""The value of the piece behind the last one of an object whose lists were cut up."""

_EXCERPT = 200
_SPACE = re.compile(r"[ \t\r\n]*+")
_NUMBER = frozenset("-0123456789")
_BEHIND_A_NUMBER = frozenset(" \t\r\n,]}")
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(")?|[\[\]{},]', re.DOTALL)
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
# Control characters inside of strings are against the rules and harm nobody.
_decode = json.JSONDecoder(strict=False).raw_decode


class Cut(NamedTuple):
    """A value, or what is wrong with it and how it begins; ``size`` is its characters."""

    value: Any
    size: int = 0
    flaw: str = ""
    excerpt: str = ""


_NONE_YET = Cut(None)


class Piece(NamedTuple):
    """An element of a list (``number`` counts from 0) or, without a number, a field beside it.

    ``key`` names the list or field; it is empty at the top.
    """

    key: str
    number: int | None
    cut: Cut


def pieces(chunks: Iterator[str], is_list: Callable[[str], bool] | None) -> Iterator[Piece]:
    """The elements of lists at the top, and other values that are there.

    With ``is_list``, objects at the top are cut up too: into the elements of the lists under
    the keys that it names, and their other fields. A list gives a field that is empty before
    its elements; an object ends with a piece whose value is END.
    """
    cutter = Cutter(chunks)
    numbers: Counter[str] = Counter()
    while first := cutter.peek():
        if first == ",":
            cutter.step()
        elif first == "[":
            yield from _elements(cutter, "", numbers)
        elif first == "{" and is_list is not None:
            yield from _members(cutter, is_list, numbers)
        else:
            yield _numbered("", numbers, cutter.value(alone=True))


def lines(chunks: Iterator[str]) -> Iterator[Piece]:
    """The values of a text with one on each line, numbered from 1; blank lines have none."""
    for number, line in enumerate(_split(chunks), start=1):
        if line and not line.isspace():
            yield Piece("", number, _cut_of(line))


class Cutter:
    """A position in a JSON text that moves from value to value."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no white space, empty at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_on():
                return ""

    def step(self) -> None:
        """Go over the character that :meth:`peek` returned."""
        self._at += 1

    def value(self, *, alone: bool = False) -> Cut:
        """The value that is next. One that stands ``alone`` needs no comma behind it."""
        while True:
            try:
                value, end = _decode(self._text, self._at)
                flaw = "" if self._is_whole(end) else "it is no number"
            except (ValueError, RecursionError) as error:
                flaw = _explained(error)
            if not flaw:
                return self._take(end, value)
            broken_end = _extent(self._text, self._at, alone=alone)
            if broken_end is not None:
                return self._take(max(broken_end, self._at + 1), None, flaw)
            if self._ended:
                return self._take(len(self._text), None, f"the text ends inside of it: {flaw}")
            if len(self._text) - self._at > RECORD_LIMIT:
                self._chunks = iter(())
                flaw = f"it is longer than {RECORD_LIMIT // 2**20} MB; reading ends here"
                return self._take(len(self._text), None, flaw)
            self._read_on()

    def _is_whole(self, end: int) -> bool:
        """Whether what was decoded cannot go on: more digits may come behind a number."""
        if self._text[self._at] not in _NUMBER:
            return True
        if end == len(self._text):
            return self._ended
        return self._text[end] in _BEHIND_A_NUMBER

    def _take(self, end: int, value: Any, flaw: str = "") -> Cut:
        begin, self._at = self._at, end
        if _NOT_UTF8.search(self._text, begin, end):
            value, flaw = None, "it is not UTF-8 text"
        excerpt = self._text[begin : min(end, begin + _EXCERPT)] if flaw else ""
        return Cut(value, end - begin, flaw, _printable(excerpt))

    def _read_on(self) -> bool:
        """Twice as much text, so that a long value is not decoded again for every chunk."""
        parts = [self._text[self._at :]]
        before = read = len(parts[0])
        while read <= 2 * before and not self._ended:
            chunk = next(self._chunks, None)
            self._ended = chunk is None
            parts.append(chunk or "")
            read += len(parts[-1])
        self._text, self._at = "".join(parts), 0
        return read > before


def _elements(cutter: Cutter, key: str, numbers: Counter[str]) -> Iterator[Piece]:
    cutter.step()
    cut = _NONE_YET
    while (first := cutter.peek()) != "]":
        if not first:
            yield from _cut_off(key, numbers, cut, "list")
            return
        if first == ",":
            cutter.step()
        else:
            cut = cutter.value()
            yield _numbered(key, numbers, cut)
    cutter.step()


def _members(
    cutter: Cutter, is_list: Callable[[str], bool], numbers: Counter[str]
) -> Iterator[Piece]:
    cutter.step()
    cut = _NONE_YET
    while (first := cutter.peek()) != "}":
        if not first:
            yield from _cut_off("", numbers, cut, "object")
            return
        if first == ",":
            cutter.step()
            continue
        cut = cutter.value()
        key = cut.value
        if not isinstance(key, str) or cutter.peek() != ":":
            cut = cut if cut.flaw else Cut(None, flaw="a key with its colon was expected")
            yield _numbered("", numbers, cut)
            continue
        cutter.step()
        if cutter.peek() == "[" and is_list(key):
            yield Piece(key, None, Cut([]))
            yield from _elements(cutter, key, numbers)
        else:
            cut = cutter.value()
            yield Piece(key, None, cut)
    cutter.step()
    yield Piece("", None, Cut(END))


def _cut_off(key: str, numbers: Counter[str], last: Cut, what: str) -> Iterator[Piece]:
    """The end of the text where more must come, unless the last value has told it."""
    if not last.flaw:
        yield _numbered(key, numbers, Cut(None, flaw=f"the text ends inside of its {what}"))


def _numbered(key: str, numbers: Counter[str], cut: Cut) -> Piece:
    numbers[key] += 1
    return Piece(key, numbers[key] - 1, cut)


def _extent(text: str, at: int, *, alone: bool) -> int | None:
    """Where the value ends, by its strings and brackets; None when the text ends before."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        first = token[0][0]
        if first == '"':
            if not token[1]:
                return None
        elif first in "[{":
            depth += 1
        elif first != "," and depth:
            depth -= 1
            if not depth and alone:
                return token.end()
        elif not depth:
            return token.start()
    return None


def _split(chunks: Iterator[str]) -> Iterator[str]:
    """The lines; of one that is too long only its beginning, which is not JSON."""
    pending: list[str] = []
    size = 0
    for chunk in chunks:
        first, *others = chunk.split("\n")
        pending.append(first)
        size += len(first)
        if size > RECORD_LIMIT:
            pending = ["".join(pending)[:_EXCERPT]]
        if others:
            yield "".join(pending)
            yield from others[:-1]
            pending, size = [others[-1]], len(others[-1])
    yield "".join(pending)


def _cut_of(line: str) -> Cut:
    cutter = Cutter(iter((line,)))
    cutter.peek()
    cut = cutter.value(alone=True)
    if cutter.peek() and not cut.flaw:
        return Cut(None, len(line), "more follows the value on its line", line[:_EXCERPT])
    return cut


def _explained(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON ({error.msg})"
    return "it holds a number of too many digits"


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
