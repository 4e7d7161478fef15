"""Memory blocks: what an agent always has before its eyes, one record per block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synap_import import Kind, MemoryRecord, Scope

from .cleaning import cleaned
from .holds import COPY_OF_FILE, PERSONA, POLICY, TEMPLATE
from .making import SYSTEM, words
from .people import text, texts
from .times import times_of

_PERSONAS = frozenset({"persona", "memory_persona"})
_HUMAN = "human"


def block_record(
    item: Mapping[str, Any], scope: Scope, *, agents: Sequence[str] = (), in_files: bool = False
) -> MemoryRecord:
    """A block. Servers tell no times of blocks, so it has none, not that of its agent."""
    times = times_of(item)
    own = item.get("metadata") or item.get("metadata_")
    shown = {
        "label": text(item.get("label")),
        "description": text(item.get("description")),
        "read_only": item.get("read_only") is True,
        "agents": list(agents) if len(agents) > 1 else None,
        "metadata": own if isinstance(own, dict) else None,
    }
    return MemoryRecord(
        system=SYSTEM,
        id=item["id"],
        kind=Kind.BLOCK,
        text=words(item, "value"),
        scope=scope,
        created_at=times.created_at,
        updated_at=times.updated_at,
        assumptions=times.assumptions,
        tags=texts(item.get("tags")),
        metadata={name: value for name, value in shown.items() if value},
        hold=_hold(item, in_files=in_files),
        raw=cleaned(item),
    )


def is_persona(label: str) -> bool:
    """Whether a block or a memory file of this name is about the agent itself."""
    return label.rsplit("/", 1)[-1].removesuffix(".md").lower() in _PERSONAS


def _hold(item: Mapping[str, Any], *, in_files: bool) -> str | None:
    label = text(item.get("label"))
    if in_files and "/" in label:
        return COPY_OF_FILE
    if item.get("is_template") is True:
        return TEMPLATE
    if is_persona(label):
        return PERSONA
    return POLICY if item.get("read_only") is True and label != _HUMAN else None
