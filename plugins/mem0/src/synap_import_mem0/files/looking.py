"""What a JSON file is, from how it begins: its shape, its fields and some of its items."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

from synap_import import SourceError

from .cutting import END, Piece, lines, pieces
from .texts import DamagedError, open_text

TEXTS = ("memory", "data", "content", "text")
"""Where items keep their words."""

_HEAD = 1024 * 1024
_SAMPLES = 20


class Shape(Enum):
    """How items lie in a JSON text."""

    LIST = "a list"
    LINES = "JSON Lines"
    OBJECTS = "objects"
    ENVELOPE = "an object with lists"


@dataclass(frozen=True, slots=True)
class Look:
    """The beginning of a JSON text: ``fields`` of its first object, ``samples`` by list."""

    shape: Shape
    fields: Mapping[str, Any] = field(default_factory=dict)
    samples: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def items(self) -> list[Mapping[str, Any]]:
        """The first objects at the top: of the list, or on the lines."""
        return [item for item in self.samples.get("", ()) if isinstance(item, dict)]


def look_at(path: Path) -> Look | None:
    """How a file begins, None when it is no JSON. Raises nothing."""
    try:
        with open_text(path) as chunks:
            return look(chunks)
    except (SourceError, DamagedError, OSError):
        return None


def look(chunks: Iterator[str]) -> Look | None:
    """How a text begins, None when it is no JSON."""
    head = _beginning(chunks).lstrip()
    if head.startswith("["):
        return _surveyed(Shape.LIST, head)
    if _is_lines(head):
        first = islice(lines(iter((head,))), _SAMPLES)
        return Look(Shape.LINES, samples={"": [piece.cut.value for piece in first]})
    if not head.startswith("{"):
        return None
    found = _surveyed(Shape.ENVELOPE, head)
    if not found.fields and not found.samples:
        return None
    if found.samples and not any(isinstance(found.fields.get(name), str) for name in TEXTS):
        return found
    return Look(Shape.OBJECTS, found.fields, {"": _objects(head)})


def _surveyed(shape: Shape, head: str) -> Look:
    fields: dict[str, Any] = {}
    samples: dict[str, list[Any]] = defaultdict(list)
    for piece in _first_object(head):
        if piece.cut.flaw:
            continue
        if piece.number is None:
            fields.setdefault(piece.key, piece.cut.value)
        elif len(samples[piece.key]) < _SAMPLES:
            samples[piece.key].append(piece.cut.value)
    empty: dict[str, list[Any]] = {key: [] for key, value in fields.items() if value == []}
    return Look(shape, fields, {**empty, **samples})


def _first_object(head: str) -> Iterator[Piece]:
    with closing(_pieces(head)) as found:
        for piece in found:
            if piece.cut.value is END:
                return
            yield piece


def _pieces(head: str) -> Any:
    return pieces(iter((head,)), lambda _: True)


def _objects(head: str) -> list[Any]:
    first = islice(pieces(iter((head,)), None), _SAMPLES)
    return [piece.cut.value for piece in first]


def _beginning(chunks: Iterator[str]) -> str:
    """The first characters, as far as they are undamaged."""
    parts: list[str] = []
    size = 0
    try:
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size >= _HEAD:
                break
    except DamagedError:
        if not size:
            raise
    return "".join(parts)


def _is_lines(head: str) -> bool:
    """Whether lines are objects of their own; the first may be broken."""
    stripped = (line.strip() for line in head.split("\n"))
    first, second = [*islice(filter(None, stripped), 2), "", ""][:2]
    if _is_object(first):
        return bool(second)
    return not first.endswith(("{", "[", ",", ":")) and _is_object(second)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
