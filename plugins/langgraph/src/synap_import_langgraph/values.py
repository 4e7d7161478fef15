"""From a value, which may be any JSON, to a text, by rules that are told in the README."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

KNOWN = ("content", "text", "data", "memory", "summary")
FIELDS = "fields"
"""What is told of a text that was written out of all fields."""

Path = tuple[str, ...]


class Text(NamedTuple):
    """``origin`` is the field that the text stands in, None where all fields are written out."""

    text: str
    origin: Path | None


def text_of(value: Any, wanted: Sequence[Path] = ()) -> Text:
    """The first text that is not blank: of the wanted fields, of those that are known, or of all.

    Under ``content`` LangMem keeps a text, or an object with fields of its own.
    """
    if isinstance(value, str):
        return Text(value, ())
    for path in (*wanted, *_known_in(value)):
        found = _at(value, path)
        if isinstance(found, str) and found.strip():
            return Text(found, path)
    inner = _at(value, ("content",))
    return Text(_written_out(inner if isinstance(inner, dict) and inner else value), None)


def rest_of(value: Any, text: Text) -> dict[str, Any]:
    """The fields that are not in the text."""
    if not isinstance(value, dict):
        return {}
    if text.origin is not None:
        return _without(value, text.origin)
    is_inner = isinstance(value.get("content"), dict) and value["content"]
    return {name: one for name, one in value.items() if name != "content"} if is_inner else {}


def _known_in(value: Any) -> Iterator[Path]:
    if isinstance(value, dict):
        if isinstance(value.get("content"), dict):
            yield from (("content", name) for name in KNOWN)
        yield from ((name,) for name in KNOWN)


def _at(value: Any, path: Path) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _without(value: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy without one field, nor an object that is empty without it."""
    if not path:
        return {}
    name, *deeper = path
    rest = {other: one for other, one in value.items() if other != name}
    if deeper and (inner := _without(value[name], tuple(deeper))):
        return {**rest, name: inner}
    return rest


def _written_out(value: Any) -> str:
    """A line for each field; what is in it stays JSON, where it is no text."""
    if not isinstance(value, dict):
        return "" if value in (None, [], {}) else _written(value)
    lines = (f"{name}: {_written(one)}" for name, one in value.items() if one not in (None, ""))
    return "\n".join(lines)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
