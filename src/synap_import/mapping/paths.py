"""Paths into JSON objects: ``a.b[0].c``, ``tags[].name``, ``"k.dot".x``, ``.``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias

Getter: TypeAlias = Callable[[Any], Any]

MAX_PATH_LENGTH = 1024
# Every projection multiplies what a path can yield.
MAX_PROJECTIONS = 4

_SEGMENT = re.compile(
    r'(?P<dot>\.)?(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<name>[^.\[\]"]+))'
    r"|\[(?P<index>[0-9]{0,9})\]"
)


class Each(Enum):
    """The step ``[]``: go on with every item of a list."""

    ITEM = auto()


Step: TypeAlias = str | int | Each


class PathSyntaxError(ValueError):
    """A path that cannot be read. ``position`` counts characters from 0."""

    def __init__(self, text: str, position: int, problem: str) -> None:
        super().__init__(f"the path {text!r} cannot be read at character {position + 1}: {problem}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path. No steps mean the whole object."""

    text: str
    steps: tuple[Step, ...]

    @property
    def root(self) -> str | None:
        """The top-level field it reads; None where that is the object itself."""
        first = self.steps[0] if self.steps else None
        return first if isinstance(first, str) else None

    def getter(self) -> Getter:
        """A function that follows the path and gives None where it leads nowhere."""
        if not self.steps:
            return _whole
        names = [step for step in self.steps if isinstance(step, str)]
        if self.steps[1:2] == (Each.ITEM,) and len(names) == 2 and len(self.steps) == 3:
            return _key_in_items(names[0], names[1])
        if len(names) != len(self.steps):
            return _projection(self.steps) if Each.ITEM in self.steps else _walk(self.steps)
        if len(names) > 2:
            return _keys(tuple(names))
        return _key(names[0]) if len(names) == 1 else _key_in_key(names[0], names[1])


def compile_path(text: str) -> Getter:
    """The getter of :func:`parse_path`. Raises PathSyntaxError."""
    return parse_path(text).getter()


def parse_path(text: str) -> Path:
    """Read a path. Raises PathSyntaxError, saying where and why."""
    if text == ".":
        return Path(text, ())
    if not text or len(text) > MAX_PATH_LENGTH:
        raise PathSyntaxError(text[:40], 0, f"it must have 1 to {MAX_PATH_LENGTH} characters")
    steps = tuple(_steps(text))
    if steps.count(Each.ITEM) > MAX_PROJECTIONS:
        raise PathSyntaxError(text, 0, f"it has more than {MAX_PROJECTIONS} '[]'")
    return Path(text, steps)


def _steps(text: str) -> Iterable[Step]:
    position = 0
    while position < len(text):
        match = _SEGMENT.match(text, position)
        if match is None:
            raise PathSyntaxError(text, position, _hint(text, position))
        if match["index"] is not None:
            yield int(match["index"]) if match["index"] else Each.ITEM
        else:
            _check_dot(text, position, dotted=match["dot"] is not None)
            yield _field(text, match)
        position = match.end()


def _field(text: str, match: re.Match[str]) -> str:
    quoted: str | None = match["quoted"]
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted)
    name: str = match["name"]
    if name != name.strip():
        raise PathSyntaxError(
            text, match.start("name"), "put a name with spaces around it in quotes"
        )
    if name == "*":
        raise PathSyntaxError(text, match.start("name"), "'*' is not known; '[]' means every item")
    if name == "$" and match.start() == 0:
        raise PathSyntaxError(text, 0, "paths start with a field's name, without '$'")
    return name


def _check_dot(text: str, position: int, *, dotted: bool) -> None:
    if dotted and position == 0:
        raise PathSyntaxError(text, position, "it starts with '.'; only '.' alone is a path")
    if not dotted and position > 0:
        raise PathSyntaxError(text, position, "a '.' is missing before this name")


def _hint(text: str, position: int) -> str:
    rest = text[position:]
    if rest.startswith("[-"):
        return "negative indexes are not known"
    if rest.startswith("["):
        return "'[]' or '[3]' was expected; a name with brackets goes in double quotes"
    if rest.lstrip(".").startswith('"'):
        return "the quote is not closed"
    return "a name is missing" if rest.startswith(".") else "this character needs double quotes"


def _whole(value: Any) -> Any:
    return value


def _key(name: str) -> Getter:
    def get(value: Any) -> Any:
        return value.get(name) if isinstance(value, dict) else None

    return get


def _key_in_key(outer: str, name: str) -> Getter:
    """What most paths are, without the loop."""

    def get(value: Any) -> Any:
        inner = value.get(outer) if isinstance(value, dict) else None
        return inner.get(name) if isinstance(inner, dict) else None

    return get


def _key_in_items(outer: str, name: str) -> Getter:
    """What most projections are: a field of the objects in a list."""

    def get(value: Any) -> Any:
        items = value.get(outer) if isinstance(value, dict) else None
        if not isinstance(items, list):
            return None
        found = [one.get(name) for one in items if isinstance(one, dict)]
        if None in found:
            found = [one for one in found if one is not None]
        return found or None

    return get


def _keys(names: tuple[str, ...]) -> Getter:
    def get(value: Any) -> Any:
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    return get


def _walk(steps: tuple[Step, ...]) -> Getter:
    def get(value: Any) -> Any:
        for step in steps:
            value = _follow(value, step)
        return value

    return get


def _projection(steps: tuple[Step, ...]) -> Getter:
    def get(value: Any) -> Any:
        found = [value]
        for step in steps:
            if step is Each.ITEM:
                found = [item for one in found if isinstance(one, list) for item in one]
            elif isinstance(step, str):
                found = [one.get(step) for one in found if isinstance(one, dict)]
            else:
                found = [_follow(one, step) for one in found]
        present = [one for one in found if one is not None]
        # An empty list must not hide a filled one further along a list of paths.
        return present or None

    return get


def _follow(value: Any, step: Step) -> Any:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    if isinstance(step, int) and isinstance(value, list) and step < len(value):
        return value[step]
    return None
