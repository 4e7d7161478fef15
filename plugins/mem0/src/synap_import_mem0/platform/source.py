"""The Mem0 Platform: every memory of the project that a key opens."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from synap_import import (
    ConfigurationError,
    Finding,
    MemoryRecord,
    Page,
    Partition,
    ScopeCount,
    Source,
    SourceCheck,
    SourceContext,
    SourceError,
)
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.holds import HOLDS
from synap_import_mem0.memories import record_of_item

from . import reconciliation as findings
from .client import PlatformClient
from .comparing import Comparison
from .entities import all_entities, counted
from .enumeration import SUBSETS, Subset, by_subset, may_bring_new
from .history import Census, take_census, version_pages
from .listing import Converted, Cursor, ListReader, converted
from .lookup import MOST_ASKED_FOR, Lookup
from .merged import MergedItems
from .survey import OPTIONAL_FAILURES, Survey, take_survey, why

if TYPE_CHECKING:
    from pydantic import BaseModel

_LIST, _MERGED, _FEED, _HISTORY = "list", "merged", "feed", "history"


class Platform(Source[Mem0Config]):
    """Reads over the API, with filters that together reach everything.

    In this order: what lists show; merged duplicates, which are what the same lists show in
    addition when they are asked for; memories that only the history feed names; and with
    --with-history the earlier versions.
    """

    name: ClassVar[str] = "mem0"
    Config: ClassVar[type[BaseModel]] = Mem0Config
    holds = HOLDS

    def __init__(self, config: Mem0Config, context: SourceContext) -> None:
        super().__init__(config, context)
        key = config.api_key.get_secret_value().strip() if config.api_key else ""
        if not key:
            raise ConfigurationError(
                "The key of the Mem0 Platform is empty.", remedy="Put it into MEM0_API_KEY."
            )
        http = context.http_client(
            base_url=config.api_url, headers={"Authorization": f"Token {key}"}
        )
        self._client = PlatformClient(http, key)
        self._lookup = Lookup(self._client)
        self._now = datetime.now(UTC)
        self._survey: Survey | None = None
        self._census: Census | None = None
        self._why_no_census = ""
        self._doubts: list[Finding] = []

    async def check(self) -> SourceCheck:
        """Which project it is and how much it holds."""
        ping = await self._client.ping()
        organisation, project = str(ping.get("org_id") or ""), str(ping.get("project_id") or "")
        if not project:
            raise SourceError(
                f"{self.config.api_url} does not say which project the key opens.",
                remedy="Check --api-url; a self-hosted Mem0 server is read with --base-url URL.",
            )
        survey = await self._surveyed()
        expected = survey.expected()
        title = f"Mem0 Platform, project {project}"
        holds = "" if expected is None else f": {expected} memories"
        return SourceCheck(
            account=f"{organisation}/{project}",
            title=title + holds,
            expected=expected,
            findings=tuple(
                [one async for one in self._seen_at_once(survey, organisation, project)]
            ),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """The lists, single ids first; each of the others when it has something new."""
        survey = await self._surveyed()
        for merged in (False, True) if survey.merged else (False,):
            for subset in SUBSETS:
                if self._must_be_read(survey, subset, merged=merged):
                    yield _list_partition(survey, subset, merged=merged)
        census = await self._counted()
        if census is None:
            return
        if census.alive_but_missing:
            yield _feed_partition(sorted(census.alive_but_missing)[:MOST_ASKED_FOR])
        if self.config.with_history and survey.events:
            title = "earlier versions in the history feed"
            yield Partition(_HISTORY, title, str(survey.events))

    def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """What a partition holds, from a cursor on."""
        kind, _, ids = partition.id.partition(":")
        if kind == _FEED:
            return self._pages_of_feed(cursor)
        start = Cursor.of(cursor)
        if kind == _HISTORY:
            return version_pages(self._client, start, now=self._now)
        return self._pages_of_list(tuple(ids.split("+")), start, merged=kind == _MERGED)

    async def scopes(self) -> Sequence[ScopeCount] | None:
        """The project's entities with their counts; None where it does not list them."""
        survey = await self._surveyed()
        try:
            listed = [entity async for entity in all_entities(self._client)]
        except OPTIONAL_FAILURES:
            return None
        return await counted(self._client, survey, listed)

    async def reconcile(self) -> Sequence[Finding]:
        """Lists, entities, statistics and the history feed, against what came out."""
        survey, census = await self._surveyed(), await self._counted()
        comparison = Comparison(
            self._client,
            self.context.exported,
            survey,
            census,
            self._lookup,
            self._record_of,
            self._now,
        )
        found = [*self._doubts, *await comparison.findings()]
        if census is None:
            found.append(findings.not_compared("the history feed", self._why_no_census))
        return found

    async def _surveyed(self) -> Survey:
        if self._survey is None:
            self._survey = await take_survey(self._client)
        return self._survey

    async def _counted(self) -> Census | None:
        """The census, taken once in a run, when everything that lists show came out."""
        if self._census is None and not self._why_no_census:
            try:
                self._census = await take_census(self._client, self.context.exported, now=self._now)
            except OPTIONAL_FAILURES as error:
                self._why_no_census = why(error)
        return self._census

    def _must_be_read(self, survey: Survey, subset: Subset, *, merged: bool) -> bool:
        """Whether the list has something that the lists before it may not have."""
        probe = survey.probe(subset, merged=merged)
        if merged and probe.at_least <= survey.probe(subset, merged=False).at_least:
            return False
        if self.config.with_history:
            # Earlier versions of another run carry ids too, and would be taken for memories.
            return probe.at_least > 0
        exactly = by_subset(self.context.exported.scopes())
        return may_bring_new(subset, probe, exactly, survey.reading)

    async def _pages_of_list(
        self, subset: Subset, start: Cursor, *, merged: bool
    ) -> AsyncGenerator[Page, None]:
        survey = await self._surveyed()
        convert = MergedItems(self._client, survey, subset, self._now) if merged else self._convert
        reader = ListReader(
            self._client, self.context.exported, subset, merged, survey.reading, convert
        )
        async with aclosing(reader.pages(start, only_missing=merged)) as pages:
            async for page in pages:
                yield page
        self._doubts += reader.findings

    async def _pages_of_feed(self, cursor: str | None) -> AsyncGenerator[Page, None]:
        census = await self._counted()
        named = sorted(census.alive_but_missing) if census is not None else []
        async with aclosing(self._lookup.pages(named, cursor, self._record_of)) as pages:
            async for page in pages:
                yield page

    async def _convert(self, items: Sequence[Any]) -> Converted:
        return converted(items, self._record_of)

    def _record_of(self, item: Any) -> MemoryRecord:
        return record_of_item(item, now=self._now, own_metadata=True)

    async def _seen_at_once(
        self, survey: Survey, organisation: str, project: str
    ) -> AsyncGenerator[Finding, None]:
        found = any(probe.at_least for probe in survey.active.values())
        others = await self._other_projects(organisation)
        if not found:
            yield findings.empty_project(project, others)
        elif len(others) > 1:
            yield findings.one_of_projects(others)
        if found and survey.merged is None:
            yield findings.merged_not_exported()

    async def _other_projects(self, organisation: str) -> list[str]:
        try:
            return await self._client.projects(organisation) if organisation else []
        except OPTIONAL_FAILURES:
            return []


def _list_partition(survey: Survey, subset: Subset, *, merged: bool) -> Partition:
    which = "merged duplicates" if merged else "memories"
    return Partition(
        id=f"{_MERGED if merged else _LIST}:{'+'.join(subset)}",
        title=f"{which} with {' and '.join(subset)}",
        version=survey.version(subset, merged=merged),
        expected=survey.probe(subset, merged=merged).count,
    )


def _feed_partition(ids: Sequence[str]) -> Partition:
    version = hashlib.sha256("\n".join(ids).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Partition(_FEED, "memories that only the history feed names", version, len(ids))
