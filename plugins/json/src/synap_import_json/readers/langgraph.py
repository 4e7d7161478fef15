"""Items of a LangGraph store, as LangMem writes them too: as objects, or as rows of its table.

Whose an item is stands somewhere in its namespace, and only its owner knows where: so the
namespace becomes a group, which patterns of the user map take apart. Facts: langgraph at f09cfe8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from synap_import import Kind

from .parts import Flaw, Made, Tools, record, text_of

SYSTEM = "langgraph"

_TEXTS = ("content", "text", "data", "memory", "summary")


def read(item: dict[str, Any], tools: Tools) -> Made:
    """The record of one item."""
    namespace, key = _namespace(item), text_of(item.get("key"))
    if key is None or not namespace:
        yield Flaw("", "it has no key or no namespace")
        return
    value = _value(item.get("value"))
    text = _words(value)
    if text is None:
        yield Flaw("", "its value is empty")
        return
    written_out = not isinstance(value, str) and _text_in(value) is None
    yield record(
        SYSTEM,
        tools.whose,
        {"group": "/".join(namespace)},
        {
            "created_at": item.get("created_at"),
            "updated_at": item.get("updated_at"),
            "expires_at": item.get("expires_at"),
        },
        # A key is unique only within its namespace.
        id="/".join((*namespace, key)),
        kind=Kind.DOCUMENT if written_out else Kind.FACT,
        text=text,
        tags=_tags(value),
        metadata={"namespace": namespace, "key": key},
        raw=item,
    )


def _namespace(item: Mapping[str, Any]) -> list[str]:
    """Its labels; the table joins them with dots, which no label may contain."""
    labels = item.get("namespace")
    if labels is None:
        labels = item.get("prefix")
    if isinstance(labels, str):
        labels = labels.split(".")
    return [str(label) for label in labels] if isinstance(labels, list) else []


def _value(value: Any) -> Any:
    """The object itself, also where a table keeps it as text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _text_in(value: Any) -> str | None:
    """The text that LangMem and the examples of LangGraph keep in a value."""
    if not isinstance(value, dict):
        return None
    inner = value.get("content")
    if isinstance(inner, dict):
        return _text_in(inner)
    return next((text for name in _TEXTS if (text := text_of(value.get(name)))), None)


def _words(value: Any) -> str | None:
    """Its text, or all of a structured value, a line for each of its fields."""
    if (text := _text_in(value)) is not None:
        return text
    if not isinstance(value, dict):
        return text_of(value)
    inner = value.get("content")
    fields = inner if isinstance(inner, dict) and inner else value
    lines = [f"{name}: {_written(one)}" for name, one in fields.items() if one not in (None, "")]
    return "\n".join(lines) or None


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _tags(value: Any) -> tuple[str, ...]:
    tags = value.get("tags") if isinstance(value, dict) else None
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
