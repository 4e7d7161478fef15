"""Zep Cloud: everything of the project that a key opens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from synap_import import (
    ConfigurationError,
    Finding,
    HoldReason,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Source,
    SourceCheck,
    SourceContext,
    SourceError,
)
from synap_import_zep.config import ZepConfig
from synap_import_zep.holds import OF_CLOUD

from .address import root_of
from .answers import RefusedError
from .choosing import Chosen, choose
from .derived import Deriving
from .making import Maker
from .notes import Notes
from .reading import Reader
from .roster import Roster
from .survey import Meter, findings_of, ontology_finding

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel

    from .dialect import Graph, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class _ThreadPartition(Partition):
    thread: Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class _GraphPartition(Partition):
    graph: Graph


class Cloud(Source[ZepConfig]):
    """Threads first, so that it is known which texts are messages; then graph by graph.

    At the end the project is looked at once more, for what was created or changed meanwhile.
    """

    name: ClassVar[str] = "zep"
    Config: ClassVar[type[BaseModel]] = ZepConfig
    holds: ClassVar[Mapping[str, HoldReason]] = OF_CLOUD

    def __init__(self, config: ZepConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._key = config.api_key.get_secret_value().strip() if config.api_key else ""
        if not self._key:
            raise ConfigurationError(
                "The key of Zep Cloud is empty.", remedy="Put it into ZEP_API_KEY."
            )
        self._meter = Meter()
        self._rules = Deriving(loads=config.load == "facts", now=datetime.now(UTC))
        self._notes = Notes()
        self._chosen: Chosen | None = None
        self._roster: Roster | None = None

    async def check(self) -> SourceCheck:
        """Which project it is, how much it holds, and how long it will take."""
        chosen = await self._choice()
        project = chosen.project
        uuid = str(project.get("uuid") or project.get("uuid_") or "")
        if not uuid:
            raise SourceError("Zep does not say which project the key opens.")
        found = [chosen.finding] if chosen.finding else []
        found += findings_of(chosen.survey, project, self._meter.limit)
        try:
            ontology = ontology_finding(await chosen.dialect.ontology())
        except RefusedError:
            ontology = None
        return SourceCheck(
            account=uuid,
            title=f"Zep Cloud, project {project.get('name') or uuid}: {chosen.survey.title()}",
            findings=(*found, *([ontology] if ontology else ())),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """A partition is a thread, or a graph."""
        began = datetime.now(UTC)
        roster = await self._newly_listed()
        async with aclosing(roster.each_thread()) as threads:
            async for thread in threads:
                yield await self._of_thread(thread)
        async with aclosing(roster.each_graph()) as graphs:
            async for graph in graphs:
                yield await self._of_graph(graph)
        async for partition in self._since(roster, began):
            yield partition

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """What a partition holds, from a cursor on."""
        roster = await self._listed()
        maker = Maker(self.context.exported, roster, self._rules, self._notes)
        reader = Reader(roster.dialect, maker, self._notes)
        if isinstance(partition, _ThreadPartition):
            pages = reader.thread_pages(partition.thread, cursor)
        elif isinstance(partition, _GraphPartition):
            pages = reader.graph_pages(partition.graph, cursor)
        else:
            raise TypeError(f"{partition.id} is no partition of Zep Cloud")
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def scopes(self) -> Sequence[ScopeCount]:
        """Users; graphs that belong to nobody; threads without a user."""
        roster = await self._newly_listed()
        found = {
            (ScopeKind.USER, user.id): ScopeCount(ScopeKind.USER, user.id, note=user.note)
            for user in roster.users.values()
        }
        async for thread in roster.each_thread():
            owner = (ScopeKind.USER, thread.user) if thread.user else (ScopeKind.SESSION, thread.id)
            found.setdefault(owner, ScopeCount(*owner, note="a thread" if not thread.user else ""))
        async for graph in roster.each_graph():
            kind = ScopeKind.USER if graph.user else ScopeKind.APP
            own = graph.user.id if graph.user else graph.id
            found.setdefault((kind, own), ScopeCount(kind, own, note=graph.name))
        return list(found.values())

    async def reconcile(self) -> Sequence[Finding]:
        """Lists that do not hold what Zep counts, and whatever else was noticed."""
        return self._notes.findings(self.context.exported)

    async def _since(self, roster: Roster, began: datetime) -> AsyncIterator[Partition]:
        """What was created or changed while the rest was read; the host knows what is not new.

        The graph of a user grows with the threads. That something else was written to it after
        it was read is not told by any list.
        """
        users = {user.uuid for user in await roster.take_users(began)}
        async with aclosing(roster.threads_since(began)) as threads:
            async for thread in threads:
                users |= {thread.user_uuid} if thread.user_uuid else set()
                yield await self._of_thread(thread)
        for uuid in sorted(users & roster.users.keys()):
            yield await self._of_graph(roster.graph_of(roster.users[uuid]))
        async with aclosing(roster.listed_graphs()) as graphs:
            async for graph in graphs:
                yield await self._of_graph(graph)

    async def _of_thread(self, thread: Thread) -> Partition:
        dialect = (await self._choice()).dialect
        return _ThreadPartition(
            id=f"thread:{thread.uuid}",
            title=f"thread {thread.id}",
            version=f"{dialect.name} {thread.changed}",
            thread=thread,
        )

    async def _of_graph(self, graph: Graph) -> Partition:
        dialect = (await self._choice()).dialect
        own = f"user:{graph.user.uuid}" if graph.user else f"graph:{graph.uuid}"
        return _GraphPartition(
            id=own,
            title=graph.label,
            version=f"{dialect.name} {graph.changed} {self.config.load or ''}".strip(),
            graph=graph,
        )

    async def _choice(self) -> Chosen:
        if self._chosen is None:
            root = root_of(self.config.base_url)
            self._chosen = await choose(self.config.api, self._connect, root, self._key)
        return self._chosen

    def _connect(self) -> httpx.AsyncClient:
        http = self.context.http_client()
        http.event_hooks = {"request": [], "response": [self._meter.note]}
        return http

    async def _newly_listed(self) -> Roster:
        """The users as they are now; threads and graphs follow when they are asked for."""
        self._roster = Roster((await self._choice()).dialect, self._notes)
        await self._roster.take_users()
        return self._roster

    async def _listed(self) -> Roster:
        return self._roster or await self._newly_listed()
