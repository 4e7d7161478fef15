"""When two spellings are the same name, or nearly.

``difflib`` of the standard library judges likeness: names are short, and an index by words
leaves few to compare, so that a faster library would not be felt.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from difflib import SequenceMatcher
from itertools import islice
from typing import NamedTuple

_LONGEST = 100
# Anna and Anne Schmidt are 92 % alike: what is only similar is never more than a hint.
_ALIKE = 0.88
_AS_GOOD = 0.03
_MOST_COMPARED = 500
_PREFIX = 4
_FEWEST_LETTERS = 5


def words(name: str) -> list[str]:
    """The words of a name, without case, accents and punctuation."""
    folded = unicodedata.normalize("NFKD", name[:_LONGEST]).casefold()
    letters = (
        "" if "\u0300" <= char <= "\u036f" else char if _is_part(char) else " " for char in folded
    )
    return "".join(letters).split()


def name_keys(name: str) -> set[str]:
    """What is equal for spellings of one name: ``Lovelace, Ada``, ``ada.lovelace``, ``Ada L…``.

    Nothing for what is no name: a number, a single letter.
    """
    found = words(name)
    whole = "".join(found)
    if len(whole) < 2 or not any(char.isalpha() for char in whole):
        return set()
    return {whole, "".join(sorted(found))}


class Likeness(NamedTuple):
    """A name that resembles another, from 0 to 1, and whose it is."""

    ratio: float
    name: str
    owner: int


_Indexed = tuple[list[str], str, int]


class NameIndex:
    """Names by their words and how these begin, to find the ones that resemble another."""

    def __init__(self) -> None:
        self._names: list[_Indexed] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, name: str, owner: int) -> None:
        """Note a name and a number that says whose it is."""
        found = words(name)
        if not _may_resemble(found):
            return
        for key in _index_keys(found):
            self._places[key].append(len(self._names))
        self._names.append((found, name, owner))

    def most_alike(self, name: str) -> list[Likeness]:
        """The best of each owner, best first, as far as they are as good as the first."""
        found = words(name)
        if not _may_resemble(found):
            return []
        best: dict[int, Likeness] = {}
        judges = [_judge(found), _judge(sorted(found))]
        for other, spelling, owner in self._near(found):
            ratio = max(map(_ratio, judges, (other, sorted(other))))
            if ratio >= _ALIKE and (owner not in best or ratio > best[owner].ratio):
                best[owner] = Likeness(ratio, spelling, owner)
        ordered = sorted(best.values(), key=lambda one: (-one.ratio, one.owner))
        return [one for one in ordered if one.ratio >= ordered[0].ratio - _AS_GOOD]

    def _near(self, found: list[str]) -> list[_Indexed]:
        """Names of about that length that share a word or its beginning; the rarest first."""
        lists = [self._places[key] for key in sorted(_index_keys(found)) if key in self._places]
        places = dict.fromkeys(place for some in sorted(lists, key=len) for place in some)
        length = _length(found)
        # Two texts are at most as alike as twice the shorter one's share of both.
        shortest, longest = length * _ALIKE / (2 - _ALIKE), length * (2 - _ALIKE) / _ALIKE
        near = (self._names[place] for place in places)
        alike = (one for one in near if shortest <= _length(one[0]) <= longest)
        return list(islice(alike, _MOST_COMPARED))


def _may_resemble(found: list[str]) -> bool:
    """Numbers must be the same to mean the same, so what has digits resembles nothing."""
    whole = "".join(found)
    return len(whole) >= _FEWEST_LETTERS and not any(char.isdigit() for char in whole)


def _index_keys(found: list[str]) -> set[str]:
    return {*found, *(word[:_PREFIX] for word in found)}


def _length(found: list[str]) -> int:
    return len(" ".join(found))


def _judge(found: list[str]) -> SequenceMatcher[str]:
    """It keeps what it learns of its second text, and forgets the first."""
    return SequenceMatcher(None, "", " ".join(found), autojunk=False)


def _ratio(judge: SequenceMatcher[str], found: list[str]) -> float:
    """How alike they are, or 0 where a quick look shows that it is not enough."""
    judge.set_seq1(" ".join(found))
    return judge.ratio() if judge.quick_ratio() >= _ALIKE else 0.0


def _is_part(char: str) -> bool:
    # Marks are part of the letters of many scripts.
    return char.isalnum() or unicodedata.category(char).startswith("M")
