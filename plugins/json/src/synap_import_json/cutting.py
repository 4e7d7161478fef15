"""Cutting what is large into pieces that are read on their own, so that nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .items import RECORD_LIMIT, Item, Position
from .lines import split_lines

_TOO_LONG = f"the line is longer than {RECORD_LIMIT // 2**20} MB"


class Span(NamedTuple):
    """From ``start`` up to and without ``end``."""

    start: int
    end: int


def spans(size: int, step: int) -> list[Span]:
    """Spans of about ``step`` that follow one another up to ``size``."""
    count = max(1, round(size / step))
    ends = [*(step * number for number in range(1, count)), size]
    return [Span(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def gathered(sizes: Sequence[int], step: int) -> list[Span]:
    """Neighbours together until they are ``step`` large: spans of their numbers."""
    found, start, held = [], 0, 0
    for number, size in enumerate(sizes, start=1):
        held += size
        if held >= step or number == len(sizes):
            found.append(Span(start, number))
            start, held = number, 0
    return found


class LinesOfSpan(NamedTuple):
    """How the lines are read that begin in a span of a text; the last may reach out of it.

    They are called by the byte at which they begin, which is the same however a text is cut.
    """

    span: Span

    @property
    def offset(self) -> int:
        """Where reading begins: one byte earlier, which tells whether a line begins here."""
        return max(0, self.span.start - 1)

    def items(self, chunks: Iterator[bytes], start: Position) -> Iterator[Item]:
        """The lines of the span from a position on, the first of which is behind a line feed."""
        begin = start.offset
        if begin == 0 and self.span.start > 0:
            begin, chunks = _behind_line_feed(chunks, self.offset, self.span.end)
        if begin >= self.span.end:
            return
        for text, end, too_long in split_lines(chunks, begin):
            if not text.isspace():
                flaw = _TOO_LONG if too_long else ""
                yield Item(begin, text, Position(end), flaw, not text.endswith(b"\n"))
            begin = end
            if begin >= self.span.end:
                return

    def place(self, number: int) -> str:
        """How a line is written behind the name of its object."""
        return f"@{number}"

    def place_behind(self, position: Position) -> str:
        """The place of the line that would begin at a position."""
        return self.place(position.offset or self.span.start)


def _behind_line_feed(
    chunks: Iterator[bytes], offset: int, end: int
) -> tuple[int, Iterator[bytes]]:
    """Where the first line begins, and the chunks from there; ``end`` where none does before."""
    for chunk in chunks:
        at = chunk.find(b"\n")
        if at >= 0:
            return offset + at + 1, _chained(chunk[at + 1 :], chunks)
        offset += len(chunk)
        if offset >= end:
            break
    return end, iter(())


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
