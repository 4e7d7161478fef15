"""ChatGPT's export: each conversation is a tree, and what counts is the way to its current node.

Facts: the importer mappings of Portable AI Memory, checked on real exports in February 2026;
OpenAI publishes no description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synap_import import Kind

from .parts import ABANDONED, MACHINE, Flaw, Made, Tools, record, text_of
from .trees import depths, way_to

SYSTEM = "chatgpt"
HIDDEN = "hidden-message"

_SAID = {"text", "multimodal_text"}
# Where contents that are no list of parts keep their words.
_WORDS = ("text", "result", "content", "user_profile", "user_instructions")


def read(conversation: dict[str, Any], tools: Tools) -> Made:
    """The messages of one conversation; those of abandoned branches are held."""
    session = text_of(conversation.get("conversation_id")) or text_of(conversation.get("id"))
    nodes = conversation.get("mapping")
    if session is None or not isinstance(nodes, dict):
        yield Flaw("", "it has no conversation_id, or no mapping of messages")
        return

    def parent_of(node: str) -> str | None:
        parent = nodes[node].get("parent") if isinstance(nodes[node], dict) else None
        return parent if isinstance(parent, str) and parent in nodes else None

    current, assumptions = _current(conversation, nodes)
    way, depth = way_to(current, parent_of), depths(nodes, parent_of)
    followed = set(way)
    for node in (*way, *(one for one in nodes if one not in followed)):
        message = nodes[node].get("message") if isinstance(nodes[node], dict) else None
        if message is None:
            continue
        if not isinstance(message, dict):
            yield Flaw(f".{node}", "the message is no object")
            continue
        text, left_out = _text(message)
        if not text and not left_out:
            continue  # each conversation begins with one of the system that says nothing
        yield record(
            SYSTEM,
            tools.whose,
            {"session": session},
            {"created_at": message.get("create_time"), "updated_at": message.get("update_time")},
            "epoch_s",
            # A conversation that was continued elsewhere has the same message ids.
            id=f"{session}/{text_of(message.get('id')) or node}",
            kind=Kind.MESSAGE,
            text=text,
            role=_role(message),
            position=depth[node],
            hold=_hold(message, on_the_way=node in followed),
            metadata={
                "title": conversation.get("title"),
                "model": _meta(message).get("model_slug"),
                "left_out_parts": left_out,
            },
            assumptions=assumptions,
            raw=nodes[node],
        )


def _current(
    conversation: dict[str, Any], nodes: Mapping[str, Any]
) -> tuple[str | None, tuple[str, ...]]:
    """The node that the conversation ends with; without one, the last that nobody answers."""
    current = conversation.get("current_node")
    if isinstance(current, str) and current in nodes:
        return current, ()
    leaves = [one for one, node in nodes.items() if not (node or {}).get("children")]
    return (leaves[-1] if leaves else None), ("no-current-node",)


def _role(message: dict[str, Any]) -> str | None:
    author = message.get("author")
    return text_of(author.get("role")) if isinstance(author, dict) else None


def _meta(message: dict[str, Any]) -> dict[str, Any]:
    metadata = message.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _content(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    return content if isinstance(content, dict) else {}


def _text(message: dict[str, Any]) -> tuple[str, list[str]]:
    """What the message says, and the kinds of parts that are no text."""
    content = _content(message)
    parts = content.get("parts")
    if not isinstance(parts, list):
        words = [text_of(content.get(name)) for name in _WORDS]
        return "\n".join(filter(None, words)), []
    said: list[str] = []
    left_out: list[str] = []
    for part in parts:
        text = text_of(part.get("text") if isinstance(part, dict) else part)
        if text is not None:
            said.append(text)
        elif isinstance(part, dict):
            left_out.append(str(part.get("content_type") or "unknown"))
    return "\n".join(said), left_out


def _hold(message: dict[str, Any], *, on_the_way: bool) -> str | None:
    if not on_the_way:
        return ABANDONED
    if _meta(message).get("is_visually_hidden_from_conversation") is True:
        return HIDDEN
    to_people = message.get("recipient") in (None, "all")
    spoken = _role(message) in {"user", "assistant"}
    said = _content(message).get("content_type") in _SAID
    return None if to_people and spoken and said else MACHINE
