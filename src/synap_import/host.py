"""What the host gives an adapter while it reads: HTTP clients that it makes and closes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .polite_http import Counters, Politeness, polite_client
from .source_errors import explained

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel

    from .records import Scope
    from .sources import Exported, Source


class NothingExported:
    """What has come out of a source before it has a ledger."""

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        """None."""
        return iter(())

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        """All of them."""
        return list(ids)

    def knows(self, digest: str) -> bool:
        """No page at all."""
        return False


@dataclass(slots=True)
class HostContext:
    """The :class:`~synap_import.sources.SourceContext` of a run.

    Where ``readers`` read the same source, each takes its part of the requests that it allows.
    """

    clients: AsyncExitStack
    counters: Counters = field(default_factory=Counters)
    exported: Exported = field(default_factory=NothingExported)
    readers: int = 1

    def http_client(
        self,
        *,
        base_url: str = "",
        headers: dict[str, str] | None = None,
        politeness: Politeness | None = None,
    ) -> httpx.AsyncClient:
        """A polite client; closed when the run ends."""
        client = polite_client(
            base_url=base_url,
            headers=headers or {},
            politeness=self._part_of(politeness or Politeness()),
            counters=self.counters,
        )
        self.clients.push_async_callback(client.aclose)
        return client

    def _part_of(self, politeness: Politeness) -> Politeness:
        if politeness.requests_per_second is None or self.readers == 1:
            return politeness
        part = politeness.requests_per_second / self.readers
        return replace(politeness, requests_per_second=part)


@asynccontextmanager
async def open_source(
    adapter: type[Source[Any]], config: BaseModel, *, readers: int = 1
) -> AsyncIterator[Source[Any]]:
    """The adapter with its host context, which is one of so many ``readers``.

    An answer that the adapter refuses becomes a SourceError or SourceUnavailableError.
    """
    async with AsyncExitStack() as clients:
        with explained():
            yield adapter.of(config, HostContext(clients, readers=readers))
