"""Users, agents, apps and runs: the project's own list of whose memories there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio

from synap_import import Scope, ScopeCount, ScopeKind, SourceError

from .enumeration import KINDS, Reading, Subset
from .paging import walk_pages
from .survey import Survey, probe

if TYPE_CHECKING:
    from .client import PlatformClient

MOST_PROBED = 1_000
"""More entities than this are listed without counts: each count is a request."""

_NAMES = {"user": "user_id", "agent": "agent_id", "app": "app_id", "run": "run_id"}
_PAGE_SIZE = 100
_AT_ONCE = 16


class Entity(NamedTuple):
    """One of them; ``records`` where the list tells, as older answers do."""

    field: str
    name: str
    records: int | None

    @property
    def kind(self) -> ScopeKind:
        """What records call it."""
        return KINDS[self.field]


async def all_entities(client: PlatformClient) -> AsyncGenerator[Entity, None]:
    """Each entity once, over all pages of the list."""
    known: set[tuple[str, str]] = set()
    async with aclosing(walk_pages(client.entities, _PAGE_SIZE)) as steps:
        async for step in steps:
            for item in step.listing.items:
                entity = _entity(item)
                if entity is not None and entity[:2] not in known:
                    known.add(entity[:2])
                    yield entity


async def counted(
    client: PlatformClient, survey: Survey, entities: Iterable[Entity]
) -> list[ScopeCount]:
    """The entities with their counts, as far as the list or a bounded number of probes tells."""
    listed = list(entities)
    unknown = [one for one in listed if one.records is None][:MOST_PROBED]
    probed: dict[Entity, int | None] = {}

    async def ask(entity: Entity) -> None:
        probed[entity] = await count_of(client, survey, entity)

    for begin in range(0, len(unknown), _AT_ONCE):
        try:
            async with anyio.create_task_group() as tasks:
                for entity in unknown[begin : begin + _AT_ONCE]:
                    tasks.start_soon(ask, entity)
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
    return [
        ScopeCount(one.kind, one.name, probed.get(one) if one.records is None else one.records)
        for one in listed
    ]


async def count_of(client: PlatformClient, survey: Survey, entity: Entity) -> int | None:
    """How many memories carry it; None where its name or the meaning of filters hides that."""
    if entity.name == "*":
        return None
    merged = survey.merged is not None
    subsets = _subsets_to_ask(survey, entity, merged=merged)
    if subsets is None:
        return None
    counts = []
    for subset in subsets:
        try:
            found = await probe(client, subset, merged=merged, **{entity.field: entity.name})
        except SourceError:
            # A name that filters do not take: that it exists is known all the same.
            return None
        counts.append(found.count)
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def carried_by(scopes: Iterable[tuple[Scope, int]]) -> Counter[tuple[ScopeKind, str]]:
    """How many records carry each id."""
    counts: Counter[tuple[ScopeKind, str]] = Counter()
    for scope, records in scopes:
        for kind in KINDS.values():
            owner: str | None = getattr(scope, kind.value)
            if owner is not None:
                counts[kind, owner] += records
    return counts


def _subsets_to_ask(survey: Survey, entity: Entity, *, merged: bool) -> list[Subset] | None:
    if survey.reading is Reading.OPEN:
        return [(entity.field,)]
    if survey.reading is Reading.UNKNOWN:
        return None
    return [
        subset
        for subset in survey.active
        if entity.field in subset and survey.probe(subset, merged=merged).at_least
    ]


def _entity(item: Any) -> Entity | None:
    if not isinstance(item, Mapping):
        return None
    field, name = _NAMES.get(str(item.get("type"))), item.get("name")
    if field is None or not isinstance(name, str) or not name:
        return None
    records = item.get("total_memories")
    known = isinstance(records, int) and not isinstance(records, bool)
    return Entity(field, name, records if known else None)
