"""A user map as the text in its cells, to be completed without touching what a person wrote."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass, field, fields
from typing import IO, TYPE_CHECKING

from synap_import.errors import UserMapError
from synap_import.records import ScopeKind

from .csv_rows import CsvRows
from .decoding import decoded_lines
from .header import read_header
from .problems import Problems
from .row_cells import CellReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_REMEDY = "Correct it, give another name with -o, or give up what is in it with --force,"

Owner = tuple[ScopeKind, str]


@dataclass(slots=True)
class SheetRow:
    """The cells of a row, by column, in the order in which a new file has them."""

    source_id: str = ""
    user_id: str = ""
    customer_id: str = ""
    scope: str = ""
    action: str = ""
    suggestion: str = ""
    suggested_customer: str = ""
    confidence: str = ""
    because: str = ""
    records: str = ""
    kinds: str = ""
    first_seen: str = ""
    last_seen: str = ""
    recognised_as: str = ""
    status: str = ""
    note: str = ""


COLUMNS = tuple(one.name for one in fields(SheetRow))


@dataclass(slots=True)
class Sheet:
    """The rows, each with the scope that it is about (None for rules), and the file's form.

    Without ``encoding`` nothing in the file said which one its owner's programs want.
    """

    rows: list[tuple[Owner | None, SheetRow]] = field(default_factory=list)
    columns: tuple[str, ...] = COLUMNS
    delimiter: str = ","
    encoding: str | None = None

    def to_bytes(self) -> bytes:
        """The file. One that is not ASCII gets a BOM, without which Excel garbles it."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow(self.columns)
        for _, row in self.rows:
            writer.writerow([getattr(row, name) for name in self.columns])
        content = text.getvalue()
        usual = "utf-8" if content.isascii() else "utf-8-sig"
        return content.encode(self.encoding or usual)


def read_sheet(path: Path) -> Sheet:
    """What a user map holds; without a file, or in an empty one, nothing.

    What its owner decided may be half done or wrong: only header and source ids must be right.
    Raises UserMapError otherwise.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path.name)
    except FileNotFoundError:
        return Sheet()
    except OSError as error:
        text = f"{path} is there already and cannot be read: {error.strerror or error}."
        raise UserMapError(text, remedy="Choose another name with -o.") from error


def _read(file: IO[bytes], name: str) -> Sheet:
    problems = Problems(name, what=f"{name} is there already, and", remedy=_REMEDY)
    begin = file.read(3)
    file.seek(0)
    lines = _Lines(decoded_lines(file, name))
    rows = CsvRows(iter(lines), problems)
    numbered = iter(rows)
    first = next(numbered, None)
    problems.raise_if_any()
    if first is None:
        return Sheet()
    header = read_header(first[1], first[0], problems)
    problems.raise_if_any()
    sheet = Sheet(columns=header.names, delimiter=rows.delimiter)
    for line, cells in numbered:
        if header.fits(cells, line, problems):
            named = dict(zip(header.names, map(_one_line_end, cells), strict=False))
            row = SheetRow(**named)
            sheet.rows.append((_owner(line, row, problems), row))
    problems.raise_if_any()
    sheet.encoding = _encoding(begin, lines.all_ascii)
    return sheet


def _owner(line: int, row: SheetRow, problems: Problems) -> Owner | None:
    read = CellReader(problems)
    kind = read.word(line, "scope", row.scope.strip() or "user", ScopeKind)
    source_id = read.source_id(line, row.source_id.strip())
    return (kind, source_id) if kind and isinstance(source_id, str) else None


def _one_line_end(cell: str) -> str:
    """A lone carriage return in a cell would end the row for other programs."""
    return cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell


def _encoding(begin: bytes, all_ascii: bool) -> str | None:
    if begin[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return "utf-16"
    if begin == codecs.BOM_UTF8:
        return "utf-8-sig"
    return None if all_ascii else "utf-8"


class _Lines:
    """Lines that pass, and whether all so far were ASCII."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.all_ascii = True

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.all_ascii = self.all_ascii and line.isascii()
            yield line
