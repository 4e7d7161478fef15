"""What the Platform's answers say, in the shapes that they had over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NOTICE = "mem0_notice"
_WORDS = ("detail", "error", "message")
_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. ``count`` is of the whole list, None where a bare list has none."""

    items: list[Any]
    count: int | None = None


PAST_THE_END = Listing([])
"""What a page behind the last one holds: the server answers 404 there."""


class UnknownShapeError(Exception):
    """The answer is nothing that the Platform gives."""


def listing_of(body: Any) -> Listing:
    """The page in an envelope, or in a bare list as older answers have it.

    Raises UnknownShapeError.
    """
    body = without_notice(body)
    if isinstance(body, list):
        return Listing(body)
    if not isinstance(body, Mapping) or not isinstance(body.get("results"), list):
        raise UnknownShapeError
    count = body.get("count")
    known = isinstance(count, int) and not isinstance(count, bool) and count >= 0
    return Listing(without_notice(body["results"]), count if known else None)


def without_notice(body: Any) -> Any:
    """The body without the advertisement that goes to some keys, as a field or an item."""
    if isinstance(body, Mapping):
        return {name: value for name, value in body.items() if name != _NOTICE}
    if isinstance(body, list) and body and isinstance(body[0], Mapping) and _NOTICE in body[0]:
        first = without_notice(body[0])
        return [first, *body[1:]] if first else body[1:]
    return body


def words_of(body: Any) -> str:
    """What an error says, in each of the shapes in which the Platform says it; one line."""
    return " ".join(_said(body).split())[:_LONGEST_WORDS]


def _said(body: Any) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(filter(None, map(_said, body)))
    if not isinstance(body, Mapping):
        return ""
    for name in _WORDS:
        if words := _said(body.get(name)):
            return words
    fields = {name: _said(value) for name, value in without_notice(body).items()}
    return "; ".join(f"{name}: {words}" for name, words in fields.items() if words)
