"""Whether a dump holds all that the answers in it say there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LIMITS = (20, 100, 1000)
"""What get_all of 2.x, get_all of 1.x or the CLI, and the server give unless asked for more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a listing: how many items it has, and what it says about the others."""

    items: int
    count: int | None
    has_next: bool

    @classmethod
    def of(cls, fields: Mapping[str, Any], items: int) -> Answer:
        """The answer with these fields beside its list.

        The CLI's ``count`` is the length of its own list, whatever else there is.
        """
        count = None if "command" in fields else fields.get("count")
        known = isinstance(count, int) and not isinstance(count, bool)
        return cls(items, count if known else None, bool(fields.get("next")))


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A listing of which not all pages are here. ``total`` is None where no page told it."""

    items: int
    total: int | None

    def __str__(self) -> str:
        if self.total is None:
            return f"{self.items} memories, and says that more follow"
        return f"{self.items} of {self.total} memories"


def shortfalls(answers: list[Answer]) -> list[Shortfall]:
    """Listings that end before their time.

    Pages that follow one another belong together until one says that none follows, or that
    there is another number in all.
    """
    found, pages = [], list[Answer]()
    for answer in answers:
        if pages and answer.count != pages[-1].count:
            found += _shortfall(pages)
            pages = []
        pages.append(answer)
        if not answer.has_next:
            found += _shortfall(pages)
            pages = []
    return found + _shortfall(pages)


def may_be_cut_off(answers: list[Answer], items: int) -> bool:
    """Whether a listing that does not say its length has just that of a default limit."""
    silent = all(answer.count is None and not answer.has_next for answer in answers)
    return silent and len(answers) <= 1 and items in _LIMITS


def _shortfall(pages: list[Answer]) -> list[Shortfall]:
    if not pages:
        return []
    items, total = sum(page.items for page in pages), pages[-1].count
    if pages[-1].has_next or (total is not None and items < total):
        return [Shortfall(items, total)]
    return []
