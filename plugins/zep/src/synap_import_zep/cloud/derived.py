"""What Zep made of the texts: facts, entities, observations and summaries.

All of it is exported. By default it is held, because Synap makes memories of the texts itself
and would count everything twice; facts and summaries of users load where their texts are missing.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from synap_import import Kind, Link, MemoryRecord, State
from synap_import_zep.holds import (
    DOCUMENT_SUMMARY,
    ENTITY,
    FACT,
    MEMBER,
    OBSERVATION,
    SUMMARY,
    THREAD_SUMMARY,
)
from synap_import_zep.validity import Validity

from .dialect import Graph, Part
from .items import (
    episode_id,
    made,
    object_in,
    refuse_of_another_graph,
    some_of,
    text_of,
    uuid_of,
    uuids_in,
    word_of,
)
from .texts import graph_metadata
from .times import first_time, moment

_FACT_METADATA = (
    *("name", "source_node_uuid", "source_node_name", "source_node_labels"),
    *("target_node_uuid", "target_node_name", "target_node_labels"),
    *("episode_uuids", "attributes", "scope", "hyperedge_uuid", "edges"),
    *("valid_at", "invalid_at", "created_at", "expired_at"),
)
_EPISODES = ("episode_uuids", "episodes", "episode_ids")
_OTHERS = {
    Part.ENTITIES: ("entity", Kind.ENTITY, ENTITY),
    Part.OBSERVATIONS: ("observation", Kind.SUMMARY, OBSERVATION),
    Part.THREAD_SUMMARIES: ("thread-summary", Kind.SUMMARY, THREAD_SUMMARY),
    Part.DOCUMENT_SUMMARIES: ("document-summary", Kind.SUMMARY, DOCUMENT_SUMMARY),
}
_OTHER_METADATA = (
    *("name", "attributes", "episode_uuids", "thread_uuid", "thread_id", "document_id"),
    *("last_summarized_at", "last_summarized_episode_valid_at", "degree"),
    *("start_at", "end_at", "latest_evidence_at"),
)


@dataclass(frozen=True, slots=True)
class Deriving:
    """What decides about derived records: whether they are asked for, and when it is now."""

    loads: bool
    now: datetime

    def hold(self, reason: str, item: Mapping[str, Any], texts: Container[str]) -> str | None:
        """The reason, unless it was asked for, or none of its texts came out."""
        if self.loads:
            return None
        cut_off = item.get("episode_uuids_truncated") or item.get("episodes_truncated")
        has_text = any(uuid in texts for uuid in episodes_of(item))
        return reason if has_text or cut_off else None


def episodes_of(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The UUIDs of the episodes that it was made of; of an entity the newest 100."""
    return uuids_in(item, *_EPISODES)


def hyperedge_id(uuid: str) -> str:
    """Of the fact that several edges repeat."""
    return f"hyperedge:{uuid}"


def fact_record(item: Any, graph: Graph, texts: Container[str], rules: Deriving) -> MemoryRecord:
    """An edge: one sentence about two entities. Raises Unmappable.

    ``texts`` are the UUIDs of the episodes whose texts came out.
    """
    item = object_in(item)
    hold = rules.hold(FACT, item, texts)
    return _fact(f"fact:{uuid_of(item)}", item, graph, hold, rules.now)


def member_record(item: Mapping[str, Any], graph: Graph, rules: Deriving) -> MemoryRecord:
    """An edge of a hyperedge: it repeats the hyperedge's fact. Raises Unmappable."""
    return _fact(f"fact:{uuid_of(item)}", item, graph, MEMBER, rules.now)


def hyperedge_record(item: Any, graph: Graph, rules: Deriving) -> MemoryRecord:
    """The fact of a hyperedge, once. Raises Unmappable.

    It does not say of which episodes it was made, so it never loads for want of a text.
    """
    item = object_in(item)
    hold = None if rules.loads else FACT
    return _fact(hyperedge_id(uuid_of(item)), item, graph, hold, rules.now)


def standing_in_record(
    item: Mapping[str, Any], graph: Graph, texts: Container[str], rules: Deriving
) -> MemoryRecord:
    """The fact of a hyperedge from one of its edges, where Zep lists none. Raises Unmappable."""
    hold = rules.hold(FACT, item, texts)
    record_id = hyperedge_id(word_of(item, "hyperedge_uuid") or uuid_of(item))
    return _fact(record_id, item, graph, hold, rules.now)


def _fact(
    record_id: str, item: Mapping[str, Any], graph: Graph, hold: str | None, now: datetime
) -> MemoryRecord:
    refuse_of_another_graph(item, graph)
    fact = text_of(item, "fact")
    validity = Validity(
        moment(item.get("valid_at")), moment(item.get("invalid_at")), moment(item.get("expired_at"))
    )
    holds = validity.holds(now)
    created, assumptions = first_time(item, "created_at", "valid_at", "created_at")
    return made(
        id=record_id,
        kind=Kind.FACT,
        text=fact if holds or not fact.strip() else validity.dated(fact),
        scope=graph.scope,
        created_at=created,
        valid_from=validity.valid_at,
        valid_to=validity.invalid_at,
        state=State.ACTIVE if holds else State.SUPERSEDED,
        metadata=some_of(item, _FACT_METADATA) | graph_metadata(graph),
        links=_links(item),
        assumptions=assumptions,
        hold=hold,
        raw=item,
    )


def other_record(item: Any, part: Part, graph: Graph) -> MemoryRecord:
    """An entity, an observation, or the summary of a thread or document. Raises Unmappable."""
    item = object_in(item)
    refuse_of_another_graph(item, graph)
    prefix, kind, hold = _OTHERS[part]
    name, summary = text_of(item, "name"), text_of(item, "summary")
    record_id = f"{prefix}:{uuid_of(item)}"
    if kind is Kind.ENTITY:
        summary = f"{name}: {summary}" if name and summary else name or summary
    return _summary(record_id, item, summary or name, graph, (kind, hold))


def user_summary_record(
    item: Any, graph: Graph, texts: Container[str], rules: Deriving
) -> list[MemoryRecord]:
    """What Zep holds of a user as a whole, which may be nothing. Raises Unmappable."""
    item = object_in(item)
    refuse_of_another_graph(item, graph)
    summary = text_of(item, "summary")
    if graph.user is None or not summary.strip():
        return []
    hold = rules.hold(SUMMARY, item, texts)
    record_id = f"user-summary:{graph.user.uuid}"
    return [_summary(record_id, item, summary, graph, (Kind.SUMMARY, hold))]


def _summary(
    record_id: str,
    item: Mapping[str, Any],
    text: str,
    graph: Graph,
    kind_and_hold: tuple[Kind, str | None],
) -> MemoryRecord:
    kind, hold = kind_and_hold
    created, assumptions = first_time(item, "created_at", "created_at", "last_summarized_at")
    updated, more = first_time(item, "updated_at", "last_summarized_at")
    labels = item.get("labels")
    return made(
        id=record_id,
        kind=kind,
        text=text,
        scope=graph.scope,
        created_at=created,
        updated_at=updated,
        tags=tuple(label for label in labels if isinstance(label, str))
        if isinstance(labels, list)
        else (),
        metadata=some_of(item, _OTHER_METADATA),
        links=_links(item),
        assumptions=assumptions + more,
        hold=hold,
        raw=item,
    )


def _links(item: Mapping[str, Any]) -> tuple[Link, ...]:
    return tuple(Link(relation="derived_from", id=episode_id(uuid)) for uuid in episodes_of(item))
