"""Finding the array of records in an object that is wrapped around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synap_import import SourceError

from .arrays import keys
from .items import LOOK_LIMIT
from .scanner import CLOSE_OBJECT, END, OPEN_OBJECT, Scanner

KNOWN = ("memories", "results", "items", "data", "records", "points", "facts", "rows")
WRAPPERS = ("data", "result", "results", "response")

_BEGINNING = 256
_FILLED = re.compile(rb"[\[{]\s*+[^\s\]}]")
_OF_OBJECTS = re.compile(rb"\[\s*+\{")


@dataclass(frozen=True, slots=True)
class Member:
    """A value in the object, by the keys that lead to it and the first of its bytes."""

    path: tuple[str, ...]
    beginning: bytes

    @property
    def filled(self) -> bool:
        """Whether it is an array or object with something in it."""
        return _FILLED.match(self.beginning) is not None

    @property
    def is_array(self) -> bool:
        """Whether it is an array."""
        return self.beginning.startswith(b"[")

    @property
    def of_objects(self) -> bool:
        """Whether it is an array whose first element is an object."""
        return _OF_OBJECTS.match(self.beginning) is not None


@dataclass(frozen=True, slots=True)
class Survey:
    """What an object holds, and whether another one comes behind it.

    ``whole`` is False when only the first part of a large object was looked through.
    """

    members: tuple[Member, ...]
    followed: bool
    whole: bool

    def keys(self) -> str:
        """The object's own keys, for a sentence."""
        return ", ".join(dict.fromkeys(member.path[0] for member in self.members[:50]))

    def has(self, *names: str) -> bool:
        """Whether all these are among the object's own keys."""
        return {(name,) for name in names} <= {member.path for member in self.members}

    def has_text(self, names: Sequence[str]) -> bool:
        """Whether one of these keys holds a text."""
        return any(
            member.path[0] in names and member.beginning.startswith(b'"') for member in self.members
        )

    def is_ambiguous(self, path: Sequence[str]) -> bool:
        """Whether a key on the way stands there twice, so that it leads to more than one value."""
        ways = {tuple(path[:steps]) for steps in range(1, len(path) + 1)}
        return any(sum(member.path == way for member in self.members) > 1 for way in ways)

    def unread(self, path: Sequence[str]) -> tuple[str, ...]:
        """The keys, other than those that lead to the records, that hold something larger."""
        others = (member for member in self.members if member.path[0] != path[0])
        return tuple(dict.fromkeys(member.path[0] for member in others if member.filled))


def survey(chunks: Iterator[bytes]) -> Survey:
    """Look through the object that is next, without keeping its values."""
    scanner = Scanner(chunks)
    members = tuple(_members(scanner, ()))
    if scanner.peek() == CLOSE_OBJECT:
        scanner.step()
    followed = scanner.peek() == OPEN_OBJECT
    return Survey(members, followed, whole=scanner.offset < LOOK_LIMIT)


def _members(scanner: Scanner, above: tuple[str, ...]) -> Iterator[Member]:
    for key in keys(scanner):
        path = (*above, key)
        if not above and key in WRAPPERS and scanner.peek() == OPEN_OBJECT:
            yield Member(path, b"{")
            yield from _members(scanner, path)
            if scanner.peek() == CLOSE_OBJECT:
                scanner.step()
        elif scanner.peek() != END:
            yield Member(path, scanner.element(CLOSE_OBJECT, _BEGINNING).text)


def find_records(found: Survey, name: str) -> tuple[str, ...] | None:
    """The path to the array of records, None when the object has none.

    An empty array under a known name does not hide a filled one. Raises SourceError when
    more than one could be meant.
    """
    arrays = [member for member in found.members if member.is_array]
    known = [member for member in arrays if member.path[-1] in KNOWN]
    for candidates in (
        [member for member in known if member.filled],
        [member for member in arrays if member.of_objects],
        known[:1],
    ):
        if len({member.path for member in candidates}) > 1:
            raise _ambiguous(candidates, name)
        if candidates:
            return candidates[0].path
    return None


def _ambiguous(candidates: Sequence[Member], name: str) -> SourceError:
    paths = [".".join(member.path) for member in candidates]
    return SourceError(
        f"{name} holds more than one list that could be the records: {', '.join(paths)}.",
        remedy=f"Say which in a mapping file: 'records: {paths[0]}' (--mapping mapping.yaml).",
    )
