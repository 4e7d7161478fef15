"""Agents and identities themselves: kept with the export, not loaded unless asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synap_import import Kind, MemoryRecord, Scope

from .cleaning import cleaned, cleaned_agent
from .holds import AGENT, IDENTITY
from .making import SYSTEM
from .people import identity_of, text, texts
from .times import times_of


def agent_record(item: Mapping[str, Any], scope: Scope) -> MemoryRecord:
    """What an agent is."""
    times = times_of(item)
    own = item.get("metadata") or item.get("metadata_")
    shown = {
        "agent_type": text(item.get("agent_type")),
        "timezone": text(item.get("timezone")),
        "project_id": text(item.get("project_id")),
        "hidden": item.get("hidden") is True,
        "metadata": own if isinstance(own, dict) else None,
    }
    words = (text(item.get("name")), text(item.get("description")))
    return MemoryRecord(
        system=SYSTEM,
        id=item["id"],
        kind=Kind.ENTITY,
        text=": ".join(filter(None, words)),
        scope=scope,
        created_at=times.created_at,
        updated_at=times.updated_at,
        assumptions=times.assumptions,
        tags=texts(item.get("tags")),
        metadata={name: value for name, value in shown.items() if value},
        hold=AGENT,
        raw=cleaned_agent(item),
    )


def identity_record(item: Mapping[str, Any]) -> MemoryRecord:
    """Whom the application told Letta about."""
    one = identity_of(item)
    properties = [
        f"{prop.get('key')}: {prop.get('value')}"
        for prop in item.get("properties") or ()
        if isinstance(prop, Mapping)
    ]
    return MemoryRecord(
        system=SYSTEM,
        id=one.id,
        kind=Kind.ENTITY,
        text="\n".join(filter(None, (one.name, *properties))),
        scope=Scope(user=one.key) if one.is_user and one.key else Scope(),
        metadata={
            name: value
            for name, value in (("identifier_key", one.key), ("identity_type", one.type))
            if value
        },
        hold=IDENTITY,
        raw=cleaned(item),
    )
