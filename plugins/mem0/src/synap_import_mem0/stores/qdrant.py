"""The Qdrant server that the open-source library wrote into, read directly.

Through the host's own HTTP client, which retries, waits, limits and redacts: qdrant-client cannot
be built on another client. It is the referee in the tests instead.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from synap_import import (
    Finding,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Source,
    SourceCheck,
)
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.holds import HOLDS
from synap_import_mem0.memories import PAYLOAD_SCOPES

from .choosing import choose, to_count
from .holes import find_holes
from .qdrant_api import PointId, QdrantApi, base_url_of
from .rows import Row, is_identity, is_uuid, page_of
from .server_history import ServerHistory, open_history
from .tables_to_skip import is_beside, skipped_identities, skipped_tables

if TYPE_CHECKING:
    from synap_import import SourceContext

_POINTS_PER_PAGE = 250
_POINTS_PER_LOOK = 1_000
# Enough to count whose the memories are, and to see that one changed: the library writes a new
# time with every change. The user's metadata and vectors stay where they are.
_LOOK = ["data", "type", "updated_at", "updatedAt", "created_at", "createdAt"]
_LOOK += [key for keys in PAYLOAD_SCOPES.values() for key in keys]


class _Survey(NamedTuple):
    memories: int
    identities: int
    version: str
    scopes: Counter[tuple[ScopeKind, str]]


class _Sight(NamedTuple):
    collection: str
    survey: _Survey
    skipped: dict[str, int | None]


class QdrantServer(Source[Mem0Config]):
    """One collection, in the order of its ids.

    Qdrant counts neither owners nor changes by itself, so one light look over all points comes
    first. Its digest is the partition's version: what changed since is found by the next run.
    """

    holds = HOLDS

    def __init__(self, config: Mem0Config, context: SourceContext) -> None:
        super().__init__(config, context)
        self._now = datetime.now(UTC)
        self._sight: _Sight | None = None
        self._history: ServerHistory | None = None

    async def check(self) -> SourceCheck:
        """Which collection it is, and what is in it."""
        collection, survey, skipped = await self._look()
        history = await self._opened_history()
        return SourceCheck(
            account=f"{self._base_url}/collections/{collection}",
            title=f"Qdrant collection {collection} at {self._base_url}",
            expected=survey.memories + (history.expected if history else 0),
            findings=(
                *skipped_tables(skipped),
                *skipped_identities(survey.identities),
                *(history.findings if history else ()),
            ),
        )

    async def partitions(self) -> AsyncIterator[Partition]:
        """The collection, and the history that is asked for."""
        collection, survey, _ = await self._look()
        yield Partition(collection, collection, survey.version, survey.memories)
        if history := await self._opened_history():
            yield history.partition

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Points from the id on that the cursor holds."""
        history = await self._opened_history()
        if history and partition.id == history.partition.id:
            async with aclosing(history.pages(cursor)) as earlier:
                async for page in earlier:
                    yield page
            return
        offset: PointId | None = json.loads(cursor) if cursor else None
        while True:
            rows, offset = await self._api.scroll(partition.id, offset, _POINTS_PER_PAGE)
            behind = None if offset is None else json.dumps(offset)
            yield page_of(rows, behind, place=partition.id, now=self._now)
            if offset is None:
                return

    async def scopes(self) -> Sequence[ScopeCount]:
        """As the look counted them."""
        _, survey, _ = await self._look()
        return [ScopeCount(*scope, count) for scope, count in sorted(survey.scopes.items())]

    async def reconcile(self) -> Sequence[Finding]:
        """Ids that are in the collection now and did not come out."""
        collection = (await self._look()).collection

        async def pages_of_ids() -> AsyncIterator[Sequence[PointId]]:
            async for rows in self._api.scroll_all(collection, _POINTS_PER_LOOK, payload=False):
                yield [row.id for row in rows]

        async def fetch(ids: Sequence[PointId]) -> Sequence[Row]:
            return await self._api.points(collection, ids)

        return await find_holes(pages_of_ids(), fetch, self.context.exported, self._now)

    @cached_property
    def _base_url(self) -> str:
        return base_url_of(self.config.qdrant or "")

    @cached_property
    def _api(self) -> QdrantApi:
        key = self.config.qdrant_key
        headers = {"api-key": key.get_secret_value()} if key else {}
        client = self.context.http_client(base_url=self._base_url, headers=headers)
        return QdrantApi(client, self._base_url)

    async def _opened_history(self) -> ServerHistory | None:
        if self._history is None:
            self._history = await open_history(self.config, self._points_named, self._now)
        return self._history

    async def _points_named(self, ids: Sequence[str]) -> Sequence[Row]:
        collection = (await self._look()).collection
        points = [int(one) if one.isdecimal() else one for one in ids]
        # Qdrant refuses to be asked for anything else.
        points = [one for one in points if isinstance(one, int) or is_uuid(one)]
        return await self._api.points(collection, points)

    async def _look(self) -> _Sight:
        if self._sight is None:
            found = dict[str, int | None].fromkeys(await self._api.collections())
            for one in to_count(found, self.config.collection):
                found[one] = await self._api.count(one)
            where = f"Qdrant at {self._base_url}"
            name = choose(found, self.config.collection, noun="collection", where=where)
            skipped = {one: found[one] for one in found if one != name and is_beside(one)}
            self._sight = _Sight(name, await self._survey(name), skipped)
        return self._sight

    async def _survey(self, collection: str) -> _Survey:
        memories = identities = 0
        digest = sha256()
        scopes = Counter[tuple[ScopeKind, str]]()
        async for rows in self._api.scroll_all(collection, _POINTS_PER_LOOK, payload=_LOOK):
            for row in rows:
                digest.update(json.dumps([row.id, row.payload], sort_keys=True).encode())
                if is_identity(row.payload):
                    identities += 1
                    continue
                memories += 1
                scopes.update(_owners(row.payload))
        return _Survey(memories, identities, digest.hexdigest()[:32], scopes)


def _owners(payload: Any) -> list[tuple[ScopeKind, str]]:
    fields = payload if isinstance(payload, dict) else {}
    found = (
        (kind, next((fields[key] for key in keys if fields.get(key) not in (None, "")), None))
        for kind, keys in PAYLOAD_SCOPES.items()
    )
    return [(kind, str(one)) for kind, one in found if isinstance(one, str | int)]
