"""Earlier versions of a memory, from the events that the server keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from synap_import import Link, MemoryRecord, State
from synap_import_mem0.memories import SYSTEM
from synap_import_mem0.times import read_times

_TIMES = {"changed": ("updated_at",)}
_REPLACING = ("UPDATE", "DELETE")


def versions_before(memory: MemoryRecord, events: Iterable[Any]) -> list[MemoryRecord]:
    """What the memory said before, each version as a superseded record.

    The event that replaced a version names it: the first one may have left no event of its own.
    """
    versions: list[MemoryRecord] = []
    begun = memory.created_at
    for event in events:
        if not isinstance(event, Mapping):
            continue
        times, assumptions = read_times(event, _TIMES)
        replaced, event_id = event.get("old_memory"), event.get("id")
        if event.get("event") in _REPLACING and replaced != event.get("new_memory"):
            if isinstance(replaced, str) and replaced and event_id:
                versions.append(
                    MemoryRecord(
                        system=SYSTEM,
                        id=f"{memory.id}:{event_id}",
                        kind=memory.kind,
                        text=replaced,
                        role=memory.role,
                        name=memory.name,
                        scope=memory.scope,
                        created_at=begun,
                        valid_from=begun,
                        valid_to=times.get("changed"),
                        state=State.SUPERSEDED,
                        links=(Link(relation="replaced_by", id=memory.id),),
                        assumptions=tuple(assumptions),
                        raw=dict(event),
                    )
                )
            begun = times.get("changed") or begun
    return versions
