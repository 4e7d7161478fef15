"""The history feed: what happened to memories, as earlier versions and as a census.

``/v1/memories/events/`` has an entry for each change of each memory. It is the one place that
names memories independently of filters, so also those that no filter reaches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anyio.lowlevel import checkpoint

from synap_import import Exported, Link, MemoryRecord, Page, State
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import SYSTEM, record_of_item

from .client import EVENTS_PER_PAGE, PlatformClient
from .enumeration import Subset, subset_of
from .listing import Cursor, converted
from .paging import Place, walk_pages

_AHEAD = 4
_EMBEDDINGS = ("previous_embedding_qwen", "embedding_qwen")
_EXAMPLES = 3


def is_earlier_version(event: Any) -> bool:
    """Whether an entry holds a text that the memory no longer has."""
    return isinstance(event, Mapping) and _text_before(event) is not None


def version_of_event(event: Mapping[str, Any], *, now: datetime) -> MemoryRecord:
    """The version that a change ended, under an id of its own.

    What the memory said last before it was deleted is deleted; the versions before that are
    superseded. Raises Unmappable.
    """
    memory_id, entry_id = event.get("memory_id"), event.get("id")
    if not isinstance(memory_id, str) or not isinstance(entry_id, str):
        raise Unmappable("id", "of the history entry or its memory is missing")
    kept = {name: value for name, value in event.items() if name not in _EMBEDDINGS}
    item = {**kept, "id": f"{memory_id}:{entry_id}", "memory": _text_before(event)}
    ended = record_of_item({**item, "updated_at": None}, now=now, own_metadata=True)
    deleted = event.get("event") == "DELETE"
    return ended.model_copy(
        update={
            "state": State.DELETED if deleted else State.SUPERSEDED,
            "links": () if deleted else (Link(relation="replaced_by", id=memory_id),),
            # The entry's time is when this version ended; when it began it does not say.
            "created_at": None,
            "valid_to": ended.created_at,
            "raw": kept,
        }
    )


async def version_pages(
    client: PlatformClient, start: Cursor, *, now: datetime
) -> AsyncGenerator[Page, None]:
    """The earlier versions in the feed, page by page."""
    place = Place(start.page, start.widest)
    async with aclosing(walk_pages(client.events, EVENTS_PER_PAGE, start=place)) as steps:
        async for step in steps:
            ended = [event for event in step.listing.items if is_earlier_version(event)]
            records, unreadable = converted(ended, lambda event: version_of_event(event, now=now))
            cursor = str(Cursor(1, *step.place)) if step.goes_on else None
            yield Page(records, cursor, unreadable)


@dataclass(slots=True)
class Census:
    """The memories that the feed names, compared with what came out.

    Memory grows with what is not there, never with what is.
    """

    alive_but_missing: set[str] = field(default_factory=set)
    deleted_since: int = 0
    examples: list[str] = field(default_factory=list)
    versions: Counter[Subset] = field(default_factory=Counter)
    _deleted: set[str] = field(default_factory=set)

    def take(self, events: Sequence[Any], exported: Exported, *, now: datetime) -> None:
        """Note a page of the feed. A deletion is final: ids do not come back."""
        named = [one for one in events if _names_memory(one)]
        ids = {one["memory_id"] for one in named}
        missing = set(exported.missing(SYSTEM, sorted(ids)))
        gone = {one["memory_id"] for one in named if one.get("event") == "DELETE"}
        self._deleted |= gone & missing
        self.alive_but_missing |= missing
        self.alive_but_missing -= self._deleted
        self.deleted_since += len(gone - missing)
        self.examples = [*self.examples, *sorted(gone - missing)][:_EXAMPLES]
        self._note_versions(events, exported, now=now)

    def _note_versions(self, events: Sequence[Any], exported: Exported, *, now: datetime) -> None:
        ended = [event for event in events if is_earlier_version(event)]
        records, _ = converted(ended, lambda event: version_of_event(event, now=now))
        missing = set(exported.missing(SYSTEM, [record.id for record in records]))
        self.versions.update(
            subset_of(record.scope) for record in records if record.id not in missing
        )


async def take_census(client: PlatformClient, exported: Exported, *, now: datetime) -> Census:
    """Read the feed to its end, several pages at a time."""
    census = Census()
    async with aclosing(walk_pages(client.events, EVENTS_PER_PAGE, ahead=_AHEAD)) as steps:
        async for step in steps:
            census.take(step.listing.items, exported, now=now)
            await checkpoint()
    return census


def _names_memory(event: Any) -> bool:
    return isinstance(event, Mapping) and isinstance(event.get("memory_id"), str)


def _text_before(event: Mapping[str, Any]) -> str | None:
    before, kind = event.get("old_memory"), event.get("event")
    if kind == "DELETE":
        before = before or event.get("new_memory")
    elif kind != "UPDATE" or before == event.get("new_memory"):
        return None
    return before if isinstance(before, str) and before else None
