"""Reads the part of YAML that a mapping needs, and remembers where everything stands.

Scalars are what YAML 1.2 makes of them: ``no`` and ``on`` are words, ``12:30`` and
``2026-01-15`` are text. Anchors, aliases, merge keys and own tags are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from synap_import.errors import MappingError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

# No message can show half a character, no name in a file can need one.
_HALF = re.compile("[\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"
_REMEDY = "See docs/mapping.md for what a mapping file can say."


class _RefusedError(Exception):
    """Something that YAML allows, and a mapping file does not."""

    def __init__(self, problem: str, event: yaml.Event) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mark: Any = event.start_mark


class _Loader(yaml.SafeLoader):
    """Composes nodes; nothing is ever constructed from them by PyYAML."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise _RefusedError("anchors and aliases are not allowed here", event)
        if self.depth >= MAX_DEPTH:
            raise _RefusedError(f"this is nested deeper than {MAX_DEPTH} levels", event)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"-?(?:0|[1-9][0-9]{0,17})", list("-0123456789")),
    (
        "float",
        r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?",
        list("-0123456789"),
    ),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), _first)


def compose(text: str, name: str) -> yaml.Node:
    """The node tree of a YAML text. Raises MappingError with ``name``, line and column."""
    check_size(len(text.encode("utf-8", "replace")), name)
    try:
        node: yaml.Node | None = _Loader(text).get_single_node()
    except _RefusedError as error:
        raise at(name, error.mark, error.problem) from error
    except yaml.MarkedYAMLError as error:
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise at(name, error.problem_mark, problem or "this is not YAML") from error
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise MappingError(f"{name} is not YAML: {reason}.", remedy=_REMEDY) from error
    if node is None:
        raise MappingError(f"{name} is empty.", remedy=_REMEDY)
    return node


def check_size(size: int, name: str) -> None:
    """Raise MappingError when a file has more bytes than a mapping can need."""
    if size > MAX_BYTES:
        raise MappingError(f"{name} is larger than {MAX_BYTES // 1024} KB.", remedy=_REMEDY)


def to_plain(node: yaml.Node, name: str) -> Any:
    """What the tree says, as plain values; keys of mappings stay as they are written."""
    tag = node.tag.removeprefix(_TAG)
    if isinstance(node, yaml.ScalarNode):
        _refuse_half_characters(node, name)
        return _scalar(node, tag, name)
    if isinstance(node, yaml.SequenceNode) and tag == "seq":
        return [to_plain(item, name) for item in node.value]
    if isinstance(node, yaml.MappingNode) and tag == "map":
        return _mapping(node, name)
    raise at(name, node.start_mark, f"the tag {node.tag} is not allowed here")


def locate(
    root: yaml.Node, path: Sequence[str | int], *, key: bool = False
) -> tuple[tuple[str | int, ...], yaml.Mark]:
    """The part of ``path`` that stands in the file, and where its value, or key, begins.

    Steps that a shorthand leaves out are passed over.
    """
    node, mark = root, root.start_mark
    found: list[str | int] = []
    for part in path:
        step = _child(node, part)
        if step is not None:
            name_node, node = step
            mark = (name_node if key else node).start_mark
            found.append(part)
    return tuple(found), mark


def at(name: str, mark: yaml.Mark | None, problem: str) -> MappingError:
    """An error that says where: file, line and column, counted from 1."""
    return MappingError(f"{place(name, mark)}: {problem}.", remedy=_REMEDY)


def place(name: str, mark: yaml.Mark | None) -> str:
    """``name, line 3, column 5``."""
    return name if mark is None else f"{name}, line {mark.line + 1}, column {mark.column + 1}"


def _scalar(node: yaml.ScalarNode, tag: str, name: str) -> Any:
    text: str = node.value
    match tag:
        case "str":
            return text
        case "null":
            return None
        case "bool" if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        case "int" | "float":
            try:
                return int(text) if tag == "int" else float(text)
            except ValueError:
                raise at(name, node.start_mark, f"'{text[:40]}' is not a number") from None
    raise at(name, node.start_mark, f"the tag {node.tag} is not allowed here")


def _refuse_half_characters(node: yaml.ScalarNode, name: str) -> None:
    if _HALF.search(node.value):
        raise at(name, node.start_mark, "this text holds half a character (a lone surrogate)")


def _mapping(node: yaml.MappingNode, name: str) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise at(name, key.start_mark, "a key must be a word")
        _refuse_half_characters(key, name)
        if key.value in plain:
            raise at(name, key.start_mark, f"'{key.value}' stands here a second time")
        plain[key.value] = to_plain(value, name)
    return plain


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in node.value if pair[0].value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item, item
    return None
