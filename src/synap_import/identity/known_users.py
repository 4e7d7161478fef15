"""The list of an application's users, to compare those of a source with: any CSV export of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NamedTuple

from synap_import.errors import UserMapError

from .cells import excerpt, looks_mangled
from .csv_rows import CsvRows
from .decoding import decoded_lines
from .problems import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Without case, spaces and punctuation.
_ID = ("userid", "id", "uid", "uuid", "synapuserid")
_CUSTOMER = ("customerid", "customer")
_EMAIL = ("email", "emailaddress", "mail", "useremail", "primaryemail")
_NAME = ("name", "fullname", "displayname", "username", "login")
_FIRST_NAME = ("firstname", "givenname", "forename")
_LAST_NAME = ("lastname", "familyname", "surname")


class KnownUser(NamedTuple):
    """A user of the application: ``id`` is the one that Synap is to know."""

    id: str
    customer_id: str = ""
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def read_known_users(path: Path) -> list[KnownUser]:
    """The users in a CSV file, whatever the order of its columns; others are ignored.

    Raises UserMapError with file, line and column of everything that is wrong with it.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path.name)
    except OSError as error:
        raise UserMapError(
            f"The list of known users {path} cannot be read: {error.strerror or error}.",
            remedy="Check --known-users.",
        ) from error


def _read(file: IO[bytes], name: str) -> list[KnownUser]:
    problems = Problems(name, what="The list of known users")
    rows = iter(CsvRows(decoded_lines(file, name), problems))
    first = next(rows, None)
    problems.raise_if_any()
    if first is None:
        raise UserMapError(f"{name} is empty.", remedy="Export your users again, with a header.")
    columns = _Columns.of(first[1], first[0], problems)
    problems.raise_if_any()
    found = [user for line, cells in rows if (user := columns.user(cells, line, problems))]
    problems.raise_if_any()
    if not found:
        raise UserMapError(f"{name} has a header and no users.", remedy="Export your users again.")
    return found


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a row has what."""

    width: int
    id: int
    customer: tuple[int, ...]
    emails: tuple[int, ...]
    names: tuple[int, ...]
    first_names: tuple[int, ...]
    last_names: tuple[int, ...]

    @classmethod
    def of(cls, header: Sequence[str], line: int, problems: Problems) -> _Columns:
        plain = ["".join(filter(str.isalnum, cell.casefold())) for cell in header]

        def named(known: Sequence[str]) -> tuple[int, ...]:
            return tuple(place for place, cell in enumerate(plain) if cell in known)

        ids = named(_ID)
        if not ids:
            found = ", ".join(excerpt(cell.strip()) for cell in header)
            text = f"no column is called user_id or id; the header has {found}"
            problems.add(line, None, text)
        elif len(ids) > 1:
            several = " and ".join(excerpt(header[place].strip()) for place in ids)
            text = f"{several} could both be the id in Synap; keep or rename all but one"
            problems.add(line, None, text)
        return cls(
            len(header),
            ids[0] if ids else 0,
            *map(named, (_CUSTOMER, _EMAIL, _NAME, _FIRST_NAME, _LAST_NAME)),
        )

    def user(self, cells: Sequence[str], line: int, problems: Problems) -> KnownUser | None:
        """The user in a row, or None with a problem."""
        if len(cells) != self.width:
            text = f"has {len(cells)} cells and the header has {self.width}"
            problems.add(line, None, f"{text}; a cell with a comma needs double quotes")
            return None
        own_id = cells[self.id].strip()
        if not own_id:
            problems.add(line, str(self.id + 1), "the user has no id")
            return None
        if looks_mangled(own_id):
            text = f"{excerpt(own_id)} looks like a long number that a spreadsheet has shortened"
            problems.add(line, str(self.id + 1), text)
            return None
        full_name = " ".join(_filled(cells, (*self.first_names, *self.last_names)))
        return KnownUser(
            own_id,
            "".join(_filled(cells, self.customer)[:1]),
            tuple(_filled(cells, self.emails)),
            tuple(filter(None, [*_filled(cells, self.names), full_name])),
        )


def _filled(cells: Sequence[str], places: Sequence[int]) -> list[str]:
    return [cell for place in places if (cell := cells[place].strip())]
