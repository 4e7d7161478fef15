"""What a source is given in a test: the host's own clients, and a count of what came out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel

from synap_import.polite_http import Counters, Politeness, polite_client
from synap_import.source_errors import explained

from .exported import InMemoryExported

if TYPE_CHECKING:
    import httpx

    from synap_import.sources import Exported, Source, SourceContext


@dataclass(slots=True)
class ReadingContext:
    """A :class:`~synap_import.SourceContext` whose clients close with ``clients``.

    Pauses between attempts pass at once, unless ``wait``; ``waits`` has their seconds.
    ``transport`` answers instead of a server.
    """

    clients: AsyncExitStack
    exported: Exported = field(default_factory=InMemoryExported)
    counters: Counters = field(default_factory=Counters)
    transport: httpx.AsyncBaseTransport | None = None
    wait: bool = False
    waits: list[float] = field(default_factory=list)

    def http_client(
        self,
        *,
        base_url: str = "",
        headers: dict[str, str] | None = None,
        politeness: Politeness | None = None,
    ) -> httpx.AsyncClient:
        """The host's own client."""
        client = polite_client(
            base_url=base_url,
            headers=headers,
            politeness=politeness,
            counters=self.counters,
            transport=self.transport,
            sleep=anyio.sleep if self.wait else self._skip,
        )
        self.clients.push_async_callback(client.aclose)
        return client

    async def _skip(self, seconds: float) -> None:
        self.waits.append(seconds)
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def reading_context(
    exported: Exported | None = None,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    wait: bool = False,
) -> AsyncIterator[ReadingContext]:
    """A context for one run; ``exported`` of an earlier run makes it a resumed one.

    An answer that the adapter refuses becomes the error that the host shows.
    """
    async with AsyncExitStack() as clients:
        kept = InMemoryExported() if exported is None else exported
        with explained():
            yield ReadingContext(clients, kept, transport=transport, wait=wait)


def in_one_run(
    make: Callable[[SourceContext], Source[Any]],
    act: Callable[[Source[Any]], Awaitable[Any]],
    exported: Exported | None = None,
) -> Any:
    """What ``act`` returns for a fresh source, in an event loop of its own."""

    async def run() -> Any:
        async with reading_context(exported) as context:
            return await act(make(context))

    return anyio.run(run)
