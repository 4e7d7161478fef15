"""The row groups of a Parquet object: some of them are read, and no other byte of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from .cutting import Span
from .items import Item, Position
from .lines import read_lines
from .parquet import lines_of, rows_of

BUFFER = 1024 * 1024
"""Bytes of a column that are asked for at once; every column has such a buffer."""


class RowGroup(NamedTuple):
    """Rows that lie together, and the bytes that they take there."""

    rows: int
    size: int


def row_groups_of(table: Any) -> list[RowGroup]:
    """All of a table."""
    groups = [table.metadata.row_group(at) for at in range(table.metadata.num_row_groups)]
    return [RowGroup(one.num_rows, _size(one)) for one in groups]


def _size(group: Any) -> int:
    return sum(group.column(at).total_compressed_size for at in range(group.num_columns))


class RowsOfGroups(NamedTuple):
    """How the rows of some row groups are read, as lines of JSON. They are counted through."""

    groups: Span
    rows: Span

    @classmethod
    def of(cls, all_groups: Sequence[RowGroup], groups: Span) -> RowsOfGroups:
        """Those of a span of the row groups."""
        ends = [0, *accumulate(group.rows for group in all_groups)]
        return cls(groups, Span(ends[groups.start], ends[groups.end]))

    def items(self, chunks: Iterator[bytes], start: Position) -> Iterator[Item]:
        """The rows from a position on; a row is called by its number in the whole table."""
        return read_lines(chunks, start if start.passed else Position(0, self.rows.start))

    def place(self, number: int) -> str:
        """How a row is written behind the name of its object."""
        return f":{number}"

    def place_behind(self, position: Position) -> str:
        """The place of the row that would begin at a position."""
        return self.place((position.passed or self.rows.start) + 1)


class RowsStream:
    """Rows of some row groups as lines, from a row on; groups before it are not touched."""

    def __init__(self, table: Any, order: RowsOfGroups, passed: int) -> None:
        self._table = table
        self._order = order
        self._row = max(passed, order.rows.start)
        self.chunks = self._lines()

    def fraction(self) -> float | None:
        """How much has been read, 0 to 1."""
        first, last = self._order.rows
        return (self._row - first) / (last - first) if last > first else None

    def close(self) -> None:
        """Give the table back."""
        self._table.close()

    def _lines(self) -> Iterator[bytes]:
        begin = self._order.rows.start
        for number in range(*self._order.groups):
            end = begin + int(self._table.metadata.row_group(number).num_rows)
            if end > self._row:
                yield from self._lines_of(number, self._row - begin)
            begin = end

    def _lines_of(self, group: int, passed: int) -> Iterator[bytes]:
        for rows in rows_of(self._table, [group]):
            if passed < len(rows):
                self._row += len(rows) - passed
                yield lines_of(rows[passed:])
            passed = max(0, passed - len(rows))
