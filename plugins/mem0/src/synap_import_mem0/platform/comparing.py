"""Asks the project once more what it holds, and compares that with what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from synap_import.mapping import Unmappable
from synap_import_mem0.memories import SYSTEM

from . import reconciliation as findings
from .client import MOST_PER_PAGE, PlatformClient
from .entities import MOST_PROBED, Entity, all_entities, carried_by, count_of
from .enumeration import SUBSETS, Subset, by_subset, filters_of, reached
from .listing import ToRecord, converted, id_of, missing_items
from .paging import walk_pages
from .survey import OPTIONAL_FAILURES, Survey, probe, why

if TYPE_CHECKING:
    from synap_import import Exported, Finding

    from .history import Census


class LeftOut(NamedTuple):
    """Of a list: the ids that could be records and did not come out, and what cannot be one."""

    ids: list[str]
    unreadable: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison after everything was read."""

    client: PlatformClient
    exported: Exported
    survey: Survey
    census: Census | None
    record_of: ToRecord

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
            return [findings.more_than_counted(subset, came_out - count)]
        left = await self._left_out(filters_of(subset))
        hidden = count - came_out - len(left.ids) - left.unreadable
        return [
            *([findings.missing_in_list(subset, left.ids)] if left.ids else []),
            *([findings.never_listed(subset, hidden, count)] if hidden > 0 else []),
        ]

    async def _left_out(self, filters: Mapping[str, Any]) -> LeftOut:
        ids: dict[str, None] = {}
        unreadable: set[str] = set()
        fetch = partial(self._fetch, filters)
        async with aclosing(walk_pages(fetch, MOST_PER_PAGE)) as steps:
            async for step in steps:
                missing = missing_items(self.exported, step.listing.items)
                records, _ = converted(missing, self.record_of)
                ids.update(dict.fromkeys(record.id for record in records))
                unreadable.update(str(id_of(item)) for item in missing)
        return LeftOut(list(ids), len(unreadable - ids.keys()))

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
        there, gone = await self._looked_up(
            self.exported.missing(SYSTEM, sorted(census.alive_but_missing))
        )
        deleted = census.deleted_since
        return [
            *([findings.missing_of_feed(there)] if there else []),
            *([findings.gone_without_trace(gone)] if gone else []),
            *([findings.deleted_since(deleted, census.examples)] if deleted else []),
        ]

    async def _looked_up(self, ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Those that are there and could be records, and those that are not there."""
        there, gone = [], []
        for memory_id in ids:
            item = await self.client.memory(memory_id)
            if item is None:
                gone.append(memory_id)
                continue
            try:
                there.append(self.record_of(item).id)
            except Unmappable:
                continue
        return there, gone

    @property
    def _merged(self) -> bool:
        return self.survey.merged is not None
