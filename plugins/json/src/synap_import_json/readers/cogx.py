"""Cognee's exchange format (COGX 0.1): a mapping for all kinds but episodes, which are dialogues.

Facts: cognee at 00d4c90, cognee/modules/migration/cogx.py.
"""

from __future__ import annotations

from typing import Any

from synap_import import Kind

from .parts import Flaw, Made, Tools, listed, record, text_of

SYSTEM = "cognee"


def read(item: dict[str, Any], tools: Tools) -> Made:
    """The record of an item, or those of the turns of an episode."""
    if item.get("kind") != "episode":
        yield tools.mapped(item)
        return
    session = text_of(item.get("external_id"))
    if session is None:
        yield Flaw("", "the episode has no external_id")
        return
    scope = item.get("scope")
    own = scope if isinstance(scope, dict) else {}
    for position, turn in enumerate(listed(item.get("turns"))):
        yield record(
            SYSTEM,
            tools.whose,
            {
                "user": text_of(own.get("user_id")),
                "agent": text_of(own.get("agent_id")),
                "session": session,
            },
            {"created_at": turn.get("occurred_at")},
            id=f"{session}/{position}",
            kind=Kind.MESSAGE,
            text=text_of(turn.get("content")) or "",
            role=text_of(turn.get("role")),
            position=position,
            metadata={
                "title": item.get("title"),
                "external_system": item.get("external_system"),
                "session_id": own.get("session_id"),
                "run_id": own.get("run_id"),
            },
            raw={**turn, "episode": session},
        )
