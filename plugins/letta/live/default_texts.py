"""Texts that Letta itself wrote, taken out of what is recorded: prompts, and hints to models.

They are long, are Letta's, and tell nothing about memories. What agents, users and the seed wrote
stays. Vectors are shortened, unless a recording is there to show them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LEFT_OUT = "(a text of Letta's own, left out)"

_PROMPTS = frozenset({"system", "prompt", "prompt_template"})
_HINTED_LABELS = frozenset({"human", "persona", "memory_persona"})
_REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
_LONGEST_NOTICE = 200
_NUMBERS_KEPT = 3


def without_default_texts(content: Any) -> Any:
    """A copy of an answer."""
    if isinstance(content, Mapping):
        return {name: _field(content, name, value) for name, value in content.items()}
    if isinstance(content, list):
        return [without_default_texts(item) for item in content]
    return content


def shortened(content: Any) -> Any:
    """A copy without Letta's texts, and with the beginnings of vectors."""
    return _without_vectors(without_default_texts(content))


def _field(item: Mapping[str, Any], name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return without_default_texts(value)
    return LEFT_OUT if _is_lettas(item, name, value) else _REMINDER.sub(LEFT_OUT, value)


def _is_lettas(item: Mapping[str, Any], name: str, value: str) -> bool:
    if name in _PROMPTS:
        return True
    if item.get("message_type") == "system_message":
        return name == "content" and len(value) > _LONGEST_NOTICE
    hinted = item.get("label") in _HINTED_LABELS and name == "description"
    return hinted or (item.get("label") == "memory_persona" and name == "value")


def _without_vectors(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {
            name: value[:_NUMBERS_KEPT]
            if name == "embedding" and isinstance(value, list)
            else _without_vectors(value)
            for name, value in content.items()
        }
    return [_without_vectors(item) for item in content] if isinstance(content, list) else content
