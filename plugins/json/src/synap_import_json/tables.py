"""CSV: one record per row, named by the header."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from synap_import import SourceError

from .items import RECORD_LIMIT, Item, Position
from .lines import Line, split_lines
from .values import decode

DELIMITERS = ",;\t|"
FALLBACK_ENCODING = "cp1252"
# Half a character, as cutting UTF-16 leaves it, does not make a text something else than UTF-8.
_LENIENT = "surrogatepass"

_START = Position()


@dataclass(frozen=True, slots=True)
class Table:
    """How a CSV file is written."""

    delimiter: str
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"


def read_table(chunks: Iterator[bytes], start: Position, table: Table) -> Iterator[Item]:
    """The rows behind the header, numbered by the line on which they begin, from 1."""
    rows = _Rows(split_lines(chunks, start.offset), table, start)
    if start == Position():
        next(filter(None, rows), None)
    for row in rows:
        if row:
            yield rows.item(row)


def table_of(head: bytes, encoding: str, name: str) -> Table | None:
    """The table that begins with ``head``, None when it does not look like one.

    Raises SourceError for a header that has the same name twice.
    """
    lines = list(split_lines(iter([head])))[:50]
    fits = [_fit(lines, Table(mark, (), encoding)) for mark in DELIMITERS]
    (alike, columns), delimiter = max(zip(fits, DELIMITERS, strict=True))
    if not alike:
        return None
    names = tuple(cell.strip() or f"column {at}" for at, cell in enumerate(columns, start=1))
    twice = [column for column, count in Counter(names).items() if count > 1]
    if twice:
        raise SourceError(
            f"{name} has more than one column named '{twice[0]}'.",
            remedy="Give every column a name of its own in the first line.",
        )
    return Table(delimiter, names, encoding)


def encoding_of(chunks: Iterator[bytes]) -> str:
    """UTF-8 if all the bytes are, else the encoding of Western European Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")(_LENIENT)
    try:
        for chunk in chunks:
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return FALLBACK_ENCODING
    return "utf-8"


def _fit(lines: list[Line], table: Table) -> tuple[int, list[str]]:
    """How many of the first rows have as many cells as the header, and the header."""
    rows = [row for row in _Rows(iter(lines), table) if row and isinstance(row, list)]
    if not rows or len(rows[0]) < 2:
        return 0, []
    alike = sum(len(row) == len(rows[0]) for row in rows)
    return (alike, rows[0]) if alike > 1 or len(rows) == 1 else (0, [])


class _Rows:
    """Rows of cells, or reasons why a row cannot be read; knows where the last one lies."""

    def __init__(self, lines: Iterator[Line], table: Table, start: Position = _START) -> None:
        self._lines = lines
        self._table = table
        self._errors = "strict" if table.encoding == FALLBACK_ENCODING else _LENIENT
        self._begin = self._end = start
        self._first = self._last = b""
        self._spoiled = ""
        csv.field_size_limit(RECORD_LIMIT)  # the default is 128 KB; there is only a global one
        self._reader = csv.reader(self._texts(), delimiter=table.delimiter, strict=True)

    def __iter__(self) -> Iterator[list[str] | str]:
        while True:
            self._begin, self._first, self._spoiled = self._end, b"", ""
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _explained(error)
            else:
                yield self._spoiled or row

    def item(self, row: list[str] | str) -> Item:
        """What becomes of the row that was yielded last."""
        number = self._begin.passed + 1
        flaw = row if isinstance(row, str) else self._miscounted(row)
        if flaw or isinstance(row, str):
            return Item(number, self._first, self._end, flaw)
        return Item(number, dict(map(_entry, self._table.columns, row)), self._end)

    def _texts(self) -> Iterator[str]:
        for line, end, too_long in self._lines:
            self._first, self._last = self._first or line, line
            self._end = Position(end, self._end.passed + 1)
            try:
                text = line.decode(self._table.encoding, self._errors)
            except UnicodeDecodeError:
                self._spoiled = f"it is not {self._table.encoding.upper()} text"
                text = line.decode(self._table.encoding, "replace")
            if too_long:
                self._spoiled = f"the line is longer than {RECORD_LIMIT // 2**20} MB"
                text = text.replace('"', "")
            yield text

    def _miscounted(self, row: list[str]) -> str:
        wanted = len(self._table.columns)
        if len(row) == wanted:
            return ""
        cut = "" if self._last.endswith(b"\n") else "; the file seems to be cut off here"
        return f"it has {len(row)} cells, and the header has {wanted}{cut}"


def _explained(error: csv.Error) -> str:
    problem = str(error)
    if "unexpected end" in problem:
        return "a quote is opened and never closed; the file may be cut off"
    if "field limit" in problem:
        return f"a cell is longer than {RECORD_LIMIT // 2**20} MB; is a quote never closed?"
    return f"a quoted cell is broken: {problem}"


def _entry(column: str, cell: str) -> tuple[str, Any]:
    if column.lower() == "metadata" and cell.lstrip().startswith("{"):
        try:
            return column, decode(cell.encode("utf-8", "surrogatepass"))
        except ValueError:
            return column, cell
    return column, cell or None
