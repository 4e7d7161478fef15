"""SuperMemory: every memory with its versions, and every document, tag by tag.

Below it, in the order of reading: ``dialects`` (what is asked), ``server`` (how), ``models`` (what
is answered), ``walking`` (through a list that changes), ``records`` (what becomes of an item) and
``findings`` (what is told).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from pydantic import ValidationError

from synap_import import (
    Finding,
    HoldReason,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Source,
    SourceCheck,
)

from . import findings
from .config import SuperMemoryConfig
from .dialects import DIALECTS, KINDS, OLDEST_FIRST, Dialect, Slice
from .holds import HOLDS
from .models import Listing, Row, Session, Tag, as_dict
from .records import SYSTEM, Reading, is_unfinished
from .server import NotThereError, RefusedError, Server
from .walking import PageSize, Place, Walk

if TYPE_CHECKING:
    from pydantic import BaseModel


class SuperMemorySource(Source[SuperMemoryConfig]):
    """Asks whose the key is and which tags there are, then walks through two lists of each.

    A list that is refused, or that does not show all that it counts, is a hole: the others are
    read, the hole is told, and its partition stays open for the next run.
    """

    name: ClassVar[str] = SYSTEM
    Config: ClassVar[type[BaseModel]] = SuperMemoryConfig
    holds: ClassVar[Mapping[str, HoldReason]] = HOLDS

    # -- what is there ---------------------------------------------------------------------

    async def check(self) -> SourceCheck:
        """The session, then the tags."""
        self._server = Server(self.context, self.config)
        session = await self._session()
        self._dialect, self._tags = await self._opened(session)
        self._sizes = {"memories": PageSize(100), "documents": PageSize(25)}
        self._holes: dict[Slice, Finding] = {}
        self._unfinished: set[str] = set()
        api, tags, host = self._dialect.name, self._tags, self._server.host
        org = session.org.get("id") or ",".join(sorted(self.config.tags))
        there = f"{findings.counted(*tags)} in {findings.number(len(tags), 'tag')}"
        return SourceCheck(
            # The two APIs differ in ids and fields: a job reads one of them only.
            account=f"{api}:{host}/{org}",
            title=f"SuperMemory, {session.org.get('name') or org or host} ({api}): {there}",
            expected=sum(tag.count for tag in tags),
            findings=tuple(findings.before_reading(self.config, api, session, tags)),
        )

    async def scopes(self) -> Sequence[ScopeCount]:
        """The tags. What a tag stands for, only its owner knows."""
        return [
            ScopeCount(ScopeKind.GROUP, tag.tag, tag.count, findings.note(tag))
            for tag in self._tags
        ]

    async def _session(self) -> Session:
        try:
            return Session.model_validate(await self._server.get("/v3/session"))
        except (RefusedError, ValidationError):
            return Session()  # not a documented address: some keys and servers lack it

    async def _opened(self, session: Session) -> tuple[Dialect, list[Tag]]:
        """The API that is there, and its tags: v4 if there is one, for it tells more."""
        refused: list[RefusedError] = []
        for name in DIALECTS if self.config.api == "auto" else [self.config.api]:
            dialect = DIALECTS[name](self._server)
            try:
                return dialect, await self._tags_of(dialect)
            except RefusedError as error:
                refused.append(error)
                if not isinstance(error, NotThereError):
                    break
        raise refused[0] if self.config.tags else findings.not_listed(refused[0], session)

    async def _tags_of(self, dialect: Dialect) -> list[Tag]:
        """All of them, or those that were named: a restricted key may not list them."""
        named = [await self._named(dialect, tag) for tag in dict.fromkeys(self.config.tags)]
        return sorted(named or await dialect.tags(), key=lambda tag: tag.tag)

    async def _named(self, dialect: Dialect, tag: str) -> Tag:
        try:
            memories = await dialect.latest(Slice("memories", tag))
            documents = await dialect.latest(Slice("documents", tag))
        except RefusedError as error:
            raise type(error)(f"Tag {tag}: {error.message}", remedy=error.remedy) from None
        return Tag(tag=tag, memory_count=memories.total, document_count=documents.total)

    # -- reading ---------------------------------------------------------------------------

    async def partitions(self) -> AsyncIterator[Partition]:
        """Memories and documents of each tag; then documents that no tag showed."""
        slices = [Slice(kind, tag.tag) for tag in self._tags for kind in KINDS]
        if self._dialect.lists_all_documents and not self.config.tags:
            slices.append(Slice("documents", None))
        for of in slices:
            try:
                listing = await self._dialect.latest(of)
            except RefusedError as error:
                self._holes[of] = findings.refused(of.title, error)
                continue
            if listing.total:
                latest = listing.rows[0].updated if listing.rows else ""
                yield Partition(
                    id=str(of),
                    title=of.title,
                    version=f"{self.config.load}.{listing.total}.{latest}",
                    expected=listing.total if of.tag is not None else None,
                )

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """From the place that a cursor names: a time and the ids at that time."""
        of = Slice.of(partition.id)
        walk = Walk(partial(self._ask, of), self._sizes[of.kind])
        reading = Reading(of, self._dialect.name, self.config.load, datetime.now(UTC))
        start = Place.model_validate_json(cursor) if cursor else Place()
        try:
            async with aclosing(walk.pages(start)) as listings:
                async for listing, place in listings:
                    rows = await self._rows(of, listing)
                    records, unreadable = reading.records(rows, listing.content_left_out)
                    self._unfinished.update(one.id for one in records if is_unfinished(one))
                    yield Page(records, place.model_dump_json() if place else None, unreadable)
        except RefusedError as error:
            self._holes[of] = findings.refused(of.title, error)
        else:
            if walk.shortfall:
                self._holes[of] = findings.incomplete(of.title, walk.shortfall)

    async def _ask(self, of: Slice, page: int, size: int, content: bool) -> Listing:
        # The sweep over all documents only looks for those that are missing.
        content = content and of.tag is not None
        return await self._dialect.page(of, page, size, content, OLDEST_FIRST)

    async def _rows(self, of: Slice, listing: Listing) -> Sequence[Row]:
        """Those of a tag; or the documents that no tag shows, each with its text.

        Where the list does not say which tags a document has, that is what did not come yet.
        """
        if of.tag is not None:
            return listing.rows
        missing = set(self.context.exported.missing(SYSTEM, [row.id for row in listing.rows]))
        wanted = [
            row
            for row in listing.rows
            if row.id in missing or as_dict(row.item).get("containerTags") == []
        ]
        found = [row._replace(item=await self._dialect.document(row.id)) for row in wanted]
        return [row for row in found if row.item is not None]

    # -- whether that was all --------------------------------------------------------------

    async def reconcile(self) -> Sequence[Finding]:
        """The holes, and what the tags count now against what came out."""
        found = [*self._holes.values(), *findings.unfinished(self._unfinished)]
        came: Counter[str | None] = Counter()
        for scope, count in self.context.exported.scopes():
            came[scope.group] += count
        try:
            now = await self._tags_of(self._dialect)
        except RefusedError as error:
            return [*found, findings.not_compared(error)]
        told = {of.tag for of in self._holes}
        return [*found, *findings.after_reading(self._tags, now, came, told)]
