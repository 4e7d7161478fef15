"""SuperMemory: every memory with its versions, and every document, tag by tag.

Below it, in the order of reading: ``dialects`` (what is asked), ``server`` (how), ``models`` (what
is answered), ``walking`` (through a list that changes), ``records`` (what becomes of an item) and
``findings`` (what is told).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from synap_import import (
    Finding,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Source,
    SourceCheck,
    SourceContext,
)

from . import findings
from .config import SuperMemoryConfig
from .dialects import KINDS, V4, V5, Dialect, Slice
from .models import Listing, Row, Session, Tag
from .records import (
    SYSTEM,
    Converted,
    Reading,
    converted,
    is_unfinished,
    records_of_document,
    records_of_memory,
)
from .server import NotThereError, RefusedError, Server
from .walking import PageSize, Place, Walk

if TYPE_CHECKING:
    from pydantic import BaseModel

_TAGS = "containerTags"


class SuperMemorySource(Source[SuperMemoryConfig]):
    """Asks whose the key is and which tags there are, then walks through two lists of each.

    A list that is refused, or that does not show all that it counts, is a hole: the others are
    read, the hole is told, and its partition stays open for the next run.
    """

    name: ClassVar[str] = "supermemory"
    Config: ClassVar[type[BaseModel]] = SuperMemoryConfig

    def __init__(self, config: SuperMemoryConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._server = Server(context, config)
        self._now = datetime.now(UTC)
        self._sizes = {"memories": PageSize(100), "documents": PageSize(25)}
        self._refused: dict[Slice, RefusedError] = {}
        self._short: dict[Slice, int] = {}
        self._unfinished: set[str] = set()

    # -- what is there ---------------------------------------------------------------------

    async def check(self) -> SourceCheck:
        """The session, then the tags."""
        session = await self._session()
        self._dialect, self._tags = await self._opened(session)
        api, tags = self._dialect.name, self._tags
        org = session.org.get("id") or ",".join(sorted(self.config.tags))
        owner = session.org.get("name") or org or self._server.host
        return SourceCheck(
            # The two APIs differ in ids and fields: a job reads one of them only.
            account=f"{api}:{self._server.host}/{org}",
            title=f"SuperMemory, {owner} ({api}): {findings.counted(*tags)} in {len(tags)} tags",
            expected=sum(tag.memory_count + tag.document_count for tag in tags),
            findings=tuple(findings.of_check(self.config, api, session, tags)),
        )

    async def scopes(self) -> Sequence[ScopeCount]:
        """The tags. What a tag stands for, only its owner knows."""
        return [
            ScopeCount(
                ScopeKind.GROUP, tag.tag, tag.memory_count + tag.document_count, findings.note(tag)
            )
            for tag in self._tags
        ]

    async def _session(self) -> Session:
        try:
            return Session.model_validate((await self._server.get("/v3/session")).content)
        except (RefusedError, ValueError):
            return Session()  # not a documented address: some keys and servers lack it

    async def _opened(self, session: Session) -> tuple[Dialect, list[Tag]]:
        """The API that is there, and its tags: v4 if there is one, for it tells more."""
        dialect = V5(self._server) if self.config.api == "v5" else V4(self._server)
        try:
            return await self._with_tags(dialect)
        except RefusedError as error:
            if self.config.api == "auto" and isinstance(error, NotThereError):
                with suppress(NotThereError):
                    return await self._with_tags(V5(self._server))
            raise findings.not_opened(error, session, self.config) from None

    async def _with_tags(self, dialect: Dialect) -> tuple[Dialect, list[Tag]]:
        return dialect, sorted(await self._tags_of(dialect), key=lambda tag: tag.tag)

    async def _tags_of(self, dialect: Dialect) -> list[Tag]:
        if not self.config.tags:
            return await dialect.tags()
        # One by one: a restricted key may not list them.
        named = [await self._named(dialect, tag) for tag in dict.fromkeys(self.config.tags)]
        if len(self._refused) == 2 * len(named):
            raise next(iter(self._refused.values()))
        return named

    async def _named(self, dialect: Dialect, tag: str) -> Tag:
        totals = dict.fromkeys(KINDS, 0)
        for kind in KINDS:
            try:
                totals[kind] = (await dialect.latest(Slice(kind, tag))).total
            except NotThereError:
                raise
            except RefusedError as error:
                self._refused[Slice(kind, tag)] = error
        return Tag.counted(tag, **totals)

    # -- reading ---------------------------------------------------------------------------

    async def partitions(self) -> AsyncIterator[Partition]:
        """Memories and documents of each tag; then documents that no tag showed."""
        for tag in self._tags:
            for kind in KINDS:
                async for partition in self._partition(Slice(kind, tag.tag)):
                    yield partition
        if self._dialect.lists_all_documents and not self.config.tags:
            async for partition in self._partition(Slice("documents", None)):
                yield partition

    async def _partition(self, of: Slice) -> AsyncIterator[Partition]:
        try:
            listing = await self._dialect.latest(of)
        except RefusedError as error:
            self._refused[of] = error
            return
        self._refused.pop(of, None)
        if listing.total == 0:
            return
        latest = listing.rows[0].updated if listing.rows else ""
        yield Partition(
            id=f"{self._dialect.name}:{of}",
            title=f"{of.kind} of {of.tag}" if of.tag is not None else "documents without a tag",
            version=f"{self.config.load}.{listing.total}.{latest}",
            expected=listing.total if of.tag is not None else None,
        )

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """From the place that a cursor names: a time and the ids at that time."""
        of = Slice.of(partition.id.partition(":")[2])
        walk = Walk(partial(self._ask, of), self._sizes[of.kind])
        reading = Reading(self._dialect.name, of.tag, self.config.load, self._now, set())
        try:
            async with aclosing(walk.pages(Place.of(cursor))) as pages:
                async for listing, place in pages:
                    records, unreadable = await self._converted(of, listing, reading)
                    yield Page(records, str(place), unreadable)
        except RefusedError as error:
            self._refused[of] = error
            return
        if walk.shortfall:
            self._short[of] = walk.shortfall
        else:
            yield Page((), None)

    async def _ask(self, of: Slice, page: int, size: int, content: bool) -> Listing:
        # The sweep over all documents only looks for those that are missing.
        return await self._dialect.page(of, page, size, content=content and of.tag is not None)

    async def _converted(self, of: Slice, listing: Listing, reading: Reading) -> Converted:
        where = f"{reading.api}:{of}"
        if of.kind == "memories":
            return converted(listing.rows, partial(records_of_memory, reading=reading), where)
        rows = listing.rows if of.tag is not None else await self._without_a_tag(listing.rows)
        convert = partial(records_of_document, reading=reading, too_large=listing.content_left_out)
        result = converted(rows, convert, where)
        self._unfinished.update(one.id for one in result.records if is_unfinished(one))
        return result

    async def _without_a_tag(self, rows: Sequence[Row]) -> list[Row]:
        """Those of the documents that no tag shows, each with its text.

        Where the list does not say which tags a document has, that is what did not come yet.
        """
        missing = set(self.context.exported.missing(SYSTEM, [row.id for row in rows]))
        found = []
        for row in rows:
            if row.id in missing or (isinstance(row.item, dict) and row.item.get(_TAGS) == []):
                item = await self._dialect.document(row.id)
                if item is not None:
                    found.append(row._replace(item=item))
        return found

    # -- whether that was all --------------------------------------------------------------

    async def reconcile(self) -> Sequence[Finding]:
        """The holes, and what the tags count now against what came out."""
        found = [*findings.of_reading(self._refused, self._short, self._unfinished)]
        try:
            tags = await self._tags_of(self._dialect)
        except RefusedError as error:
            return [*found, findings.not_compared(error)]
        came: Counter[str] = Counter()
        for scope, count in self.context.exported.scopes():
            came[scope.group or ""] += count
        refused = {of.tag for of in (*self._refused, *self._short)}
        return [*found, *findings.of_comparison(self._tags, tags, came, refused)]
