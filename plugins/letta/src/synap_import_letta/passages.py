"""Archival passages: what an agent wrote down for later, one record each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synap_import import Kind, MemoryRecord, Scope

from .cleaning import cleaned
from .holds import CHUNK
from .making import SYSTEM, words
from .people import text, texts
from .times import times_of

_SHOWN = ("archive_id", "file_id", "file_name", "source_id")


def passage_record(
    item: Mapping[str, Any],
    scope: Scope,
    *,
    archive: str = "",
    agents: Sequence[str] = (),
) -> MemoryRecord:
    """A passage with its own time; ``agents`` are those that have it, where they are several."""
    times = times_of(item)
    shown = {name: item[name] for name in _SHOWN if text(item.get(name))}
    own = item.get("metadata")
    extra = {"archive": archive, "agents": list(agents) if len(agents) > 1 else None}
    return MemoryRecord(
        system=SYSTEM,
        id=item["id"],
        kind=Kind.FACT,
        text=words(item, "text"),
        scope=scope,
        created_at=times.created_at,
        updated_at=times.updated_at,
        assumptions=times.assumptions,
        tags=texts(item.get("tags")),
        metadata={
            **({"metadata": own} if isinstance(own, dict) and own else {}),
            **shown,
            **{name: value for name, value in extra.items() if value},
        },
        hold=CHUNK if text(item.get("file_id")) or text(item.get("source_id")) else None,
        raw=cleaned(item),
    )


PassageMaker = Callable[[Mapping[str, Any]], MemoryRecord]
