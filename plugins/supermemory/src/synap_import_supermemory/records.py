"""From an item of SuperMemory to records. What becomes of what is a table in the README."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from synap_import import Kind, Link, MemoryRecord, Scope, State, Unreadable

from .models import Document, Memory, Row, read_time

SYSTEM = "supermemory"
_EXCERPT = 200
_RELATIONS: Mapping[Any, Literal["updates", "extends", "derived_from"]] = {
    "updates": "updates",
    "extends": "extends",
    "derives": "derived_from",
}
_OF_A_MEMORY = {
    "version",
    "is_static",
    "is_inference",
    "source_count",
    "root_memory_id",
    "forget_reason",
}
_OF_A_RECORD = {"id", "content", "created_at", "updated_at", "metadata"}
_WORKING = frozenset({"queued", "extracting", "chunking", "embedding", "indexing"})


class Reading(NamedTuple):
    """What the records of a list have in common. ``older``: superseded ones that it showed."""

    api: str
    tag: str | None
    load: str
    now: datetime
    older: set[str]

    @property
    def scope(self) -> Scope:
        """A tag may be a user, a project, anything: the user map decides."""
        return Scope(group=self.tag)


class Converted(NamedTuple):
    """The records of some items, and the items that cannot become one."""

    records: list[MemoryRecord]
    unreadable: list[Unreadable]


def converted(
    rows: Sequence[Row], convert: Callable[[Any], Iterable[MemoryRecord]], where: str
) -> Converted:
    """Every item that can, becomes records; the others are told by their place."""
    result = Converted([], [])
    for row in rows:
        try:
            result.records.extend(convert(row.item))
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            reason = f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}".lstrip(": ")
            excerpt = json.dumps(row.item, ensure_ascii=False)[:_EXCERPT]
            result.unreadable.append(Unreadable(f"{where}/{row.id}", reason, excerpt))
    return result


def records_of_memory(item: Any, reading: Reading) -> Iterator[MemoryRecord]:
    """The fact, then its earlier versions. Raises pydantic's ValidationError."""
    newest = Memory.model_validate(item)
    yield _fact(item, newest, reading)
    if not newest.is_latest:
        reading.older.add(newest.id)
    versions = [(raw, Memory.model_validate(raw)) for raw in newest.history or ()]
    # An older version that the list shows by itself has been told, and with more about it.
    versions = [pair for pair in versions if pair[1].id not in {newest.id, *reading.older}]
    versions.sort(key=lambda pair: pair[1].version or 0)
    successors = [*(version for _, version in versions[1:]), newest]
    for (raw, version), successor in zip(versions, successors, strict=False):
        yield _fact(raw, version, reading, successor)


def records_of_document(
    item: Any, reading: Reading, *, too_large: bool = False
) -> Iterator[MemoryRecord]:
    """The document under the tag of the list, or under all of its own where the list has none.

    Raises pydantic's ValidationError.
    """
    document = Document.model_validate(item)
    tags: list[str | None] = [reading.tag]
    if reading.tag is None and document.container_tags:
        tags = [*document.container_tags]
    for tag in tags:
        yield _document(item, document, reading._replace(tag=tag), too_large=too_large)


def is_unfinished(record: MemoryRecord) -> bool:
    """Whether memories of a document may still come."""
    told = record.metadata[SYSTEM]
    return told.get("dreaming_status") == "dreaming" or told.get("status") in _WORKING


def _fact(
    raw: Any, memory: Memory, reading: Reading, successor: Memory | None = None
) -> MemoryRecord:
    times = _times(
        created_at=memory.created_at,
        updated_at=memory.updated_at,
        expires_at=memory.forget_after,
        valid_from=_valid_from(memory),
        valid_to=successor.created_at if successor else None,
    )
    marks = {"static": memory.is_static, "inferred": memory.is_inference}
    return MemoryRecord(
        system=SYSTEM,
        id=memory.id,
        text=memory.memory,
        scope=reading.scope,
        state=_state(memory, times.get("expires_at"), reading.now, successor),
        tags=tuple(mark for mark, has in marks.items() if has),
        metadata=_metadata(memory.metadata, reading, memory.model_dump(include=_OF_A_MEMORY)),
        links=tuple(dict.fromkeys(_links(memory, successor))),
        hold="memory-of-documents" if reading.load == "documents" else None,
        raw=raw,
        **times,
    )


def _document(item: Any, document: Document, reading: Reading, *, too_large: bool) -> MemoryRecord:
    told = {"document_id": document.id, **document.model_dump(exclude=_OF_A_RECORD)}
    return MemoryRecord(
        system=SYSTEM,
        id=_document_id(document, reading),
        kind=Kind.DOCUMENT,
        text=document.content or "",
        scope=reading.scope,
        metadata=_metadata(document.metadata, reading, told),
        hold="document-too-large" if too_large else _why_held(document, reading),
        raw=item,
        **_times(created_at=document.created_at, updated_at=document.updated_at),
    )


def _document_id(document: Document, reading: Reading) -> str:
    """In v5 the id of a document counts within its namespace. In v3 a document under several
    tags is a record for each of them, and the first keeps the id as it is.
    """
    tags = document.container_tags or ()
    is_further = reading.tag in tags and reading.tag != min(tags)
    return f"{reading.tag}/{document.id}" if is_further or reading.api == "v5" else document.id


def _why_held(document: Document, reading: Reading) -> str | None:
    if (document.content or "").strip():
        return "document-of-memories" if reading.load == "memories" else None
    if document.status in _WORKING:
        return "document-unfinished"
    return "document-failed" if document.status == "failed" else "file-only"


def _state(
    memory: Memory, expires_at: datetime | None, now: datetime, successor: Memory | None
) -> State:
    if expires_at is not None and expires_at <= now:
        return State.EXPIRED
    if memory.is_forgotten:
        return State.DELETED
    return State.SUPERSEDED if successor or not memory.is_latest else State.ACTIVE


def _links(memory: Memory, successor: Memory | None) -> Iterator[Link]:
    if successor:
        yield Link(relation="replaced_by", id=successor.id)
    for other, relation in (memory.memory_relations or {}).items():
        if isinstance(relation, str) and relation in _RELATIONS:
            yield Link(relation=_RELATIONS[relation], id=other)
    if memory.parent_memory_id:
        yield Link(relation="updates", id=memory.parent_memory_id)
    for document_id in memory.document_ids or ():
        yield Link(relation="derived_from", id=document_id)


def _valid_from(memory: Memory) -> Any:
    """When it happened, or else when it was written down.

    That may be in one of two places, and ``temporalContext`` may be another name of ``metadata``.
    """
    for place in (memory.temporal_context, memory.metadata):
        if isinstance(place, dict):
            inner = place.get("temporalContext")
            context = inner if isinstance(inner, dict) else place
            events = context.get("eventDate")
            first = next(iter(events), None) if isinstance(events, list) else events
            if date := first or context.get("documentDate"):
                return date
    return None


def _metadata(own: Any, reading: Reading, told: Mapping[str, Any]) -> dict[str, Any]:
    """The source's own, and beside it what SuperMemory knows, under one key."""
    ours = {"container_tag": reading.tag, **told}
    ours = {name: value for name, value in ours.items() if value is not None}
    if own is None:
        return {SYSTEM: ours}
    if isinstance(own, dict) and SYSTEM not in own:
        return {**own, SYSTEM: ours}
    return {SYSTEM: {**ours, "metadata": own}}


def _times(**given: Any) -> dict[str, Any]:
    """Times by the record's names, and what had to be assumed about them."""
    read = {name: read_time(value) for name, value in given.items() if value not in (None, "")}
    times: dict[str, Any] = {name: one.time for name, one in read.items() if one.time}
    assumed = [f"{one.assumption}:{name}" for name, one in read.items() if one.assumption]
    return {**times, "assumptions": tuple(assumed)}
