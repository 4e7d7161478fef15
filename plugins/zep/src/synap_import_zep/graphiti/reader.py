"""Asks one graph, in pages from uuid to uuid."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import to_thread

from .sorts import End, Item, Shape, Sort

if TYPE_CHECKING:
    from .databases.database import Database, Row, Session


class Count(NamedTuple):
    """How many there are of a sort: all, those with a uuid, and different uuids."""

    items: int
    keyed: int
    ids: int
    changed: str


class Beside(NamedTuple):
    """What is known of some items from elsewhere in the graph."""

    with_text: Collection[str] = frozenset()
    """Those of the episodes behind them whose text is kept."""
    sagas: Mapping[str, End] = {}
    """The saga of an episode."""


class GraphReader:
    """Reads a graph of an open session, each query in a thread, because drivers wait."""

    def __init__(self, session: Session, graph: str, shapes: Mapping[Sort, Shape]) -> None:
        self._session = session
        self._shapes = shapes
        self.graph = graph

    @property
    def sorts(self) -> list[Sort]:
        """Those that this graph can hold, in the order of reading."""
        return [sort for sort in Sort if sort in self._shapes]

    async def count(self, sort: Sort) -> Count:
        """One look over all items of a sort."""
        changes = "expired_at" if sort is Sort.FACTS else "created_at"
        (row,) = await self._ask(self._shapes[sort].survey(changes))
        changed = f"{row['items']} {row['latest']} {row['changed']}"
        return Count(row["items"], int(row["keyed"] or 0), row["ids"], changed)

    async def groups(self, sort: Sort) -> Mapping[Any, int]:
        """The number of items of each group; no group is None."""
        rows = await self._ask(self._shapes[sort].groups())
        return {row["group_id"]: row["items"] for row in rows}

    async def after(self, sort: Sort, cursor: str, limit: int) -> list[Item]:
        """The next items; an empty list is the end, a short one is not: servers cut answers."""
        return _items(await self._ask(self._shapes[sort].page(limit), after=cursor))

    async def ids_after(self, sort: Sort, cursor: str, limit: int) -> list[str]:
        """The next uuids."""
        rows = await self._ask(self._shapes[sort].ids(limit), after=cursor)
        return [str(row["uuid"]) for row in rows]

    async def named(self, sort: Sort, ids: Sequence[str]) -> list[Item]:
        """Those with these uuids."""
        return _items(await self._ask(self._shapes[sort].named(), ids=list(ids)))

    async def beside(self, sort: Sort, items: Sequence[Item]) -> Beside:
        """What their records need to know."""
        if sort is Sort.EPISODES and Sort.SAGAS in self._shapes:
            return Beside(sagas=await self._sagas_of([item.uuid for item in items]))
        if sort is Sort.FACTS and Sort.EPISODES in self._shapes:
            ids = {one for item in items for one in episodes_of(item)}
            return Beside(with_text=await self._with_text(sorted(ids)))
        return Beside()

    async def silent_episodes(self) -> int:
        """The number of episodes whose text was not kept."""
        query = f"{_EPISODES} WHERE coalesce(n.content, '') = '' RETURN count(*) AS items"
        return await self._number(query)

    async def doubled_messages(self) -> int:
        """The number of episodes that Zep's Community Edition wrote: it writes each twice."""
        query = (
            f"{_EPISODES} WHERE n.group_id <> '' AND n.uuid STARTS WITH (n.group_id + '-') "
            "RETURN count(*) AS items"
        )
        return await self._number(query)

    async def _with_text(self, ids: Sequence[str]) -> set[str]:
        query = (
            f"{_EPISODES} WHERE n.uuid IN $ids AND coalesce(n.content, '') <> '' "
            "RETURN n.uuid AS uuid"
        )
        rows = await self._ask(query, ids=list(ids)) if ids else []
        return {str(row["uuid"]) for row in rows}

    async def _sagas_of(self, ids: Sequence[str]) -> dict[str, End]:
        query = (
            "MATCH (s:Saga)-[:HAS_EPISODE]->(n:Episodic) WHERE n.uuid IN $ids "
            "RETURN n.uuid AS uuid, s.uuid AS saga, s.name AS name"
        )
        rows = await self._ask(query, ids=list(ids)) if ids else []
        return {str(row["uuid"]): End(row["saga"], row["name"]) for row in rows}

    async def _number(self, query: str) -> int:
        if Sort.EPISODES not in self._shapes:
            return 0
        (row,) = await self._ask(query)
        return int(row["items"])

    async def _ask(self, query: str, **params: Any) -> list[Row]:
        return await to_thread.run_sync(
            partial(self._session.rows, self.graph, query, params), abandon_on_cancel=False
        )


_EPISODES = "MATCH (n:Episodic)"


class Readers:
    """The graphs of an open session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all(self) -> list[GraphReader]:
        """One for each graph, in an order that stays."""
        names = await to_thread.run_sync(self._session.graphs)
        return [await self.one(name) for name in names]

    async def one(self, graph: str) -> GraphReader:
        """The reader of a graph."""
        shapes = await to_thread.run_sync(self._session.shapes, graph)
        return GraphReader(self._session, graph, shapes)


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Readers]:
    """Opened and closed around a piece of work."""
    session = await to_thread.run_sync(database.open)
    try:
        yield Readers(session)
    finally:
        session.close()


def episodes_of(fact: Item) -> list[str]:
    """The uuids of the episodes that a fact was taken from."""
    episodes = fact.properties.get("episodes")
    return [str(one) for one in episodes] if isinstance(episodes, list | tuple) else []


def _items(rows: Sequence[Row]) -> list[Item]:
    return [_item(row) for row in rows]


def _item(row: Row) -> Item:
    return Item(
        uuid=str(row["uuid"]),
        labels=tuple(row["labels"] or ()),
        properties={name: one for name, one in row["properties"].items() if one is not None},
        source=_end(row, "source"),
        target=_end(row, "target"),
    )


def _end(row: Row, which: str) -> End | None:
    uuid = row.get(f"{which}_uuid")
    return None if uuid is None else End(str(uuid), row.get(f"{which}_name"))
