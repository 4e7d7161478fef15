"""The users' own words: messages of threads, and the episodes of graphs."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any

from synap_import import Kind, MemoryRecord
from synap_import.mapping import Unmappable
from synap_import_zep.holds import COPY

from .items import (
    episode_id,
    made,
    message_id,
    object_in,
    refuse_of_another_graph,
    refuse_of_another_thread,
    some_of,
    text_of,
    textless_episode_id,
    uuid_of,
    word_of,
)
from .times import first_time

if TYPE_CHECKING:
    from .dialect import Graph, Thread

_EPISODE_METADATA = (
    *("source", "source_description", "document_id", "content_policy"),
    *("thread_uuid", "thread_id"),
)


def message_record(item: Any, thread: Thread, position: int) -> MemoryRecord:
    """A turn of a conversation. Raises Unmappable."""
    item = object_in(item)
    refuse_of_another_thread(item, thread)
    created, assumptions = first_time(item, "created_at", "reference_time", "created_at")
    return made(
        id=message_id(uuid_of(item)),
        kind=Kind.MESSAGE,
        text=text_of(item, "content"),
        role=word_of(item, "role", "role_type"),
        name=word_of(item, "name"),
        position=position,
        scope=thread.scope,
        created_at=created,
        metadata=_own_metadata(item),
        assumptions=assumptions,
        raw=item,
    )


def episode_record(
    item: Any, graph: Graph, messages: Container[str], *, in_thread: bool
) -> MemoryRecord:
    """A text of a graph. One that is a message too is held: the message loads.

    ``messages`` are the UUIDs that came out as one, ``in_thread`` says that the messages of the
    episode's thread are read. Raises Unmappable.
    """
    item = object_in(item)
    refuse_of_another_graph(item, graph)
    uuid, text = uuid_of(item), text_of(item, "content")
    created, assumptions = first_time(item, "created_at", "reference_time", "created_at")
    return made(
        id=episode_id(uuid) if text.strip() else textless_episode_id(uuid),
        kind=Kind.DOCUMENT,
        text=text,
        role=word_of(item, "role_type", "role"),
        name=word_of(item, "role_name") or (word_of(item, "role") if "role_type" in item else None),
        scope=graph.scope,
        created_at=created,
        metadata=_episode_metadata(item, graph),
        assumptions=assumptions,
        hold=COPY if in_thread or uuid in messages else None,
        raw=item,
    )


def _episode_metadata(item: Any, graph: Graph) -> dict[str, Any]:
    return {**_own_metadata(item), **some_of(item, _EPISODE_METADATA), **graph_metadata(graph)}


def graph_metadata(graph: Graph) -> dict[str, Any]:
    """Which graph it was, where the scope does not say it whole."""
    return {"graph_name": graph.name} if graph.name and graph.name != graph.id else {}


def _own_metadata(item: Any) -> dict[str, Any]:
    own = item.get("metadata")
    if own is not None and not isinstance(own, dict):
        raise Unmappable("metadata", "is not an object")
    return dict(own or {})
