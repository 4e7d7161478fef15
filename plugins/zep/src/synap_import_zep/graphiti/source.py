"""The source ``graphiti``: every graph of a database, sort by sort."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from synap_import import (
    Finding,
    HoldReason,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Severity,
    Source,
    SourceCheck,
    SourceContext,
    SourceError,
)
from synap_import_zep.holds import OF_GRAPHITI

from .config import GraphitiConfig
from .databases import database_of
from .findings import findings_of
from .reader import GraphReader, opened
from .records import SYSTEM, RecordMaker
from .sorts import Item, Sort
from .survey import GraphSight, all_groups, look_at
from .values import Times

if TYPE_CHECKING:
    from pydantic import BaseModel

    from .databases.database import Database

_READING, _ADDED, _AT = "read", "added", ":"
_EXAMPLES = 5


class GraphitiSource(Source[GraphitiConfig]):
    """A partition is a sort of items in a graph, read in the order of uuids.

    Items that are added while it is read may lie before the cursor, so it ends with a look for
    uuids that have not come out. A cursor says in which of the two parts it is.
    """

    name: ClassVar[str] = "graphiti"
    Config: ClassVar[type[BaseModel]] = GraphitiConfig
    holds: ClassVar[Mapping[str, HoldReason]] = OF_GRAPHITI
    items_per_page: ClassVar[int] = 500
    ids_per_page: ClassVar[int] = 2_000

    def __init__(self, config: GraphitiConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._database = database_of(config)
        self._maker = RecordMaker(Times(config.assume_tz), datetime.now(UTC))
        self._sights: list[GraphSight] | None = None

    async def check(self) -> SourceCheck:
        """How much there is, and what is odd about it."""
        sights = await self._look()
        told = self.config.assume_tz is not None
        return SourceCheck(
            account=self._database.account,
            title=f"Graphiti in {self._database.title}",
            expected=sum(sight.items for sight in sights),
            findings=tuple(findings_of(self._database, sights, zone_is_told=told)),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """Sort by sort, graph by graph."""
        for sight in await self._look():
            for sort, count in sight.counts.items():
                if count.keyed:
                    title = f"{sort} of {sight.name}" if sight.name else str(sort)
                    yield Partition(_id_of(sight.name, sort), title, sight.version, count.keyed)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Behind the uuid that the cursor names, then what was added meanwhile."""
        graph, sort = _graph_and_sort(partition)
        step, _, uuid = (cursor or _READING).partition(_AT)
        async with opened(self._database) as readers:
            reader = await readers.one(graph)
            if step == _READING:
                while items := await reader.after(sort, uuid, self.items_per_page):
                    uuid = items[-1].uuid
                    yield await self._page(reader, sort, items, f"{_READING}{_AT}{uuid}")
                uuid = ""
            async for last, missing in self._missing(reader, sort, uuid):
                yield await self._named(reader, sort, missing, f"{_ADDED}{_AT}{last}")
        yield Page((), None)

    async def scopes(self) -> Sequence[ScopeCount]:
        """The groups; the default group is nobody's."""
        groups = all_groups(await self._look())
        return [
            ScopeCount(ScopeKind.USER, group, items, "a group_id of Graphiti")
            for group, items in sorted(groups.items())
            if group
        ]

    async def reconcile(self) -> Sequence[Finding]:
        """Items that are in the database now and did not come out."""
        holes: list[str] = []
        async with opened(self._database) as readers:
            for reader in await readers.all():
                for sort in reader.sorts:
                    async for _, missing in self._missing(reader, sort, ""):
                        page = await self._named(reader, sort, missing, None)
                        holes += [record.id for record in page.records]
        return [_hole(holes)] if holes else []

    async def _missing(
        self, reader: GraphReader, sort: Sort, cursor: str
    ) -> AsyncIterator[tuple[str, list[str]]]:
        """Up to which uuid was looked, and those up to there that did not come out."""
        while ids := await reader.ids_after(sort, cursor, self.ids_per_page):
            cursor = ids[-1]
            if missing := self.context.exported.missing(SYSTEM, ids):
                yield cursor, missing

    async def _named(
        self, reader: GraphReader, sort: Sort, ids: Sequence[str], cursor: str | None
    ) -> Page:
        return await self._page(reader, sort, await reader.named(sort, ids), cursor)

    async def _page(
        self, reader: GraphReader, sort: Sort, items: Sequence[Item], cursor: str | None
    ) -> Page:
        beside = await reader.beside(sort, items)
        return self._maker.page(sort, items, beside, cursor, _place(reader.graph))

    async def _look(self) -> list[GraphSight]:
        if self._sights is None:
            async with opened(self._database) as readers:
                sights = [await look_at(reader) for reader in await readers.all()]
            self._sights = [sight for sight in sights if sight.items]
            if not self._sights:
                raise _empty(self._database, len(sights))
        return self._sights


def _id_of(graph: str, sort: Sort) -> str:
    return f"{sort}:{graph}"


def _graph_and_sort(partition: Partition) -> tuple[str, Sort]:
    sort, _, graph = partition.id.partition(":")
    return graph, Sort(sort)


def _place(graph: str) -> str:
    return f"{graph}:" if graph else ""


def _empty(database: Database, graphs: int) -> SourceError:
    others = f"; {graphs} graphs of other programs are there" if graphs else "; it is empty"
    return SourceError(
        f"{database.title} holds nothing that Graphiti wrote"
        f"{others if database.graph_per_group else ''}.",
        remedy="Check that it is the database that Graphiti is given.",
    )


def _hole(ids: Sequence[str]) -> Finding:
    return Finding(
        Severity.ERROR,
        "graphiti-not-exported",
        "Items are in the graph and did not come out.",
        remedy="Run the same command again: they may have been written meanwhile.",
        count=len(ids),
        examples=tuple(ids[:_EXAMPLES]),
    )
