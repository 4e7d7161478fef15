"""The source ``langgraph``: what the host asks, passed on to the parts that know.

Below it: ``databases`` (how is asked), ``store`` (what), ``namespaces`` (whose), ``values`` (which
text), ``records`` (what becomes of a row) and ``findings`` (what is told).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar
from uuid import uuid4

from anyio import to_thread

from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Source,
    SourceCheck,
    SourceError,
    Unreadable,
)

from . import findings
from .config import LangGraphConfig
from .databases import database_of
from .namespaces import Owners
from .records import SYSTEM, Reading
from .store import Place, Row, Store

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T")

_ITEMS, _NEW = "items", "new items"
_PAGE_BYTES = 4 * 1024 * 1024
_SAMPLES = 50
_EXCERPT = 200


class _Stretch(NamedTuple):
    """Places that are read at once: so many, or fewer that are large."""

    behind: Place | None
    places: list[Place]

    @property
    def last(self) -> Place:
        return self.places[-1]


class LangGraphStore(Source[LangGraphConfig]):
    """One table, in the order of its primary key.

    Keys are mostly random, so what is added meanwhile may lie before the cursor. A second
    partition, which every run reads anew, looks over all keys for what did not come out.
    """

    name: ClassVar[str] = SYSTEM
    Config: ClassVar[type[BaseModel]] = LangGraphConfig

    async def check(self) -> SourceCheck:
        """Where the store is, how much is in it, and what the first items look like."""
        owners = Owners.of(self.config.owners)
        texts = [tuple(one.split(".")) for one in self.config.texts]
        self._reading = Reading(owners, texts, datetime.now(UTC))
        self._database = database_of(self.config.dsn.get_secret_value())
        self._seen = 0
        try:
            return await self._checked()
        finally:
            self._database.close()

    async def _checked(self) -> SourceCheck:
        database, schema = self._database, self.config.in_schema
        self._store = await _asked(lambda: Store.find(database, schema))
        self._namespaces = await _asked(self._store.namespaces_and_counts)
        has_checkpoints = await _asked(lambda: self._store.has_checkpoints(schema))
        samples = self._made(await self._first_rows())[0]
        items, namespaces = sum(count for _, count in self._namespaces), len(self._namespaces)
        return SourceCheck(
            account=f"{database.account} {schema}" if schema else database.account,
            title=f"LangGraph's store in {database.title}: {findings.counted(items, namespaces)}",
            expected=items,
            findings=tuple(
                findings.before_reading(
                    self._namespaces, self._reading.owners, samples, has_checkpoints
                )
            ),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """The items, and the look over all keys at the end."""
        yield Partition(_ITEMS, "The items of the store")
        yield Partition(_NEW, "What was added meanwhile", uuid4().hex)

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """From behind the key that the cursor is."""
        is_late = partition.id == _NEW
        try:
            async with aclosing(self._stretches(_place(cursor))) as stretches:
                async for stretch in stretches:
                    page = await (self._late(stretch) if is_late else self._page(stretch))
                    if page is not None:
                        yield page
        finally:
            self._database.close()
        yield Page((), None)

    async def scopes(self) -> Sequence[ScopeCount]:
        """Whom the patterns name, and the namespaces that none of them fits."""
        counts: Counter[tuple[ScopeKind, str]] = Counter()
        for namespace, count in self._namespaces:
            if owner := self._reading.owners.scope(namespace).owner():
                counts[owner] += count
        return [
            ScopeCount(kind, one, count, findings.NOTE if kind is ScopeKind.GROUP else "")
            for (kind, one), count in sorted(counts.items())
        ]

    async def reconcile(self) -> Sequence[Finding]:
        """The items that there are now, compared with what the last look saw."""
        try:
            return findings.after_reading(self._seen, await _asked(self._store.count))
        finally:
            self._database.close()

    async def _stretches(self, behind: Place | None) -> AsyncGenerator[_Stretch, None]:
        while found := await self._next_places(behind):
            yield _Stretch(behind, found)
            behind = found[-1]

    async def _next_places(self, behind: Place | None) -> list[Place]:
        found = await _asked(lambda: self._store.places(behind, self.config.page_size))
        places: list[Place] = []
        size = 0
        for place, own_size in found:
            size += own_size
            if places and size > _PAGE_BYTES:
                break
            places.append(place)
        return places

    async def _page(self, stretch: _Stretch) -> Page:
        """Records only: what cannot become one is told by the look at the end, once a run."""
        records, _ = self._made(await self._rows(stretch))
        return Page(records, json.dumps(stretch.last))

    async def _late(self, stretch: _Stretch) -> Page | None:
        """What did not come out, of places that were looked over before."""
        self._seen += len(stretch.places)
        ids = {self._store.id_at(place) for place in stretch.places}
        missing = set(self.context.exported.missing(SYSTEM, sorted(ids)))
        if not missing:
            return None
        rows = [row for row in await self._rows(stretch) if row.id in missing]
        records, unreadable = self._made(rows)
        return Page(records, json.dumps(stretch.last), unreadable)

    async def _rows(self, stretch: _Stretch) -> list[Row]:
        return await _asked(lambda: self._store.rows(stretch.behind, stretch.last))

    async def _first_rows(self) -> list[Row]:
        places = (await self._next_places(None))[:_SAMPLES]
        return await self._rows(_Stretch(None, places)) if places else []

    def _made(self, rows: Sequence[Row]) -> tuple[list[MemoryRecord], list[Unreadable]]:
        records: list[MemoryRecord] = []
        unreadable: list[Unreadable] = []
        for row in rows:
            try:
                records.append(self._reading.record(row))
            except ValueError as error:
                unreadable.append(Unreadable(row.id, str(error), _excerpt(row.value)))
        return records, unreadable


async def _asked(question: Callable[[], T]) -> T:
    """In a thread, because drivers wait."""
    return await to_thread.run_sync(question)


def _excerpt(value: bytes | str | None) -> str:
    begin = (value or "")[: 4 * _EXCERPT]
    text = begin.decode("utf-8", "replace") if isinstance(begin, bytes) else begin
    return text[:_EXCERPT]


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        namespace, key = json.loads(cursor)
    except ValueError:
        raise SourceError(f"The cursor {cursor!r} is not one of this source.") from None
    return str(namespace), str(key)
