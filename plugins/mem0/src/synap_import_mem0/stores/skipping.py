"""Rows that lie among the memories and are none: told apart, left out, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synap_import import Finding, Severity
from synap_import_mem0.memories import is_memory

_LINKED = ("linked_memory_ids", "linkedMemoryIds")

TRACES = ("user_identity", *_LINKED)
"""One of these words is in every payload that is no memory, and in few that are."""


def is_stored_memory(payload: Mapping[str, Any]) -> bool:
    """Whether a row is a memory. An entity index may share the memories' table: the TypeScript
    library names its file after the store's, which fails where that does not end in ``.db``.
    """
    return is_memory(payload) and not is_entity(payload)


def is_entity(payload: Mapping[str, Any]) -> bool:
    """Whether a row belongs to the entity index; only memories carry the hash of their text."""
    return "hash" not in payload and any(name in payload for name in _LINKED)


def skipped_entities(count: int) -> tuple[Finding, ...]:
    """Says that rows of the entity index were not read."""
    if not count:
        return ()
    return (
        Finding(
            Severity.INFO,
            "entity-rows",
            f"{count} rows belong to the index of entities that Mem0 derives from memories, and "
            "are not read.",
            count=count,
        ),
    )
