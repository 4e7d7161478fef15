"""Asks the project once more what it holds, and compares that with what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from synap_import_mem0.memories import SYSTEM

from . import reconciliation as findings
from .client import MOST_PER_PAGE, PlatformClient
from .entities import MOST_PROBED, Entity, all_entities, carried_by, count_of
from .enumeration import SUBSETS, Reading, Subset, by_subset, filters_of, reached
from .listing import ToRecord, converted, id_of, missing_items
from .lookup import MOST_ASKED_FOR, Lookup
from .paging import walk_pages
from .survey import OPTIONAL_FAILURES, Survey, probe, why

if TYPE_CHECKING:
    from synap_import import Exported, Finding, MemoryRecord

    from .history import Census


class LeftOut(NamedTuple):
    """Of a list: what did not come out.

    ``ids`` could be records, ``new`` were written since reading began, and the others can be no
    record, which is told elsewhere.
    """

    ids: list[str]
    new: list[str]
    unreadable: int


@dataclass(slots=True)
class Comparison:
    """One comparison after everything was read, which began at ``began``."""

    client: PlatformClient
    exported: Exported
    survey: Survey
    census: Census | None
    lookup: Lookup
    record_of: ToRecord
    began: datetime
    _told: set[str] = field(default_factory=set)

    async def findings(self) -> list[Finding]:
        """Every difference."""
        exactly = by_subset(self.exported.scopes())
        if self.census is not None:
            # Earlier versions carry ids too, and no list counts them.
            exactly = Counter({ids: n - self.census.versions[ids] for ids, n in exactly.items()})
        return [
            *[one for subset in SUBSETS for one in await self._of_list(subset, exactly)],
            *await self._of_entities(),
            *await self._of_total(sum(exactly.values())),
            *(await self._of_feed(self.census) if self.census is not None else ()),
        ]

    async def _of_list(self, subset: Subset, exactly: Mapping[Subset, int]) -> list[Finding]:
        count = (await probe(self.client, subset, merged=self._merged)).count
        came_out = reached(subset, exactly, self.survey.reading)
        if count is None or count == came_out:
            return []
        if count < came_out:
            within_another = len(subset) > 1 and self.survey.reading is Reading.OPEN
            more = came_out - count
            return [] if within_another else [findings.more_than_counted(subset, more)]
        left = await self._left_out(filters_of(subset))
        hidden = count - came_out - len(left.ids) - len(left.new) - left.unreadable
        return [
            *self._untold(left.ids, partial(findings.missing_in_list, subset)),
            *self._untold(left.new, findings.new_since),
            *([findings.never_listed(subset, hidden, count)] if hidden > 0 else []),
        ]

    def _untold(self, ids: list[str], finding: Callable[[list[str]], Finding]) -> list[Finding]:
        """The finding about those ids that no other one is about."""
        untold = [one for one in ids if one not in self._told]
        self._told.update(untold)
        return [finding(untold)] if untold else []

    async def _left_out(self, filters: Mapping[str, Any]) -> LeftOut:
        records: dict[str, MemoryRecord] = {}
        missing: set[str] = set()
        fetch = partial(self._fetch, filters)
        async with aclosing(walk_pages(fetch, MOST_PER_PAGE)) as steps:
            async for step in steps:
                items = missing_items(self.exported, step.listing.items)
                missing.update(str(id_of(item)) for item in items)
                records.update((one.id, one) for one in converted(items, self.record_of).records)
        ids, new = self._by_age(records.values())
        return LeftOut(ids, new, len(missing) - len(records))

    def _by_age(self, records: Iterable[MemoryRecord]) -> tuple[list[str], list[str]]:
        """The ids of those that were there when reading began, and of those written since."""
        old: list[str] = []
        new: list[str] = []
        for one in records:
            (new if one.created_at and one.created_at > self.began else old).append(one.id)
        return old, new

    async def _fetch(self, filters: Mapping[str, Any], page: int) -> Any:
        return await self.client.memories(
            filters, page=page, size=MOST_PER_PAGE, merged=self._merged
        )

    async def _of_entities(self) -> list[Finding]:
        carried = carried_by(self.exported.scopes())
        try:
            doubtful = [
                one
                async for one in all_entities(self.client)
                if carried[one.kind, one.name] < (1 if one.records is None else one.records)
            ]
        except OPTIONAL_FAILURES as error:
            return [findings.not_compared("the list of entities", why(error))]
        names, missing = [], 0
        for entity in doubtful[:MOST_PROBED]:
            left = await self._left_out_of(entity, carried[entity.kind, entity.name])
            if left:
                names.append(f"{entity.kind.value} {entity.name}")
                missing += left
        return [findings.missing_of_entities(names, missing)] if names else []

    async def _left_out_of(self, entity: Entity, carried: int) -> int:
        count = await count_of(self.client, self.survey, entity)
        if count is None or count <= carried:
            return 0
        subsets = [ids for ids in SUBSETS if entity.field in ids]
        ids: set[str] = set()
        for subset in subsets:
            filters = filters_of(subset, **{entity.field: entity.name})
            ids.update((await self._left_out(filters)).ids)
        return len(ids)

    async def _of_total(self, came_out: int) -> list[Finding]:
        try:
            counted = await self.client.total()
        except OPTIONAL_FAILURES as error:
            return [findings.not_compared("the statistics", why(error))]
        differs = None if counted is None else findings.total_differs(counted, came_out)
        return [differs] if differs is not None else []

    async def _of_feed(self, census: Census) -> list[Finding]:
        missing = self.exported.missing(SYSTEM, sorted(census.alive_but_missing))
        asked_for = missing[:MOST_ASKED_FOR]
        items = await self.lookup.memories(asked_for)
        there, new = self._by_age(converted(items, self.record_of).records)
        gone = [one for one in asked_for if one in self.lookup.gone]
        unasked, deleted = len(missing) - len(asked_for), census.deleted_since
        return [
            *self._untold(there, findings.missing_of_feed),
            *self._untold(new, findings.new_since),
            *([findings.gone_without_trace(gone)] if gone else []),
            *([findings.too_many_to_ask_for(unasked)] if unasked else []),
            *([findings.deleted_since(deleted, census.examples)] if deleted else []),
        ]

    @property
    def _merged(self) -> bool:
        return self.survey.merged is not None
