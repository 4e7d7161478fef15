"""From objects of Letta to records; what cannot become one is told, and the others go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from synap_import import MemoryRecord, Unreadable

SYSTEM = "letta"
_EXCERPT = 300


class UnusableItemError(ValueError):
    """The object cannot become a record; the text says why."""


class Converted(NamedTuple):
    """What became of some objects."""

    records: list[MemoryRecord]
    unreadable: list[Unreadable]


def converted(
    items: Iterable[Any], make: Callable[[Mapping[str, Any]], MemoryRecord], where: str
) -> Converted:
    """A record of each object; ``where`` begins the place of one that cannot become one."""
    done = Converted([], [])
    for number, item in enumerate(items):
        try:
            done.records.append(make(mapping(item)))
        except ValueError as error:
            done.unreadable.append(unreadable(item, f"{where}:{number}", error))
    return done


def mapping(item: Any) -> Mapping[str, Any]:
    """The object, which has an id. Raises UnusableItemError."""
    if not isinstance(item, Mapping):
        raise UnusableItemError(f"an object is expected, not {type(item).__name__}")
    if not isinstance(item.get("id"), str) or not item["id"]:
        raise UnusableItemError("it has no id")
    return item


def words(item: Mapping[str, Any], field: str) -> str:
    """The text in a field. Raises UnusableItemError where there is none."""
    value = item.get(field)
    if not isinstance(value, str):
        raise UnusableItemError(f"{field} is no text")
    return value


def unreadable(item: Any, where: str, error: ValueError) -> Unreadable:
    """An object that cannot become a record, by its id where it has one."""
    own = item.get("id") if isinstance(item, Mapping) else None
    place = own if isinstance(own, str) and own else where
    reason = "a field has a value that no record takes"
    if not isinstance(error, ValidationError):
        reason = str(error)
    return Unreadable(place, reason, _excerpt(item))


def _excerpt(item: Any) -> str:
    shown = {k: v for k, v in item.items() if k != "embedding"} if isinstance(item, dict) else item
    return json.dumps(shown, default=str, ensure_ascii=True)[:_EXCERPT]
