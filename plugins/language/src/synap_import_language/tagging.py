"""Tags records with the language of their text, where that can be told."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from synap_import import MemoryRecord

PREFIX = "language:"

FEWEST_LETTERS = 20
"""Of shorter texts nothing is said: "no problem" is many languages."""

LEAST_SURE = 0.9
_LONGEST = 2000


def tag(records: Sequence[MemoryRecord]) -> list[MemoryRecord]:
    """The records, with a tag such as ``language:de``; one that has such a tag keeps it."""
    return [_tagged(record) for record in records]


def _tagged(record: MemoryRecord) -> MemoryRecord:
    if any(one.startswith(PREFIX) for one in record.tags):
        return record
    language = language_of(record.text)
    if language is None:
        return record
    return record.model_copy(update={"tags": (*record.tags, f"{PREFIX}{language}")})


def language_of(text: str) -> str | None:
    """Its ISO 639-1 code; None where the text is too short or the model is not sure."""
    beginning = text[:_LONGEST]
    if sum(map(str.isalpha, beginning)) < FEWEST_LETTERS:
        return None
    language, sure = _identifier().classify(beginning)
    return str(language) if sure >= LEAST_SURE else None


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
