"""The partitions of an input: a file is one, of a large object each piece is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from synap_import import Partition

from .cutting import LinesOfSpan, Span, gathered, spans
from .formats import Format
from .objects import ObjectInput
from .row_groups import RowsOfGroups, RowsStream

if TYPE_CHECKING:
    from .inputs import Input, Stream
    from .items import Item, Position
    from .reading import Reading


class Order(Protocol):
    """How items lie in a text, and what they are called."""

    def items(self, chunks: Iterator[bytes], start: Position) -> Iterator[Item]:
        """What it holds from a position on."""

    def place(self, number: int) -> str:
        """How an item's number is written behind the name."""

    def place_behind(self, position: Position) -> str:
        """The place of the item that would begin at a position."""


class Readable(Protocol):
    """What pages are read from."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    def open(self, offset: int) -> Stream:
        """The chunks from a byte of the text on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A partition, and how it is read."""

    partition: Partition
    source: Input
    order: Order
    opened: Callable[[Position], Stream]

    def readable(self, position: Position) -> Readable:
        """It from a position on."""
        return _From(self.source.name, lambda: self.opened(position))

    def confirm(self) -> None:
        """Raises SourceError when an object is not what was found any more."""
        if isinstance(self.source, ObjectInput):
            self.source.confirm()


class _From(NamedTuple):
    name: str
    stream: Callable[[], Stream]

    def open(self, offset: int) -> Stream:
        return self.stream()


def pieces_of(reading: Reading, step: int) -> list[Piece]:
    """All pieces of an input, each of about ``step`` bytes where it can be cut."""
    source = reading.source
    if isinstance(source, ObjectInput) and reading.layout.format is Format.LINES:
        if source.is_parquet:
            return _row_groups(source, reading, step)
        if source.is_plain:
            return _lines(source, reading, step)
    return [_piece(reading, reading.layout, lambda position: source.open(position.offset))]


def _lines(source: ObjectInput, reading: Reading, step: int) -> list[Piece]:
    orders = [LinesOfSpan(span) for span in spans(source.size(), step)]
    return [
        _part(reading, "bytes", one.span, one, _opens_lines(source, one), len(orders))
        for one in orders
    ]


def _row_groups(source: ObjectInput, reading: Reading, step: int) -> list[Piece]:
    groups = source.row_groups
    together = gathered([group.size for group in groups], step)
    orders = [RowsOfGroups.of(groups, span) for span in together]
    return [
        _part(reading, "rows", one.rows, one, _opens_rows(source, one), len(orders))
        for one in orders
    ]


def _opens_lines(source: ObjectInput, order: LinesOfSpan) -> Callable[[Position], Stream]:
    def opened(position: Position) -> Stream:
        stream = source.open(position.offset or order.offset, order.span.end)
        return _InSpan(stream, order.span, source.size())

    return opened


def _opens_rows(source: ObjectInput, order: RowsOfGroups) -> Callable[[Position], Stream]:
    def opened(position: Position) -> Stream:
        return RowsStream(source.table(), order, position.passed)

    return opened


def _part(  # noqa: PLR0917 - what a piece is
    reading: Reading,
    what: str,
    span: Span,
    order: Order,
    opened: Callable[[Position], Stream],
    count: int,
) -> Piece:
    """One of ``count`` pieces. An object that grew has them under the ids that they had.

    Cut elsewhere they are others, though they begin where they began.
    """
    piece = _piece(reading, order, opened)
    if count == 1:
        return piece
    whole = piece.partition
    part = Partition(
        f"{whole.id}#{what}={span.start}" if span.start else whole.id,
        f"{whole.title}#{what}={span.start}-{span.end - 1}",
        f"{whole.version} {span.start}-{span.end}",
    )
    return replace(piece, partition=part)


def _piece(reading: Reading, order: Order, opened: Callable[[Position], Stream]) -> Piece:
    source = reading.source
    partition = Partition(source.place, source.name, source.version(reading.fingerprint))
    return Piece(partition, source, order, opened)


class _InSpan:
    """A stream of an object, of which a span is read: how far that has come."""

    def __init__(self, stream: Stream, span: Span, size: int) -> None:
        self._stream = stream
        self._span = span
        self._size = size
        self.chunks = stream.chunks

    def fraction(self) -> float | None:
        """How much of the span has been read, 0 to 1."""
        of_all = self._stream.fraction()
        if of_all is None:
            return None
        start, end = self._span
        return min(1.0, max(0.0, (of_all * self._size - start) / (end - start)))

    def close(self) -> None:
        """End the reading."""
        self._stream.close()
