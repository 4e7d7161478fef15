"""Collecting what is wrong with a file, so that its owner mends it in one go."""

from __future__ import annotations

from synap_import.errors import UserMapError

SHOWN = 10


class Problems:
    """What is wrong: the first ten in words, the others counted."""

    def __init__(
        self, file_name: str, *, what: str = "The user map", remedy: str = "Correct the file"
    ) -> None:
        self._what = what
        self._remedy = remedy
        self.file_name = file_name
        self.total = 0
        self._shown: list[str] = []

    @property
    def is_full(self) -> bool:
        """Whether a further problem is only counted."""
        return self.total >= SHOWN

    def add(self, line: int, column: str | None, text: str) -> None:
        """Note a problem in a line (from 1) and, where it has one, a column."""
        self.total += 1
        if self.total <= SHOWN:
            where = f"line {line}" if column is None else f"line {line}, column {column}"
            self._shown.append(f"{self.file_name}, {where}: {text}.")

    def raise_if_any(self) -> None:
        """Raise UserMapError with everything that was noted."""
        if not self.total:
            return
        number = "1 problem" if self.total == 1 else f"{self.total} problems"
        listed = [f"{self._what} has {number}.", *(f"  {text}" for text in self._shown)]
        if self.total > SHOWN:
            listed.append(f"  and {self.total - SHOWN} more.")
        raise UserMapError(
            "\n".join(listed), remedy=f"{self._remedy} and run the same command again."
        )
