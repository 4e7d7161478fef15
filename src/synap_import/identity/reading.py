"""Reading a user map from the CSV file that its owner filled in."""

from __future__ import annotations

from sys import intern
from typing import IO, TYPE_CHECKING

from synap_import.errors import UserMapError
from synap_import.records import ScopeKind

from .cells import ANY, excerpt
from .csv_rows import CsvRows
from .decisions import Action, Cells, contradiction, decision
from .decoding import decoded_lines
from .header import GONE, Header, read_header
from .placeholders import placeholder_problems
from .problems import Problems
from .row_cells import CellReader
from .user_map import SOURCE_ID, Table, UserMap

if TYPE_CHECKING:
    from pathlib import Path

    from .patterns import Pattern


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
        self._read = CellReader(self._problems)
        self._tables = {kind: Table() for kind in ScopeKind}
        self._gone = set[int]()

    def read(self, file: IO[bytes]) -> UserMap:
        name = self._problems.file_name
        rows = iter(CsvRows(decoded_lines(file, name), self._problems))
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
        return UserMap(name, self._tables, gone=frozenset(self._gone))

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
        if not header.fits(cells, line, self._problems):
            return None
        cells.append("")
        source, user, customer, scope, action, status = (
            cells[position].strip() for position in header.positions
        )
        if status.casefold() == GONE:
            self._gone.add(line)
        before = self._problems.total
        source_id = self._read.source_id(line, source)
        row = Cells(
            self._read.word(line, "action", action, Action) if action else None,
            self._read.word(line, "scope", scope or "user", ScopeKind) or ScopeKind.USER,
            source_id,
            self._target_id(line, "user_id", user, source_id),
            intern(self._target_id(line, "customer_id", customer, source_id)),
        )
        return row if self._problems.total == before else None

    def _target_id(self, line: int, column: str, cell: str, source_id: str | Pattern | None) -> str:
        value, quoted = self._read.id(line, column, cell)
        if value == ANY and not quoted:
            text = f"is an asterisk; to keep the id of the source write {SOURCE_ID}"
            self._problems.add(line, column, text)
        for text in placeholder_problems(value, source_id, quoted=quoted):
            self._problems.add(line, column, text)
        return value

    def _note_disagreement(self, line: int, row: Cells, table: Table) -> None:
        # Searching the first line takes long in a large file, so only for what is shown.
        first = 0 if self._problems.is_full else table.line_of(row.source_id)
        who = ANY if row.source_id is None else excerpt(str(row.source_id))
        text = f"{who} ({row.kind}) is decided in another way in line {first}"
        self._problems.add(line, "source_id", text)


_HOW_TO_BEGIN = "`synap-import users SOURCE -o users.csv` writes a user map to fill in."
