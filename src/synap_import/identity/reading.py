"""Reading a user map from the CSV file that its owner filled in."""

from __future__ import annotations

import csv
from enum import StrEnum
from itertools import chain
from sys import intern
from typing import IO, TYPE_CHECKING, TypeVar

from synap_import.errors import UserMapError
from synap_import.records import ScopeKind

from .cells import ANY, cell_id, excerpt, looks_mangled
from .decisions import Action, Cells, contradiction, decision
from .decoding import decoded_lines
from .header import Header, read_header, suggestion
from .patterns import Pattern, names_in_braces
from .placeholders import placeholder_problems
from .problems import Problems
from .user_map import SOURCE_ID, Table, UserMap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WordT = TypeVar("WordT", bound=StrEnum)


def load_user_map(path: Path) -> UserMap:
    """The user map in a CSV file.

    Raises UserMapError with file, line and column of everything that is wrong with it.
    """
    try:
        with path.open("rb") as file:
            return _Reader(path.name).read(file)
    except OSError as error:
        text = f"The user map {path} cannot be read: {error.strerror or error}."
        remedy = "`synap-import users SOURCE -o users.csv` writes one to fill in."
        raise UserMapError(text, remedy=remedy) from error


class _Reader:
    """One pass over a file; everything wrong is noted, and raised at the end."""

    def __init__(self, file_name: str) -> None:
        self._problems = Problems(file_name)
        self._tables = {kind: Table() for kind in ScopeKind}

    def read(self, file: IO[bytes]) -> UserMap:
        name = self._problems.file_name
        rows = self._csv_rows(decoded_lines(file, name))
        first = next(rows, None)
        if first is None:
            self._problems.raise_if_any()
            raise UserMapError(f"{name} is empty.", remedy=_HOW_TO_BEGIN)
        header = read_header(first[1], first[0], self._problems)
        # With a wrong header every row would be wrong: one message is enough.
        self._problems.raise_if_any()
        for line, cells in rows:
            self._add(line, cells, header)
        self._problems.raise_if_any()
        if not any(table.decisions for table in self._tables.values()):
            raise UserMapError(f"{name} has a header and no rows.", remedy=_HOW_TO_BEGIN)
        return UserMap(name, self._tables)

    def _csv_rows(self, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not blank, each with the number of its first line."""
        blank: list[str] = []
        for head in lines:
            blank.append(head)
            if head.strip():
                break
        delimiter = max(",;\t", key=blank[-1].count) if blank else ","
        reader = csv.reader(chain(blank, lines), delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if any(cell and not cell.isspace() for cell in cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            text = f"the row that begins here is not CSV ({error}); look at its double quotes"
            self._problems.add(line, None, text)

    def _add(self, line: int, cells: list[str], header: Header) -> None:
        row = self._cells(line, cells, header)
        if row is None:
            return
        wrong = contradiction(row)
        if wrong is not None:
            self._problems.add(line, *wrong)
            return
        table, decided = self._tables[row.kind], decision(row)
        known = table.decisions.get(row.source_id)
        if known is None:
            table.add(row.source_id, decided, line)
        elif known != decided:
            self._note_disagreement(line, row, table)

    def _cells(self, line: int, cells: list[str], header: Header) -> Cells | None:
        if len(cells) != header.width:
            text = f"has {len(cells)} cells and the header has {header.width}"
            self._problems.add(line, None, f"{text}; a cell with a comma needs double quotes")
            return None
        if any(cell.strip() for cell in cells[header.named :]):
            self._problems.add(line, None, "has a cell behind the last column with a name")
            return None
        cells.append("")
        source, user, customer, scope, action = (cells[i].strip() for i in header.positions)
        before = self._problems.total
        source_id = self._source_id(line, source)
        row = Cells(
            self._word(line, "action", action, Action) if action else None,
            self._word(line, "scope", scope or "user", ScopeKind) or ScopeKind.USER,
            source_id,
            self._target_id(line, "user_id", user, source_id),
            intern(self._target_id(line, "customer_id", customer, source_id)),
        )
        return row if self._problems.total == before else None

    def _word(self, line: int, column: str, cell: str, words: type[WordT]) -> WordT | None:
        try:
            return words(cell.casefold())
        except ValueError:
            text = f"unknown {column} {excerpt(cell)}; {suggestion(cell, words)}"
            self._problems.add(line, column, text)
            return None

    def _source_id(self, line: int, cell: str) -> str | Pattern | None:
        if cell == ANY:
            return None
        value, quoted = self._id(line, "source_id", cell)
        if not value:
            self._problems.add(line, "source_id", "is empty")
        if quoted or not names_in_braces(value):
            return value
        pattern = Pattern.of(value)
        for text in pattern.problems():
            self._problems.add(line, "source_id", text)
        return pattern

    def _target_id(self, line: int, column: str, cell: str, source_id: str | Pattern | None) -> str:
        value, quoted = self._id(line, column, cell)
        if value == ANY and not quoted:
            text = f"is an asterisk; to keep the id of the source write {SOURCE_ID}"
            self._problems.add(line, column, text)
        for text in placeholder_problems(value, source_id, quoted=quoted):
            self._problems.add(line, column, text)
        return value

    def _id(self, line: int, column: str, cell: str) -> tuple[str, bool]:
        try:
            value, quoted = cell_id(cell)
        except ValueError:
            text = f"{excerpt(cell)} has double quotes, but is not a JSON string"
            self._problems.add(line, column, text)
            return cell, True
        if looks_mangled(value) and not quoted:
            text = f"{excerpt(value)} looks like a long number that a spreadsheet has shortened"
            hint = "put the id back with its column formatted as text"
            self._problems.add(line, column, f"{text}; {hint}")
        return value, quoted

    def _note_disagreement(self, line: int, row: Cells, table: Table) -> None:
        # Searching the first line takes long in a large file, so only for what is shown.
        first = 0 if self._problems.is_full else table.line_of(row.source_id)
        who = ANY if row.source_id is None else excerpt(str(row.source_id))
        text = f"{who} ({row.kind}) is decided in another way in line {first}"
        self._problems.add(line, "source_id", text)


_HOW_TO_BEGIN = "`synap-import users SOURCE -o users.csv` writes a user map to fill in."
