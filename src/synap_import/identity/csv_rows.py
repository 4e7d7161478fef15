"""The rows of a CSV file that a person edited, whatever separates its cells."""

from __future__ import annotations

import csv
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .problems import Problems

_DELIMITERS = ",;\t"


class CsvRows:
    """The rows that are not blank, each with the number of its first line.

    ``delimiter`` is what stands most often in the first line that is not blank.
    """

    def __init__(self, lines: Iterator[str], problems: Problems) -> None:
        self._problems = problems
        begin: list[str] = []
        for head in lines:
            begin.append(head)
            if head.strip():
                break
        self.delimiter = max(_DELIMITERS, key=begin[-1].count) if begin else ","
        self._rows = self._read(chain(begin, lines))

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self._rows

    def _read(self, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if any(cell and not cell.isspace() for cell in cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            text = f"the row that begins here is not CSV ({error}); look at its double quotes"
            self._problems.add(line, None, text)
