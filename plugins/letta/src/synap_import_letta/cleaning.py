"""What of Letta's objects is kept beside a record: no secrets, no vectors, no pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NEVER = frozenset(
    {
        "embedding",
        "embedding_config",
        "secrets",
        "tool_exec_environment_variables",
        "tools",
        "mcp_servers",
        "llm_config",
    }
)
_OF_AN_AGENT = (
    "id",
    "name",
    "agent_type",
    "description",
    "system",
    "metadata",
    "tags",
    "created_at",
    "updated_at",
    "timezone",
    "hidden",
    "project_id",
    "template_id",
    "base_template_id",
    "deployment_id",
    "entity_id",
    "identity_ids",
    "block_ids",
    "model",
)


def cleaned(item: Mapping[str, Any]) -> dict[str, Any]:
    """The object without the fields that hold vectors or can hold secrets."""
    return {name: value for name, value in item.items() if name not in _NEVER}


def cleaned_agent(item: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of an agent; every other field, also one that is new, is left out."""
    return {name: item[name] for name in _OF_AN_AGENT if item.get(name) is not None}


def cleaned_message(item: Mapping[str, Any]) -> dict[str, Any]:
    """The message with its pictures named, not kept: they come as base64, megabytes each."""
    kept = cleaned(item)
    if isinstance(kept.get("content"), list):
        kept["content"] = [_without_data(part) for part in kept["content"]]
    return kept


def _without_data(part: Any) -> Any:
    source = part.get("source") if isinstance(part, Mapping) else None
    if not isinstance(source, Mapping) or "data" not in source:
        return part
    return {**part, "source": {name: value for name, value in source.items() if name != "data"}}
