"""What a file is, by its content: names lie, and standard input has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from synap_import import SourceError

from .arrays import enter_array, read_array, read_sequence
from .compression import at_least
from .envelopes import Survey, find_records, survey
from .items import LOOK_LIMIT, read_whole
from .lines import read_lines
from .scanner import Scanner
from .tables import Table, encoding_of, read_table, table_of
from .values import decode

if TYPE_CHECKING:
    from .items import Item, Position

HEAD = 1024 * 1024
_FIRST_LINES = 20

_READABLE = "Give JSON Lines, JSON or CSV, plain or packed with gzip, zstd or zip; or Parquet."

OpenChunks: TypeAlias = Callable[[], Iterator[bytes]]

_FOREIGN = (
    (b"PK\x03\x04", "a zip archive in another one", "Unpack it and give the files in it."),
    (b"PAR1", "a Parquet file", "Give it as a file of its own, not packed."),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as CSV or JSON Lines first."),
    (b"BZh", "packed with bzip2", "Unpack it, or pack it with gzip or zstd."),
    (b"\xfd7zXZ\0", "packed with xz", "Unpack it, or pack it with gzip or zstd."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and give the files in it."),
    (b"\x1f\x8b", "packed twice", "Unpack it once."),
    (b"\x28\xb5\x2f\xfd", "packed twice", "Unpack it once."),
    (b"%PDF", "a PDF document", "Give JSON Lines, JSON or CSV."),
)


class Format(StrEnum):
    """How records lie in a file, as people call it."""

    LINES = "JSON Lines"
    ARRAY = "JSON array"
    OBJECTS = "JSON objects"
    TABLE = "CSV"
    TEXT = "text"
    EMPTY = "empty"

    def described(self) -> str:
        """As the end of a sentence that begins with a file's name."""
        return "is one JSON array" if self is Format.ARRAY else f"holds {self}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What must be known to read a file.

    ``path`` leads to the array, ``unread`` are the keys beside it that hold more data.
    """

    format: Format
    path: tuple[str, ...] = ()
    table: Table | None = None
    unread: tuple[str, ...] = ()

    def items(self, chunks: Iterator[bytes], start: Position) -> Iterator[Item]:
        """What the file holds from a position on."""
        match self.format:
            case Format.LINES:
                return read_lines(chunks, start)
            case Format.ARRAY:
                return read_array(chunks, start, self.path)
            case Format.OBJECTS:
                return read_sequence(chunks, start)
            case Format.TABLE if self.table is not None:
                return read_table(chunks, start, self.table)
            case Format.TEXT:
                return read_whole(chunks, start)
        return iter(())

    def place(self, number: int) -> str:
        """How an item's number is written behind the name of its file."""
        if self.format is Format.TEXT:
            return ""
        return f":{number}" if self._by_line else f"[{number}]"

    def place_behind(self, position: Position) -> str:
        """The place of the item that would begin at a position."""
        return self.place(position.passed + 1 if self._by_line else position.passed)

    @property
    def _by_line(self) -> bool:
        return self.format in {Format.LINES, Format.TABLE}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the mapping says about where records are: the path to them, and their texts' names."""

    path: tuple[str, ...] | None
    texts: tuple[str, ...]


def detect(chunks: OpenChunks, name: str, wanted: Wanted) -> Layout:
    """Find out how to read a text whose chunks can be had more than once.

    Raises SourceError when it is nothing that can be read here.
    """
    head = at_least(HEAD, chunks())
    text = head.lstrip()
    if not text:
        return Layout(Format.EMPTY)
    _refuse_foreign(head, name)
    if text.startswith(b"["):
        return _at_top(Layout(Format.ARRAY), wanted, name)
    if are_lines(text):
        return _at_top(Layout(Format.LINES), wanted, name)
    if text.startswith(b"{"):
        return _object_layout(chunks, wanted, name)
    # In JSON it costs the item that it is in: power that failed leaves blocks of zeros.
    if b"\0" in head:
        raise SourceError(
            f"{name} is not a text file, nor one packed with gzip, zstd or zip, nor Parquet.",
            remedy=_READABLE,
        )
    table = table_of(head, encoding_of(chunks()), name)
    if table is None:
        raise SourceError(
            f"{name} is neither JSON nor a CSV file with two columns or more, nor gzip, zip or "
            "Parquet.",
            remedy=_READABLE,
        )
    return Layout(Format.TABLE, table=table)


def limited(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The chunks until they are ``size`` bytes together, or somewhat more."""
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size <= 0:
            return


def _refuse_foreign(head: bytes, name: str) -> None:
    for magic, what, remedy in _FOREIGN:
        if head.startswith(magic):
            raise SourceError(f"{name} is {what}.", remedy=remedy)
    if head.startswith((b'"{', b'"[')):
        raise SourceError(
            f"{name} holds its JSON inside a JSON text, as Letta's agent files do.",
            remedy=f"The source `letta` reads those: synap-import letta {name}. Decode others "
            "once: python -c 'import json,sys; print(json.load(sys.stdin))'",
        )


def are_lines(text: bytes) -> bool:
    """Whether lines are objects of their own; a few broken ones at the beginning are no reason."""
    stripped = (line.strip() for line in text.split(b"\n"))
    lines = [*islice(filter(None, stripped), _FIRST_LINES), b"", b""]
    first, second = lines[:2]
    if _is_object(first):
        return bool(second)
    # In an object of several lines, the first one ends where more must come.
    if not first.endswith((b"{", b"[", b",", b":")) and _is_object(second):
        return True
    return sum(map(_is_object, lines)) * 2 > len(lines) - 2


def _is_object(line: bytes) -> bool:
    try:
        decode(line)
    except ValueError:
        return False
    return True


def _at_top(layout: Layout, wanted: Wanted, name: str) -> Layout:
    if wanted.path:
        raise SourceError(
            f"{name} {layout.format.described()}; there is no '{'.'.join(wanted.path)}' around it.",
            remedy="Write 'records: .' in the mapping, or leave 'records' out.",
        )
    return layout


def _object_layout(chunks: OpenChunks, wanted: Wanted, name: str) -> Layout:
    found = survey(limited(chunks(), LOOK_LIMIT))
    ours = found.has("record_version", "system")
    if wanted.path == () or ours or found.followed:
        return Layout(Format.OBJECTS)
    if wanted.path:
        if not enter_array(Scanner(chunks()), wanted.path):
            raise _no_array(found, wanted.path, name)
        path = wanted.path
    elif found.has_text(wanted.texts):
        return Layout(Format.OBJECTS)
    elif (guess := find_records(found, name)) is not None:
        path = guess
    elif found.whole:
        return Layout(Format.OBJECTS)
    else:
        raise _hidden(found, name)
    if found.is_ambiguous(path):
        raise _twice(path, name)
    return Layout(Format.ARRAY, path, unread=found.unread(path))


def _no_array(found: Survey, path: tuple[str, ...], name: str) -> SourceError:
    return SourceError(
        f"{name} has no list under '{'.'.join(path)}'.",
        remedy=f"Its keys are {found.keys()}; name the one with the records in 'records:'.",
    )


def _twice(path: tuple[str, ...], name: str) -> SourceError:
    return SourceError(
        f"{name} has '{'.'.join(path)}' more than once, and only one could be read.",
        remedy="Write each list into a file of its own.",
    )


def _hidden(found: Survey, name: str) -> SourceError:
    return SourceError(
        f"{name} has no list of records in its first {LOOK_LIMIT // 2**20} MB.",
        remedy="Name the list in 'records:' of a mapping file. "
        f"The keys at the beginning are {found.keys()}.",
    )
