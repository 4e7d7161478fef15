"""From an item of SuperMemory to records. What becomes of what is a table in the README."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from synap_import import Kind, Link, MemoryRecord, Scope, State, Unreadable

from .holds import (
    DOCUMENT_OF_MEMORIES,
    FAILED,
    FILE_ONLY,
    MEMORY_OF_DOCUMENTS,
    TOO_LARGE,
    UNFINISHED,
)
from .models import Document, Memory, Row, as_dict, as_v4, read_time

if TYPE_CHECKING:
    from .dialects import Slice

SYSTEM = "supermemory"
_EXCERPT = 200
_WORKING = frozenset({"queued", "extracting", "chunking", "embedding", "indexing"})
_RELATIONS: Mapping[Any, Literal["updates", "extends", "derived_from"]] = {
    "updates": "updates",
    "extends": "extends",
    "derives": "derived_from",
}
_TOLD_OF_A_MEMORY = "version isStatic isInference sourceCount rootMemoryId forgetReason"
_TOLD_OF_A_DOCUMENT = (
    "id customId title summary url type status dreamingStatus connectionId filepath containerTags"
)


@dataclass(slots=True)
class Reading:
    """Makes the records of one list. ``older``: the superseded memories that it showed."""

    of: Slice
    api: str
    load: str
    now: datetime
    older: set[str] = field(default_factory=set)

    def records(
        self, rows: Sequence[Row], are_too_large: bool = False
    ) -> tuple[list[MemoryRecord], list[Unreadable]]:
        """Every item that can, becomes records; the others are told by their place."""
        records: list[MemoryRecord] = []
        unreadable: list[Unreadable] = []
        for row in rows:
            try:
                if self.of.kind == "memories":
                    records.extend(self._of_memory(row.item))
                else:
                    records.extend(self._of_document(row.item, are_too_large))
            except ValidationError as error:
                problem = error.errors(include_input=False, include_url=False)[0]
                reason = f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}".lstrip(": ")
                excerpt = json.dumps(row.item, ensure_ascii=False)[:_EXCERPT]
                unreadable.append(Unreadable(f"{self.of}/{row.id}", reason, excerpt))
        return records, unreadable

    def _of_memory(self, item: Any) -> Iterator[MemoryRecord]:
        """The fact, then its earlier versions."""
        newest = Memory.model_validate(item)
        yield self._fact(item, newest)
        if not newest.is_latest:
            self.older.add(newest.id)
        versions = [(raw, Memory.model_validate(raw)) for raw in newest.history or ()]
        # An older version that the list shows by itself has been told, and with more about it.
        versions = [pair for pair in versions if pair[1].id not in {newest.id, *self.older}]
        versions.sort(key=lambda pair: pair[1].version or 0)
        successors = [*(version for _, version in versions[1:]), newest]
        for (raw, version), successor in zip(versions, successors, strict=False):
            yield self._fact(raw, version, successor)

    def _fact(self, raw: Any, memory: Memory, successor: Memory | None = None) -> MemoryRecord:
        times = _times(
            created_at=memory.created_at,
            updated_at=memory.updated_at,
            expires_at=memory.forget_after,
            valid_from=_valid_from(memory),
            valid_to=successor.created_at if successor else None,
        )
        is_over = "expires_at" in times and times["expires_at"] <= self.now
        marks = {"static": memory.is_static, "inferred": memory.is_inference}
        return MemoryRecord(
            system=SYSTEM,
            id=memory.id,
            text=memory.memory,
            scope=Scope(group=self.of.tag),
            state=State.EXPIRED if is_over else _state(memory, successor),
            tags=tuple(mark for mark, has in marks.items() if has),
            metadata=_metadata(raw, self.of.tag, _TOLD_OF_A_MEMORY),
            links=tuple(dict.fromkeys(_links(memory, successor))),
            hold=MEMORY_OF_DOCUMENTS if self.load == "documents" else None,
            raw=raw,
            **times,
        )

    def _of_document(self, item: Any, is_too_large: bool) -> Iterator[MemoryRecord]:
        """One for each tag that it is under: in v3 the first of them keeps the id as it is, and
        in v5 ids count within a namespace.
        """
        document = Document.model_validate(item)
        every = document.container_tags or ()
        tags: list[str | None] = [self.of.tag]
        for tag in every if self.of.tag is None and every else tags:
            is_further = tag in every and tag != min(every)
            yield MemoryRecord(
                system=SYSTEM,
                id=f"{tag}/{document.id}" if is_further or self.api == "v5" else document.id,
                kind=Kind.DOCUMENT,
                text=document.content or "",
                scope=Scope(group=tag),
                metadata=_metadata(item, tag, _TOLD_OF_A_DOCUMENT),
                hold=TOO_LARGE if is_too_large else self._why_held(document),
                raw=item,
                **_times(created_at=document.created_at, updated_at=document.updated_at),
            )

    def _why_held(self, document: Document) -> str | None:
        if (document.content or "").strip():
            return DOCUMENT_OF_MEMORIES if self.load == "memories" else None
        if document.status in _WORKING:
            return UNFINISHED
        return FAILED if document.status == "failed" else FILE_ONLY


def is_unfinished(record: MemoryRecord) -> bool:
    """Whether memories of a document may still come."""
    told = record.metadata[SYSTEM]
    return told.get("dreamingStatus") == "dreaming" or told.get("status") in _WORKING


def _state(memory: Memory, successor: Memory | None) -> State:
    if memory.is_forgotten:
        return State.DELETED
    return State.SUPERSEDED if successor or not memory.is_latest else State.ACTIVE


def _links(memory: Memory, successor: Memory | None) -> Iterator[Link]:
    if successor:
        yield Link(relation="replaced_by", id=successor.id)
    for other, relation in (memory.memory_relations or {}).items():
        if known := _RELATIONS.get(str(relation)):
            yield Link(relation=known, id=other)
    if memory.parent_memory_id:
        yield Link(relation="updates", id=memory.parent_memory_id)
    for document_id in memory.document_ids or ():
        yield Link(relation="derived_from", id=document_id)


def _valid_from(memory: Memory) -> Any:
    """When it happened, or else when it was written down.

    That may be in one of two places, and ``temporalContext`` may be another name of ``metadata``.
    """
    for place in map(as_dict, (memory.temporal_context, memory.metadata)):
        context = as_dict(place.get("temporalContext")) or place
        events = context.get("eventDate")
        first = next(iter(events), None) if isinstance(events, list) else events
        if date := first or context.get("documentDate"):
            return date
    return None


def _metadata(item: Any, tag: str | None, names: str) -> dict[str, Any]:
    """The source's own, and beside it what SuperMemory knows, under one key and its own names."""
    fields, own = as_v4(item), item.get("metadata")
    told = {name: fields.get(name) for name in names.split()}
    ours = {"containerTag": tag, **told}
    ours = {name: value for name, value in ours.items() if value is not None}
    if isinstance(own, dict) and SYSTEM not in own:
        return {**own, SYSTEM: ours}
    return {SYSTEM: ours if own is None else {**ours, "metadata": own}}


def _times(**given: Any) -> dict[str, Any]:
    """Times by the record's names, and what had to be assumed about them."""
    read = {name: read_time(value) for name, value in given.items() if value not in (None, "")}
    times: dict[str, Any] = {name: one.time for name, one in read.items() if one.time}
    assumed = [f"{one.assumption}:{name}" for name, one in read.items() if one.assumption]
    return {**times, "assumptions": tuple(assumed)}
