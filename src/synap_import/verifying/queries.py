"""What to ask Synap so that it finds a memory: the words that tell this text from others. Pure.

Nothing is known of the language, so what counts is form: long words, numbers and names say
more than short words. Scripts that put no spaces between words (Chinese, Japanese, Thai, …) are
asked for in pieces, and compared by pairs of characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

MOST_WORDS = 8
"""Words in a query; more make a search engine look for texts that are about everything."""

ENOUGH_WORDS = 0.6
"""The share of a query's words that another text must have to be taken for the same memory."""

_READ_CHARACTERS = 4_000
_READ_OF_AN_ANSWER = 20_000
_LONGEST_WORD = 40
_PIECE = 6
_GREATEST_WEIGHT = 12

_UNSPACED = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


class Query(NamedTuple):
    """What to ask, and the units of it by which an answer is recognised."""

    text: str
    units: frozenset[str]

    def is_answered_by(self, content: str) -> bool:
        """Whether a text, which may be reworded, says enough of what was asked for."""
        shared = len(self.units & _units(_words(content[:_READ_OF_AN_ANSWER])))
        return shared >= ENOUGH_WORDS * len(self.units)


def query_of(text: str) -> Query | None:
    """The question that should find this text; None when it has no words to ask for."""
    found = list(dict.fromkeys(_pieces(_words(text[:_READ_CHARACTERS]))))
    telling = sorted(range(len(found)), key=lambda place: (-_weight(found[place]), place))
    chosen = [found[place] for place in sorted(telling[:MOST_WORDS])]
    return Query(" ".join(chosen), frozenset(_units(chosen))) if chosen else None


def _words(text: str) -> Iterator[str]:
    """Letters, digits and their marks that stand together; a run of unspaced ones is one word."""
    for kind, run in groupby(unicodedata.normalize("NFKC", text), _kind):
        word = "".join(run)
        # What makes a picture of a character is a mark, too, and no word.
        if kind and any(unicodedata.category(c)[0] in "LN" for c in word):
            yield word


def _kind(character: str) -> str:
    if unicodedata.category(character)[0] not in "LMN":
        return ""
    return "unspaced" if _is_unspaced(character) else "spaced"


def _is_unspaced(text: str) -> bool:
    return any(first <= ord(text[0]) <= last for first, last in _UNSPACED)


def _pieces(found: Iterable[str]) -> Iterator[str]:
    """Words that a query can be made of."""
    for word in found:
        if _is_unspaced(word):
            yield from (word[at : at + _PIECE] for at in range(0, len(word), _PIECE))
        else:
            yield word[:_LONGEST_WORD]


def _weight(word: str) -> int:
    """How much a word tells: its length, and more for names and numbers."""
    weight = min(len(word), _GREATEST_WEIGHT)
    if _is_unspaced(word):
        return 2 * weight
    if any(c.isdigit() for c in word):
        return weight + 6
    return weight + 3 if word[0].isupper() else weight


def _units(found: Iterable[str]) -> set[str]:
    """What two texts are compared by: words without case, pairs of unspaced characters."""
    units = set()
    for word in found:
        if _is_unspaced(word) and len(word) > 1:
            units |= {word[at : at + 2] for at in range(len(word) - 1)}
        else:
            units.add(word.casefold()[:_LONGEST_WORD])
    return units
