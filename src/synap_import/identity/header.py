"""The header of a user map: which column holds what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from .cells import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .problems import Problems

REQUIRED = ("source_id", "user_id")
# In the order in which rows are taken apart.
READ = (*REQUIRED, "customer_id", "scope", "action", "status")
INFORMATIONAL = (
    "suggestion",
    "suggested_customer",
    "confidence",
    "because",
    "records",
    "kinds",
    "first_seen",
    "last_seen",
    "recognised_as",
    "note",
)
KNOWN = (*READ, *INFORMATIONAL)
GONE = "gone"
"""Status: the source does not have this scope now."""


@dataclass(frozen=True, slots=True)
class Header:
    """How many cells a row has, how many have a name, and where those stand that are read.

    A column that the file does not have stands behind the row's last cell, where the
    reader adds an empty one.
    """

    width: int
    names: tuple[str, ...]
    positions: tuple[int, ...]

    def fits(self, cells: Sequence[str], line: int, problems: Problems) -> bool:
        """Whether a row has the cells that it should; if not, that is noted."""
        if len(cells) != self.width:
            text = f"has {len(cells)} cells and the header has {self.width}"
            problems.add(line, None, f"{text}; a cell with a comma needs double quotes")
            return False
        if any(cell.strip() for cell in cells[len(self.names) :]):
            problems.add(line, None, "has a cell behind the last column with a name")
            return False
        return True


def read_header(cells: Sequence[str], line: int, problems: Problems) -> Header:
    """The header from its cells; what is wrong with it goes to ``problems``."""
    names = [cell.strip().casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    _note_unknown(names, line, problems)
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        found = ", ".join(excerpt(name) for name in names)
        problems.add(line, None, f"the header lacks {', '.join(missing)}; it has {found}")
    places = (names.index(name) if name in names else len(cells) for name in READ)
    return Header(len(cells), tuple(names), tuple(places))


def suggestion(value: str, known: Iterable[str]) -> str:
    """What to say about an unknown word: the nearest right one, or all of them."""
    words = list(known)
    nearest = get_close_matches(value.casefold(), words, n=1)
    return f"the nearest is {nearest[0]}" if nearest else f"it can be {', '.join(words)}"


def _note_unknown(names: Sequence[str], line: int, problems: Problems) -> None:
    for name, count in Counter(names).items():
        if name not in KNOWN:
            place = f"{names.index(name) + 1}"
            problems.add(line, place, f"unknown column {excerpt(name)}; {suggestion(name, KNOWN)}")
        elif count > 1:
            problems.add(line, name, f"stands {count} times in the header")
