"""The v4 dialect: Zep's own SDK asks, over the host's client, a page at a time.

The answer is taken before the SDK reads it. Its pager stops at an empty page and goes round a
repeated cursor for ever; its models refuse a node that lacks a field, and with it the whole page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

import httpx
from zep_cloud import AsyncZep

from synap_import import READ_EXTENSION

from .address import segment
from .answers import Listed, RefusedError, body_of, count_of, items_of, object_of
from .dialect import Graph, Order, Part, Thread

MOST = 200
"""Of users, threads, messages and graphs on a page."""
MOST_OF_A_GRAPH = 100
"""Of episodes, facts and the like on a page."""
# What every list gives by default, where the most is less than documented elsewhere.
_SURE = 50

_ORDERS: dict[Order, dict[str, Any]] = {
    Order.STABLE: {"order_by": "uuid", "order": "asc"},
    Order.NEWEST: {"order_by": "created_at", "order": "desc"},
    Order.LAST_CHANGED: {"order_by": "updated_at", "order": "desc"},
}

Ask = Callable[[int], Awaitable[object]]


class V4:
    """Everything is addressed by Zep's UUIDs."""

    name: ClassVar[str] = "v4"

    def __init__(self, http: httpx.AsyncClient, root: str, key: str) -> None:
        self._key = key
        self._sizes: dict[str, int] = {}
        http.event_hooks["request"].append(_mark_as_reading)
        http.event_hooks["response"].append(_take)
        self._zep = AsyncZep(
            api_key=key, base_url=f"{root}/api/v4", httpx_client=http, max_retries=0
        )

    async def project(self) -> Mapping[str, Any]:
        """See :class:`~.dialect.Dialect`; so are the others."""
        return object_of(await self._ask(self._zep.project.get()), "The project")

    async def ontology(self) -> Mapping[str, Any]:
        """The project's own types."""
        return object_of(await self._ask(self._zep.project.get_ontology()), "The ontology")

    async def users(self, cursor: str | None, order: Order) -> Listed:
        """All users."""
        return await self._list(
            "users",
            MOST,
            lambda size: self._zep.user.list(page_size=size, cursor=cursor, **_ORDERS[order]),
        )

    async def threads(self, cursor: str | None, order: Order) -> Listed:
        """All threads."""
        return await self._list(
            "threads",
            MOST,
            lambda size: self._zep.thread.list(page_size=size, cursor=cursor, **_ORDERS[order]),
        )

    async def graphs(self, cursor: str | None) -> Listed:
        """The graphs that are listed."""
        order = _ORDERS[Order.STABLE]
        return await self._list(
            "graphs",
            MOST,
            lambda size: self._zep.graph.list(page_size=size, cursor=cursor, **order),
        )

    async def messages(self, thread: Thread, cursor: str | None) -> Listed:
        """The messages, in the order in which Zep received them."""
        own = segment(thread.uuid)
        return await self._list(
            "messages",
            MOST,
            lambda size: self._zep.thread.list_messages(
                own, page_size=size, cursor=cursor, order_by="created_at", order="asc"
            ),
        )

    async def part(self, graph: Graph, part: Part, cursor: str | None, order: Order) -> Listed:
        """What a graph holds of one sort."""
        if part is Part.USER_SUMMARY and graph.user is not None:
            node = await self._ask(self._zep.user.get_node(segment(graph.user.uuid)))
            return Listed([node])
        own, listing = segment(graph.uuid), self._listing(part)
        return await self._list(
            part,
            MOST_OF_A_GRAPH,
            lambda size: listing(own, page_size=size, cursor=cursor, **_ORDERS[order]),
        )

    def parts(self, graph: Graph) -> Sequence[Part]:
        """All; only users have a summary of them."""
        return [part for part in Part if graph.user or part is not Part.USER_SUMMARY]

    def _listing(self, part: Part) -> Callable[..., Awaitable[object]]:
        graph = self._zep.graph
        listings: dict[Part, Callable[..., Awaitable[object]]] = {
            Part.EPISODES: graph.episode.list,
            Part.HYPEREDGES: graph.hyperedge.list,
            Part.FACTS: graph.edge.list,
            Part.ENTITIES: graph.node.list,
            Part.OBSERVATIONS: graph.observation.list,
            Part.THREAD_SUMMARIES: graph.thread_summary.list,
            Part.DOCUMENT_SUMMARIES: graph.document_summary.list,
        }
        return listings[part]

    async def _list(self, what: str, most: int, ask: Ask) -> Listed:
        """A page, as large as Zep gives; what it gives at most is documented for some lists."""
        size = self._sizes.get(what, most)
        try:
            return _listed(await self._ask(ask(size)), what)
        except RefusedError as error:
            if error.status != httpx.codes.BAD_REQUEST or size == _SURE:
                raise
        listed = _listed(await self._ask(ask(_SURE)), what)
        self._sizes[what] = _SURE
        return listed

    async def _ask(self, request: Awaitable[object]) -> Any:
        """What the server answers to a request of the SDK."""
        try:
            await request
        except _Answer as answer:
            return body_of(answer.response, self._key)
        raise RuntimeError("the SDK asked without the host's client")


def _listed(body: Any, what: str) -> Listed:
    page = object_of(body, f"The list of {what}")
    behind = page.get("next_cursor")
    return Listed(
        items_of(page.get("items"), f"The list of {what}"),
        behind if isinstance(behind, str) and behind else None,
        count_of(page.get("total_size")),
    )


async def _mark_as_reading(request: httpx.Request) -> None:
    # Lists are asked for with POST too; nothing here writes.
    request.extensions[READ_EXTENSION] = True


class _Answer(Exception):  # noqa: N818 - no error: it carries the answer past the SDK
    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response = response


async def _take(response: httpx.Response) -> None:
    await response.aread()
    raise _Answer(response)
