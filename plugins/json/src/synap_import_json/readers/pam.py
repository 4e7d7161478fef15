"""Portable AI Memory 1.0: memories of one owner, and conversations in files of their own.

Facts: portable-ai-memory at d634ce8, its specification and JSON Schemas.
"""

from __future__ import annotations

from typing import Any

from synap_import import Kind, Link

from .parts import ABANDONED, MACHINE, Flaw, Made, Tools, listed, record, text_of
from .trees import way_to

SYSTEM = "pam"


def read_memory(item: dict[str, Any], tools: Tools) -> Made:
    """The record of a memory, with the memory that replaced it as a link."""
    made = tools.mapped(item)
    temporal = item.get("temporal")
    newer = text_of(temporal.get("superseded_by")) if isinstance(temporal, dict) else None
    links = (Link(relation="replaced_by", id=newer),) if newer else ()
    yield made.model_copy(update={"links": links}) if links else made


def read_conversation(item: dict[str, Any], tools: Tools) -> Made:
    """The messages of a conversation; branches that its last message is not on are held."""
    given = item.get("provider")
    provider: dict[str, Any] = given if isinstance(given, dict) else {}
    session = text_of(provider.get("conversation_id")) or text_of(item.get("id"))
    messages = {own: one for one in listed(item.get("messages")) if (own := text_of(one.get("id")))}
    if session is None:
        yield Flaw("", "the conversation has no id")
        return
    branches = any(len(one.get("children_ids") or ()) > 1 for one in messages.values())

    def parent_of(own_id: str) -> str | None:
        parent = messages[own_id].get("parent_id")
        return parent if isinstance(parent, str) and parent in messages else None

    way = set(way_to(next(reversed(messages), None), parent_of)) if branches else set(messages)
    for position, (own_id, message) in enumerate(messages.items()):
        role = text_of(message.get("role"))
        machine = message.get("is_thought") is True or role in {"system", "tool"}
        yield record(
            SYSTEM,
            tools.whose,
            {"user": text_of(provider.get("account_id")), "session": session},
            {"created_at": message.get("created_at")},
            id=f"{session}/{own_id}",
            kind=Kind.MESSAGE,
            text=_text(message.get("content")),
            role=role,
            position=position,
            hold=ABANDONED if own_id not in way else MACHINE if machine else None,
            metadata={"title": item.get("title"), "platform": provider.get("name")},
            raw=message,
        )


def _text(content: Any) -> str:
    if not isinstance(content, dict):
        return ""
    parts = [text_of(part.get("text")) for part in listed(content.get("parts"))]
    return text_of(content.get("text")) or "\n".join(filter(None, parts))
