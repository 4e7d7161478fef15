"""What a single cell of a user map means; what is wrong with it goes to the problems."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from .cells import ANY, cell_id, excerpt, looks_mangled
from .header import suggestion
from .patterns import Pattern, names_in_braces

if TYPE_CHECKING:
    from .problems import Problems

WordT = TypeVar("WordT", bound=StrEnum)


class CellReader:
    """Reads cells without surrounding spaces, each with its line and column for messages."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def word(self, line: int, column: str, cell: str, words: type[WordT]) -> WordT | None:
        """One of a few words, or None with a problem."""
        try:
            return words(cell.casefold())
        except ValueError:
            text = f"unknown {column} {excerpt(cell)}; {suggestion(cell, words)}"
            self._problems.add(line, column, text)
            return None

    def source_id(self, line: int, cell: str) -> str | Pattern | None:
        """The id or the pattern; None for the rule for all others."""
        if cell == ANY:
            return None
        value, quoted = self.id(line, "source_id", cell)
        if not value:
            self._problems.add(line, "source_id", "is empty")
        if quoted or not names_in_braces(value):
            return value
        pattern = Pattern.of(value)
        for text in pattern.problems():
            self._problems.add(line, "source_id", text)
        return pattern

    def id(self, line: int, column: str, cell: str) -> tuple[str, bool]:
        """The id, and whether it stands in double quotes."""
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
