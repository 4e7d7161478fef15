"""The v3 dialect, at ``/api/v2``: the same project, addressed by the developer's own ids.

The SDK for it is not installable beside that of v4, so the requests are made here: as it makes
them, but for the ids, which it does not encode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import httpx

from synap_import import READ_EXTENSION

from .address import segment
from .answers import Listed, RefusedError, body_of, count_of, items_of, object_of
from .dialect import Graph, Order, Part, Thread

MOST = 100
"""On a page. Of episodes nothing is asked: there 100 come, but 50 to whoever asks for 100."""
# A page as long as this may have been full, whatever was asked for.
_MAY_BE_FULL = 50
_NEXT = "Zep-Next-Cursor"

_PLACES = {
    Part.EPISODES: "episodes",
    Part.FACTS: "edge",
    Part.ENTITIES: "node",
    Part.OBSERVATIONS: "observation",
    Part.THREAD_SUMMARIES: "thread-summary",
    Part.DOCUMENT_SUMMARIES: "document-summary",
}


class V3:
    """Answers carry no owner: it is known from the request."""

    name: ClassVar[str] = "v3"

    def __init__(self, http: httpx.AsyncClient, root: str, key: str) -> None:
        self._http = http
        self._base = f"{root}/api/v2"
        self._key = key

    async def project(self) -> Mapping[str, Any]:
        """See :class:`~.dialect.Dialect`; so are the others."""
        body, _ = await self._ask("GET", "projects/info")
        return object_of(object_of(body, "The project").get("project"), "The project")

    async def ontology(self) -> Mapping[str, Any]:
        """The project's own types."""
        body, _ = await self._ask("GET", "entity-types")
        return object_of(body, "The ontology")

    async def users(self, cursor: str | None, order: Order) -> Listed:
        """All users."""
        return await self._numbered("users-ordered", "users", cursor, _by_creation(order))

    async def threads(self, cursor: str | None, order: Order) -> Listed:
        """All threads; when one was changed is not told, so the newest come first instead."""
        place = _Place.of(cursor)
        # Snake case here, camel case in the other two lists.
        asked = {"page_number": place.page, "page_size": MOST, **_by_creation(order)}
        body, _ = await self._ask("GET", "threads", params=asked)
        return _numbered(body, "threads", place)

    async def graphs(self, cursor: str | None) -> Listed:
        """Those that belong to no user."""
        return await self._numbered("graph/list-all", "graphs", cursor, {})

    async def messages(self, thread: Thread, cursor: str | None) -> Listed:
        """The messages, by page number.

        That the cursor is one is not documented. If the page repeats the last message of the
        one before, or the pages end too early, all messages are asked for at once.
        """
        place = _Place.of(cursor)
        asked = {"limit": MOST} if place.page == 1 else {"limit": MOST, "cursor": place.page}
        listed = _numbered(await self._messages(thread, asked), "messages", place)
        repeats = place.last != "" and place.last in map(_uuid, listed.items)
        total = listed.total or 0
        ends_early = listed.next is None and place.seen + len(listed.items) < total
        if repeats or ends_early:
            everything = await self._messages(thread, {"lastn": total or place.seen})
            return Listed(_items(everything, "messages"), None, listed.total, whole=True)
        return listed

    async def part(self, graph: Graph, part: Part, cursor: str | None, order: Order) -> Listed:
        """What a graph holds of one sort; the next cursor is in a header."""
        owner = f"user/{segment(graph.user.id)}" if graph.user else f"graph/{segment(graph.id)}"
        if part is Part.USER_SUMMARY and graph.user is not None:
            body, _ = await self._ask("GET", f"users/{segment(graph.user.id)}/node")
            return Listed([object_of(body, "The user's node").get("node")])
        path = f"graph/{_PLACES[part]}/{owner}"
        asked = _asked_of(part, cursor)
        try:
            body, headers = await self._ask("POST", path, json={**asked, **_sorted_by(order)})
        except RefusedError as error:
            if error.status != httpx.codes.BAD_REQUEST or order is not Order.STABLE:
                raise
            body, headers = await self._ask("POST", path, json=asked)
        items = items_of(body, f"The list of {part}")
        return Listed(items, _next(headers, items, cursor))

    def parts(self, graph: Graph) -> Sequence[Part]:
        """No hyperedges; only users have a summary, only other graphs have documents."""
        absent = {Part.HYPEREDGES, Part.DOCUMENT_SUMMARIES if graph.user else Part.USER_SUMMARY}
        return [part for part in Part if part not in absent]

    async def _numbered(
        self, path: str, name: str, cursor: str | None, asked: Mapping[str, Any]
    ) -> Listed:
        place = _Place.of(cursor)
        params = {"pageNumber": place.page, "pageSize": MOST, **asked}
        body, _ = await self._ask("GET", path, params=params)
        return _numbered(body, name, place)

    async def _messages(self, thread: Thread, asked: Mapping[str, Any]) -> Any:
        body, _ = await self._ask("GET", f"threads/{segment(thread.id)}/messages", params=asked)
        return body

    async def _ask(self, method: str, path: str, **content: Any) -> tuple[Any, httpx.Headers]:
        response = await self._http.request(
            method,
            f"{self._base}/{path}",
            headers={"Authorization": f"Api-Key {self._key}"},
            extensions={READ_EXTENSION: True},
            **content,
        )
        return body_of(response, self._key), response.headers


class _Place(NamedTuple):
    """The number of a page, how many items the pages before it had, and the last of them.

    ``total`` is the count of the page before: that of an empty page is 0 in some versions.
    """

    page: int = 1
    seen: int = 0
    total: int = 0
    last: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> _Place:
        if cursor is None:
            return cls()
        page, seen, total, last = cursor.split(":", 3)
        return cls(int(page), int(seen), int(total), last)


def _numbered(body: Any, name: str, place: _Place) -> Listed:
    """A numbered page. The list ends where its count says, or with an empty page.

    Not with a page shorter than asked for: how long pages may be is not documented.
    """
    items = _items(body, name)
    told = count_of(body.get("total_count")) or 0
    total = told if items else place.total
    seen = place.seen + len(items)
    if not items or 0 < total <= seen:
        return Listed(items, None, total or None)
    behind = (place.page + 1, seen, total, _uuid(items[-1]))
    return Listed(items, ":".join(map(str, behind)), total or None)


def _items(body: Any, name: str) -> list[Any]:
    what = f"The list of {name}"
    return items_of(object_of(body, what).get(name), what)


def _by_creation(order: Order) -> dict[str, str]:
    return {"order_by": "created_at", "asc": "true" if order is Order.STABLE else "false"}


def _sorted_by(order: Order) -> dict[str, str]:
    if order is Order.STABLE:
        return {"order_by": "uuid", "direction": "asc"}
    return {"order_by": "created_at", "direction": "desc"}


def _asked_of(part: Part, cursor: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {} if part is Part.EPISODES else {"limit": MOST}
    if cursor is not None:
        name, _, value = cursor.partition(":")
        asked[name] = value
    return asked


def _next(headers: httpx.Headers, items: Sequence[Any], cursor: str | None) -> str | None:
    """The next cursor. A server without the header may still have more behind a full page."""
    if told := headers.get(_NEXT):
        return f"cursor:{told}"
    by_header = cursor is not None and cursor.startswith("cursor:")
    if by_header or len(items) < _MAY_BE_FULL:
        return None
    return f"uuid_cursor:{_uuid(items[-1])}"


def _uuid(item: Any) -> str:
    return str(item.get("uuid") or item.get("uuid_") or "") if isinstance(item, Mapping) else ""
