"""A self-hosted Mem0 server: read per user, agent and run, and refused where that leaves gaps."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from synap_import import (
    Finding,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Source,
    SourceCheck,
    SourceContext,
    SourceError,
)
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.holds import HOLDS
from synap_import_mem0.memories import SYSTEM

from .address import key_headers, server_url, shown
from .api import ServerApi
from .behind import StoreBehind
from .entities import Entity, Item, owners
from .findings import findings_of
from .lists import Items, by_id, list_whole
from .pages import Reading, pages_of
from .reconciling import Listed, compare
from .refusing import incomplete, refuse_what_cannot_be_whole
from .survey import Survey, Unscoped

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing

_UNSCOPED = "unscoped"


class Server(Source[Mem0Config]):
    """Every memory that a self-hosted server shows, or a refusal that names the direct route."""

    name = "mem0"
    Config = Mem0Config
    holds = HOLDS

    def __init__(self, config: Mem0Config, context: SourceContext) -> None:
        super().__init__(config, context)
        url = server_url(config.base_url or "")
        key = config.server_key.get_secret_value() if config.server_key else None
        self._where = shown(url)
        client = context.http_client(base_url=str(url), headers=key_headers(key))
        self._api = ServerApi(client, self._where, key)
        self._now = datetime.now(UTC)
        self._known: Survey | None = None
        self._by_partition: dict[str, Entity] = {}

    async def check(self) -> SourceCheck:
        """What the server can do and holds; refuses where its lists cannot show all."""
        survey = await self._survey()
        refuse_what_cannot_be_whole(survey)
        collection = survey.store.collection
        return SourceCheck(
            account=f"{self._where}#{collection}" if collection else self._where,
            title=f"Mem0 server at {self._where}",
            expected=survey.expected,
            findings=tuple(findings_of(survey)),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """One for each entity, and at last what only the list of all shows.

        Whether lists of more than 1,000 can be split is tried first, before anything is loaded.
        """
        survey = await self._survey()
        for entity in survey.oversized:
            whole = await list_whole(self._api, entity, survey.entities)
            if not whole.all_shown:
                raise incomplete(entity, len(whole.items), survey)
        for entity in survey.listed:
            yield Partition(
                id=_partition_id(entity),
                title=entity.title,
                version=self._version(f"{entity.total} {entity.updated_at}"),
                expected=entity.total,
            )
        if survey.unscoped.visible:
            version = self._version(survey.unscoped.digest())
            yield Partition(id=_UNSCOPED, title="what no list of its own shows", version=version)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """A list is one answer: it is asked for again, and cut into pages here."""
        survey = await self._survey()
        entities = self._by_partition
        entity = entities.get(partition.id)
        if entity is None:
            items = self._not_yet_exported(by_id(survey.unscoped.items))
        else:
            items = (await list_whole(self._api, entity, survey.entities)).items

        def answers_for(item: Item) -> bool:
            return _home(item, entities) == partition.id

        reading = Reading(self._api, self._now, self.config.with_history, answers_for)
        async with aclosing(pages_of(items, cursor, reading)) as pages:
            async for page in pages:
                yield page

    async def scopes(self) -> Sequence[ScopeCount]:
        """What /entities counts."""
        survey = await self._survey()
        return [ScopeCount(one.scope_kind, one.id, one.total) for one in survey.entities]

    async def reconcile(self) -> Sequence[Finding]:
        """The server's totals now against what came out."""
        survey = await self._ask()
        counted: Counter[tuple[ScopeKind, str | None]] = Counter()
        for scope, records in self.context.exported.scopes():
            counted.update({(kind, getattr(scope, kind)): records for kind in ScopeKind})
        listed = []
        for entity in survey.listed:
            if self._is_doubtful(entity, counted[entity.scope_kind, entity.id], survey):
                whole = await list_whole(self._api, entity, survey.entities)
                listed.append(Listed(entity, whole.items))
        return compare(survey, listed, self.context.exported, self._now)

    def _is_doubtful(self, entity: Entity, counted: int, survey: Survey) -> bool:
        """Whether counts alone do not show that all came: earlier versions count, too."""
        too_few = counted < entity.total
        return too_few or self.config.with_history or survey.has_doubtful_totals

    def _not_yet_exported(self, items: Items) -> Items:
        missing = self.context.exported.missing(SYSTEM, list(items))
        return {one: items[one] for one in missing}

    def _version(self, state: str) -> str:
        return f"{state} with history" if self.config.with_history else state

    async def _survey(self) -> Survey:
        if self._known is None:
            self._known = await self._ask()
            self._by_partition = {_partition_id(one): one for one in self._known.listed}
        return self._known

    async def _ask(self) -> Survey:
        dialect = await self._api.dialect()
        if not dialect.has_entities:
            raise SourceError(
                "This Mem0 server is from before 2026-04-23: it does not tell whose memories it "
                "holds, and its lists end at 20 or 100.",
                remedy=StoreBehind().route,
            )
        entities = await self._api.entities()
        store = await self._api.configuration()
        everything = await self._api.everything()
        unscoped = Unscoped(tuple(everything or ()), visible=everything is not None)
        return Survey(dialect, store, entities, unscoped)


def _partition_id(entity: Entity) -> str:
    return f"{entity.kind}:{entity.id}"


def _home(item: Item, listed: Mapping[str, Entity]) -> str:
    """The partition that answers for an item; others may show it, too."""
    own = (f"{kind}:{owner}" for kind, owner in owners(item))
    return next((one for one in own if one in listed), _UNSCOPED)
