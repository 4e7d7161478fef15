"""What the fields of some objects hold: how often they are missing, of which types, examples."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]

_DEPTH = 4
_EXAMPLES = 3
_SHOWN = 48
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_$@-]+")


@dataclass(slots=True)
class Field:
    """One field by its path. ``missing`` counts objects without it, and nulls and blanks."""

    path: Path
    of: int
    types: Counter[str] = field(default_factory=Counter)
    values: list[Any] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Objects that have nothing there."""
        return self.of - len(self.values)

    @property
    def name(self) -> str:
        """The last of its names, in small letters without separators."""
        return re.sub(r"[^a-z0-9]", "", self.path[-1].lower())

    def written(self) -> str:
        """The path as a mapping file has it."""
        return ".".join(one if _PLAIN_NAME.fullmatch(one) else _quoted(one) for one in self.path)

    def rate(self) -> str:
        """How often it is missing, for people."""
        return f"{percent(self.missing, self.of)} missing"

    def mixed(self) -> str:
        """Its types when there is more than one; numbers are of one type."""
        kinds = Counter({_TYPES.get(name, name): 0 for name in self.types})
        for name, count in self.types.items():
            kinds[_TYPES.get(name, name)] += count
        return ", ".join(f"{name} {count}" for name, count in kinds.most_common()) * (
            len(kinds) > 1
        )

    def examples(self) -> str:
        """Some values that differ, short enough for a line."""
        shown = dict.fromkeys(_shown(value) for value in self.values[:50])
        return ", ".join([*shown][:_EXAMPLES])

    def unique(self) -> bool:
        """Whether no value comes twice."""
        seen = [json.dumps(value, sort_keys=True, default=str) for value in self.values]
        return len(set(seen)) == len(seen)


_TYPES = {
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "true or false",
    "list": "list",
    "dict": "object",
}


def fields_of(objects: Sequence[Mapping[str, Any]]) -> list[Field]:
    """The fields with printable names, at most four deep, in the order in which they are met."""
    fields: dict[Path, Field] = {}
    for one in objects:
        for path, value in _walk(one, ()):
            found = fields.setdefault(path, Field(path, len(objects)))
            found.types[type(value).__name__] += 1
            found.values.append(value)
    return list(fields.values())


def percent(part: int, whole: int) -> str:
    """A share in whole percents; never 0% of something or 100% of not everything."""
    if not part or part == whole:
        return "100%" if part and part == whole else "0%"
    return f"{min(99, max(1, round(100 * part / whole)))}%"


def _walk(
    value: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, inner in value.items():
        if inner is None or (isinstance(inner, str) and not inner.strip()):
            continue
        if not name or not name.isprintable():
            continue  # no mapping file can hold it
        path = (*above, name)
        yield path, inner
        if isinstance(inner, dict) and len(path) < _DEPTH:
            yield from _walk(inner, path)


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    if not text.isprintable():
        text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
