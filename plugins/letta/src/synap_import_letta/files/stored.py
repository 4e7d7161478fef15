"""Messages as Letta stores them, in agent files: turned into the items that its API serves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from synap_import_letta.people import text

_SPEAKS_IN_TEXT = "letta_v1_agent"
"""Of earlier agents the text is a thought, and words are a call of the tool that speaks."""
_UNPACKED = "user_message"
_THOUGHTS = {"reasoning": "reasoning", "summarized_reasoning": "summary"}
_HIDDEN = frozenset({"redacted_reasoning", "omitted_reasoning"})


def items_of(message: Mapping[str, Any], agent_type: str) -> list[dict[str, Any]]:
    """The items of a stored message (letta 0.16.8, schemas/message.py)."""
    base = {
        "id": message["id"],
        "date": message.get("created_at"),
        "name": message.get("name"),
        "sender_id": message.get("sender_id"),
    }
    role, content = text(message.get("role")), _parts(message)
    match role:
        case "user" | "summary":
            return [{**base, "message_type": "user_message", "content": _unpacked(content)}]
        case "system":
            return [{**base, "message_type": "system_message", "content": content}]
        case "assistant":
            return [*_thoughts_and_words(base, content, agent_type), *_calls(base, message)]
        case "tool":
            returned = message.get("tool_returns") or content
            return [{**base, "message_type": "tool_return_message", "tool_return": returned}]
        case "approval":
            asks = "request" if message.get("tool_calls") else "response"
            kind = f"approval_{asks}_message"
            return [{**base, "message_type": kind, "tool_call": message.get("tool_calls")}]
    return [{**base, "message_type": role or "unknown", "content": content}]


def _parts(message: Mapping[str, Any]) -> Any:
    """The content, which older files have as a plain text."""
    content = message.get("content")
    return text(message.get("text")) if content is None else content


def _unpacked(content: Any) -> Any:
    """The words of a user, which are stored as they came or in a JSON object with the time."""
    words = content
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], Mapping):
        words = content[0].get("text")
    if not isinstance(words, str):
        return content
    with suppress(ValueError, RecursionError):
        packed = json.loads(words)
        if isinstance(packed, dict) and packed.get("type") == _UNPACKED:
            return text(packed.get("message")) or words
    return words


def _thoughts_and_words(
    base: dict[str, Any], content: Any, agent_type: str
) -> list[dict[str, Any]]:
    parts: Sequence[Any] = [{"type": "text", "text": content}] if content else []
    if isinstance(content, list):
        parts = content
    items = []
    for part in parts:
        kind = text(part.get("type")) if isinstance(part, Mapping) else ""
        if kind == "text" and part.get("text"):
            speaks = agent_type in ("", _SPEAKS_IN_TEXT)
            name = "content" if speaks else "reasoning"
            message_type = "assistant_message" if speaks else "reasoning_message"
            items.append({**base, "message_type": message_type, name: part["text"]})
        elif kind in _THOUGHTS:
            thought = {"reasoning": part.get(_THOUGHTS[kind])}
            items.append({**base, "message_type": "reasoning_message", **thought})
        elif kind in _HIDDEN:
            hidden = {"state": kind.partition("_")[0]}
            items.append({**base, "message_type": "hidden_reasoning_message", **hidden})
    return items


def _calls(base: dict[str, Any], message: Mapping[str, Any]) -> list[dict[str, Any]]:
    calls = [
        {
            "name": function.get("name"),
            "arguments": function.get("arguments"),
            "tool_call_id": call.get("id"),
        }
        for call in message.get("tool_calls") or ()
        if isinstance(call, Mapping) and isinstance(function := call.get("function"), Mapping)
    ]
    return [{**base, "message_type": "tool_call_message", "tool_calls": calls}] if calls else []
