"""From an item of the graph to a record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from synap_import import Kind, Link, MemoryRecord, Page, Scope, State, Unreadable
from synap_import.mapping import Unmappable
from synap_import_zep.holds import ENTITY, FACT, SUMMARY
from synap_import_zep.validity import Validity

from .reader import Beside, episodes_of
from .sorts import End, Item, Sort
from .values import Moment, Times, in_utc, plain

SYSTEM = "graphiti"

_NOBODY = {"", "_"}
"""Graphiti's default groups: everything that was stored without saying for whom."""

_OWN_LABELS = {"Entity", "Episodic", "Community", "Saga", "RelatesToNode_"}
_BUILT_IN = {
    *("uuid", "name", "group_id", "labels", "created_at", "summary", "content", "fact"),
    *("source", "source_description", "entity_edges", "episodes", "attributes", "reference_time"),
    *("valid_at", "invalid_at", "expired_at", "source_uuid", "target_uuid"),
    *("source_node_uuid", "target_node_uuid", "first_episode_uuid", "last_episode_uuid"),
    *("last_summarized_at", "last_summarized_episode_valid_at"),
}
_EXCERPT = 200


class RecordMaker:
    """Makes the records of one run, which has one present and one idea of lost time zones."""

    def __init__(self, times: Times, now: datetime) -> None:
        self._times = times
        self._now = now
        self._makers: Mapping[Sort, Callable[[Item, Beside], MemoryRecord]] = {
            Sort.EPISODES: self._episode,
            Sort.FACTS: self._fact,
            Sort.ENTITIES: self._entity,
            Sort.COMMUNITIES: self._summary,
            Sort.SAGAS: self._summary,
        }

    def page(
        self, sort: Sort, items: Iterable[Item], beside: Beside, cursor: str | None, place: str
    ) -> Page:
        """The page of these items; ``place`` names the graph in what cannot be read."""
        records, unreadable = [], []
        for item in items:
            try:
                records.append(self.record(sort, item, beside))
            except Unmappable as problem:
                beginning = json.dumps(_raw(item), ensure_ascii=False)[:_EXCERPT]
                unreadable.append(Unreadable(f"{place}{sort}:{item.uuid}", str(problem), beginning))
        return Page(records, cursor, unreadable)

    def record(self, sort: Sort, item: Item, beside: Beside) -> MemoryRecord:
        """Raises Unmappable for an item whose words are no text."""
        if not item.uuid:
            raise Unmappable("uuid", "is empty")
        return self._makers[sort](item, beside)

    def _episode(self, item: Item, beside: Beside) -> MemoryRecord:
        happened = self._times.given(item.properties.get("valid_at"))
        stored = self._times.own(item.properties.get("created_at"))
        metadata = {
            "name": item.properties.get("name"),
            "source": item.properties.get("source"),
            "source_description": item.properties.get("source_description"),
            "stored_at": stored.time and in_utc(stored.time),
            "saga": _end(beside.sagas.get(item.uuid)),
        }
        return MemoryRecord(
            system=SYSTEM,
            id=item.uuid,
            kind=Kind.DOCUMENT,
            text=_text(item, "content"),
            scope=scope_of(item.properties.get("group_id")),
            created_at=happened.time or stored.time,
            metadata=_known(metadata),
            assumptions=_assumptions(created_at=happened),
            raw=_raw(item),
        )

    def _fact(self, item: Item, beside: Beside) -> MemoryRecord:
        episodes = episodes_of(item)
        read = self._times.own if episodes else self._times.given
        moments = {name: read(item.properties.get(name)) for name in ("valid_at", "invalid_at")}
        validity = Validity(
            moments["valid_at"].time,
            moments["invalid_at"].time,
            self._times.own(item.properties.get("expired_at")).time,
        )
        fact, holds = _text(item, "fact"), validity.holds(self._now)
        stored = self._times.own(item.properties.get("created_at")).time
        is_in_an_episode = any(one in beside.with_text for one in episodes)
        return MemoryRecord(
            system=SYSTEM,
            id=item.uuid,
            kind=Kind.FACT,
            text=fact if holds else validity.dated(fact),
            scope=scope_of(item.properties.get("group_id")),
            created_at=validity.valid_at or stored,
            valid_from=validity.valid_at,
            valid_to=validity.invalid_at,
            state=State.ACTIVE if holds else State.SUPERSEDED,
            hold=FACT if is_in_an_episode else None,
            metadata=self._about_fact(item, stored, validity.expired_at),
            links=tuple(Link(relation="derived_from", id=one) for one in episodes if one),
            assumptions=_assumptions(
                created_at=moments["valid_at"],
                valid_from=moments["valid_at"],
                valid_to=moments["invalid_at"],
            ),
            raw=_raw(item),
        )

    def _about_fact(
        self, item: Item, stored: datetime | None, expired: datetime | None
    ) -> dict[str, Any]:
        said = self._times.given(item.properties.get("reference_time")).time
        return _known(
            {
                "relation": item.properties.get("name"),
                "from": _end(item.source),
                "to": _end(item.target),
                "episodes": episodes_of(item),
                "said_at": said and in_utc(said),
                "stored_at": stored and in_utc(stored),
                "expired_at": expired and in_utc(expired),
                "attributes": _attributes(item),
            }
        )

    def _entity(self, item: Item, _: Beside) -> MemoryRecord:
        name, summary = _text(item, "name"), _text(item, "summary")
        return MemoryRecord(
            system=SYSTEM,
            id=item.uuid,
            kind=Kind.ENTITY,
            text=f"{name}: {summary}" if name and summary else name or summary,
            scope=scope_of(item.properties.get("group_id")),
            created_at=self._times.own(item.properties.get("created_at")).time,
            hold=ENTITY,
            tags=labels_of(item),
            metadata=_known({"name": name, "attributes": _attributes(item)}),
            raw=_raw(item),
        )

    def _summary(self, item: Item, _: Beside) -> MemoryRecord:
        """A community's, or a saga's."""
        summarized = self._times.own(item.properties.get("last_summarized_at")).time
        return MemoryRecord(
            system=SYSTEM,
            id=item.uuid,
            kind=Kind.SUMMARY,
            text=_text(item, "summary"),
            scope=scope_of(item.properties.get("group_id")),
            created_at=self._times.own(item.properties.get("created_at")).time,
            updated_at=summarized,
            hold=SUMMARY,
            metadata=_known({"name": item.properties.get("name"), "attributes": _attributes(item)}),
            raw=_raw(item),
        )


def is_default_group(group: Any) -> bool:
    """Whether it says nothing about whose an item is."""
    return group is None or str(group) in _NOBODY


def scope_of(group: Any) -> Scope:
    """The group is Graphiti's only idea of a user; its default group is nobody's."""
    return Scope() if is_default_group(group) else Scope(user=str(group))


def labels_of(entity: Item) -> tuple[str, ...]:
    """The entity's types, without the labels that are Graphiti's own, in one order."""
    group = str(entity.properties.get("group_id", ""))
    own = {*_OWN_LABELS, f"Entity_{group.replace('-', '')}"}
    return tuple(sorted({str(label) for label in entity.labels} - own))


def _text(item: Item, name: str) -> str:
    value = item.properties.get(name, "")
    if not isinstance(value, str):
        raise Unmappable(name, "is no text")
    return value


def _attributes(item: Item) -> dict[str, Any]:
    """Those of the caller: one JSON text in Kuzu, properties like all others elsewhere."""
    others = {name: one for name, one in item.properties.items() if name not in _BUILT_IN}
    kept = item.properties.get("attributes")
    if isinstance(kept, str) and kept:
        try:
            kept = json.loads(kept)
        except ValueError:
            kept = {"attributes": kept}
    return plain({**others, **kept} if isinstance(kept, Mapping) else others) or {}


def _end(end: End | None) -> dict[str, str] | None:
    return None if end is None else _known({"uuid": end.uuid, "name": end.name})


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in fields.items() if value not in (None, "", [], {})}


def _assumptions(**moments: Moment) -> tuple[str, ...]:
    return tuple(f"{one.assumption}:{name}" for name, one in moments.items() if one.assumption)


def _raw(item: Item) -> dict[str, Any]:
    raw: dict[str, Any] = {"labels": list(item.labels), "properties": plain(item.properties)}
    ends = {"source": _end(item.source), "target": _end(item.target)}
    return raw | {name: end for name, end in ends.items() if end}
