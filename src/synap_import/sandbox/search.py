"""Finding memories by the words they share with a question: enough for a rehearsal."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\w+")
# Thai to Khmer, kana, Han: scripts that put no spaces between words are compared by pairs.
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the words it asks for."""

    text: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Question:
        """Take a query apart."""
        return cls(text, words(text))


@dataclass(frozen=True, slots=True)
class Match:
    """A memory, the queries that found it, and the best share (0 to 1) of words it has."""

    row: sqlite3.Row
    queries: tuple[str, ...]
    share: float


def words(text: str) -> frozenset[str]:
    """The words of a text without regard to case; of unspaced scripts, pairs of characters."""
    folded = text.casefold()
    if folded.isascii():
        return frozenset(_WORD.findall(folded))
    pairs = (run[at : at + 2] for run in _UNSPACED.findall(folded) for at in range(len(run) - 1))
    return frozenset([*_WORD.findall(_UNSPACED.sub(" ", folded)), *pairs])


def find(
    connection: sqlite3.Connection,
    user_id: str | None,
    customer_id: str | None,
    queries: Sequence[str],
    *,
    received_before: float,
    limit: int,
    widened: bool = False,
) -> list[Match]:
    """The user's best memories, best first; without queries the latest ones.

    Only what was first received by then (seconds since 1970) is there to be found. A ``widened``
    search also finds what belongs to all of the customer, or to everybody.
    """
    rows = connection.execute(
        """SELECT memory_id, document_id, coalesce(edited_content, document) AS content,
            document_created_at, original_at, metadata, first_received, seq FROM documents
        WHERE ((user_id IS ?1 AND customer_id IS ?2)
            OR (?4 AND user_id IS NULL AND customer_id IS NOT NULL AND customer_id IS ?2)
            OR (?4 AND user_id IS NULL AND customer_id IS NULL)) AND first_received <= ?3""",
        (user_id, customer_id, received_before, widened),
    )
    questions = [Question.of(query) for query in queries]
    return heapq.nlargest(limit, _matches(rows, questions), key=_rank)


def _matches(rows: sqlite3.Cursor, questions: list[Question]) -> Iterator[Match]:
    for row in rows:
        if not questions:
            yield Match(row, (), 0.0)
            continue
        held = words(row["content"])
        shares = {
            question.text: len(question.words & held) / len(question.words)
            for question in questions
            if question.words & held
        }
        if shares:
            yield Match(row, tuple(shares), max(shares.values()))


def _rank(match: Match) -> tuple[float, float, int]:
    at = match.row["original_at"]
    return match.share, float("-inf") if at is None else at, match.row["seq"]
