"""Source ids with named parts in braces, for sources in which people put several ids into one.

``org:{customer}:user:{user}`` fits ``org:acme:user:ada`` and gives customer and user. An id
is read once, from left to right, so that it fits in one way or not at all, and a hostile id
costs no more than its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PARTS = ("user", "agent", "project", "customer", "rest")

# Names in braces with digits are left alone: GUIDs look like that.
_IN_BRACES = re.compile(r"\{([A-Za-z_ -]*)\}")


def in_braces(name: str) -> str:
    """How a part or a placeholder stands in a cell."""
    return f"{{{name}}}"


def names_in_braces(text: str) -> list[str]:
    """Every name in braces in a cell's text, in order."""
    return _IN_BRACES.findall(text) if "{" in text else []


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with the values in the place of their names; what else has braces stays.

    Values are not looked at again: one that reads like a name in braces stays as it is.
    """
    return _IN_BRACES.sub(lambda found: values.get(found[1], found[0]), template)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A source id with named parts; ``literals`` stand before, between and behind them."""

    text: str
    names: tuple[str, ...] = field(compare=False)
    literals: tuple[str, ...] = field(compare=False)

    @classmethod
    def of(cls, text: str) -> Pattern:
        """The pattern in a cell's text, which has at least one name in braces."""
        pieces = _IN_BRACES.split(text)
        return cls(text, tuple(pieces[1::2]), tuple(pieces[::2]))

    def __str__(self) -> str:
        return self.text

    def problems(self) -> Iterator[str]:
        """Why the pattern could fit an id in several ways, or gives parts nobody knows."""
        known = ", ".join(map(in_braces, PARTS))
        for name in dict.fromkeys(self.names):
            if name not in PARTS:
                yield (
                    f"holds {in_braces(name)[:60]!r}; a part is one of {known}"
                    " (an id that really has such braces goes in double quotes)"
                )
            elif self.names.count(name) > 1:
                yield f"holds {in_braces(name)} twice"
        for index, literal in enumerate(self.literals[1:-1]):
            if not literal:
                left, right = map(in_braces, self.names[index : index + 2])
                yield f"has nothing between {left[:60]} and {right[:60]} that would part them"

    def match(self, source_id: str) -> dict[str, str] | None:
        """The parts by name when the whole id fits, otherwise None.

        A part has at least one character. It ends where the literal behind it first occurs,
        or with the id when there is none; so it never contains that literal.
        """
        if not source_id.startswith(self.literals[0]):
            return None
        values: dict[str, str] = {}
        begin = len(self.literals[0])
        for name, literal in zip(self.names, self.literals[1:], strict=True):
            end = source_id.find(literal, begin) if literal else len(source_id)
            if end <= begin:  # an empty part, or no such literal
                return None
            values[name] = source_id[begin:end]
            begin = end + len(literal)
        return values if begin == len(source_id) else None

    def filled(self, values: Mapping[str, str]) -> str:
        """An id that has these parts."""
        return filled(self.text, values)
