"""Answers as Zep Cloud does, in both dialects: page limits, cursors, refusals, a rate limit.

Made from the SDKs' code and the documentation; what they leave open is a field of
:class:`Answering`, so that a test can have it either way.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, unquote

from zep_support.cloud_project import PARTS, Project

KEY = "z_test.key-of-the-tests"
V4, V3 = "/api/v4/", "/api/v2/"


@dataclass(frozen=True)
class Asked:
    """A request as it came; ids in ``place`` are decoded after the path was taken apart."""

    method: str
    path: str
    place: tuple[str, ...]
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]

    @classmethod
    def of(cls, method: str, target: str, content: bytes, headers: Mapping[str, str]) -> Asked:
        path, _, query = target.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        body = json.loads(content) if content else None
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        place = tuple(unquote(one) for one in path.strip("/").split("/")[2:])
        return cls(method, path, place, pairs, body, named)


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def said(body: Any, status: int = 200, **headers: str) -> Said:
    """An answer in JSON; underscores in the names of headers are dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status, json.dumps(body).encode(), {"Content-Type": "application/json", **named})


class RefusalError(Exception):
    """Ends the making of an answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


NOT_FOUND = RefusalError(404, "not_found", "there is no such thing")


@dataclass
class RateLimit:
    """So many requests in a window of time, by a clock that a test may move."""

    per_window: int
    clock: Callable[[], float]
    window: float = 60.0
    told: Callable[[], float] = time.time
    retry_after: bool = False
    answered_429: list[bool] = field(default_factory=list)
    _began: float = -1e9
    _used: int = 0

    def ask(self) -> tuple[bool, dict[str, str]]:
        now = self.clock()
        if now >= self._began + self.window:
            self._began, self._used = now, 0
        self._used += 1
        refused = self._used > self.per_window
        self.answered_429.append(refused)
        reset = self._began + self.window
        headers = {
            "X-RateLimit-Limit": str(self.per_window),
            "X-RateLimit-Remaining": str(max(0, self.per_window - self._used)),
            # The caller's clock does not move with that of the test.
            "X-RateLimit-Reset": str(ceil(self.told() + reset - now)),
        }
        if refused and self.retry_after:
            headers["Retry-After"] = str(ceil(reset - now))
        return refused, headers


@dataclass
class Answering:
    """The server. What the project holds may change while it answers.

    ``before`` is called ahead of each answer; what it returns, if anything, is the answer.
    """

    project: Project
    v4: bool = True
    v3: bool = True
    most: int = 200
    most_in_graph: int = 100
    refuses_more: bool = False
    without: tuple[str, ...] = ()
    user_graphs_listed: bool = False
    header_cursors: bool = True
    numbered_messages: bool = True
    most_last: int = 1_000_000
    empty_after: int | None = None
    repeats_cursor: bool = False
    loses: str | None = None
    hides: set[str] = field(default_factory=set)
    limit: RateLimit | None = None
    v4_refusal: tuple[int, str, str] = (403, "forbidden", "v4 is not enabled for this key")
    before: Callable[[Asked], Said | None] = lambda _: None
    keeps_asked: bool = True
    asked: list[Asked] = field(default_factory=list)
    _by_key: dict[str, Said] = field(default_factory=dict)

    def answer(self, method: str, target: str, content: bytes, headers: Mapping[str, str]) -> Said:
        asked = Asked.of(method, target, content, headers)
        if self.keeps_asked:
            self.asked.append(asked)
        if first := self.before(asked):
            return first
        key = asked.headers.get("idempotency-key")
        if key in self._by_key:
            return self._by_key[key]
        said = self._limited(asked)
        if key and said.status == 200 and self.keeps_asked:
            self._by_key[key] = said
        return said

    def asked_of(self, *place: str) -> list[Asked]:
        """The requests whose path ends like this."""
        return [one for one in self.asked if one.place[-len(place) :] == place]

    def _limited(self, asked: Asked) -> Said:
        headers = {}
        if self.limit is not None:
            refused, headers = self.limit.ask()
            if refused:
                limited = RefusalError(429, "rate_limited", "too many requests")
                return self._refused(asked, limited, headers)
        try:
            body, more = self._answered(asked)
        except RefusalError as refusal:
            return self._refused(asked, refusal, headers)
        return Said(200, json.dumps(body).encode(), {**_JSON, **headers, **more})

    def _refused(self, asked: Asked, refusal: RefusalError, headers: dict[str, str]) -> Said:
        words: Any = {"message": refusal.message}
        if asked.path.startswith(V4):
            words = {"error": {"code": refusal.code, "message": refusal.message}}
        return Said(refusal.status, json.dumps(words).encode(), {**_JSON, **headers})

    def _answered(self, asked: Asked) -> tuple[Any, dict[str, str]]:
        is_v4 = asked.path.startswith(V4)
        if not is_v4 and not asked.path.startswith(V3):
            raise NOT_FOUND
        if asked.headers.get("authorization") != f"Api-Key {KEY}":
            raise RefusalError(401, "unauthorized", "unauthorized")
        if is_v4 and not self.v4:
            raise RefusalError(*self.v4_refusal)
        if not is_v4 and not self.v3:
            raise NOT_FOUND
        if any(one in asked.place for one in self.without):
            raise NOT_FOUND
        if is_v4:
            return self._v4(asked), {}
        return _V3Answer(self, asked).make()

    # -- v4 ------------------------------------------------------------------------------

    def _v4(self, asked: Asked) -> Any:
        project = self.project
        match (asked.method, *asked.place):
            case ("GET", "project"):
                return project.info
            case ("GET", "project", "ontology"):
                return project.ontology
            case ("POST", "users", "list"):
                return self._page(asked, project.users, self.most)
            case ("GET", "threads"):
                return self._page(asked, project.threads, self.most)
            case ("GET", "threads", own, "messages"):
                return self._page(asked, self.said_in(own), self.most)
            case ("POST", "graphs", "list"):
                return self._page(asked, self.listed_graphs(), self.most)
            case ("GET", "users", own, "node"):
                if own not in project.nodes:
                    raise NOT_FOUND
                return project.nodes[own]
            case ("POST", "graphs", own, part, "list") if part in PARTS:
                items = self.part_of(own, part)
                return self._page(asked, items, self.most_in_graph, counts=False)
        raise NOT_FOUND

    def said_in(self, thread_uuid: str) -> list[dict[str, Any]]:
        if thread_uuid not in self.project.messages:
            raise NOT_FOUND
        return self.project.messages[thread_uuid]

    def lost(self, asked: Asked, rows: list[Any]) -> list[Any]:
        """The rows of a list that shows one less than it counts."""
        named = asked.place[0] if len(asked.place) <= 2 else asked.place[-1]
        return rows[:-1] if self.loses == named.removesuffix("-ordered") else rows

    def listed_graphs(self) -> list[dict[str, Any]]:
        of_users = [
            {"uuid": one["graph_uuid"], "type": "user", "user_uuid": one["uuid"]}
            for one in self.project.users
            if self.user_graphs_listed and one.get("graph_uuid")
        ]
        return [*self.project.graphs, *of_users]

    def part_of(self, own: str, part: str) -> list[dict[str, Any]]:
        """A user's graph is known by the user's UUID too."""
        for user in self.project.users:
            if own in {user["uuid"], user.get("graph_uuid")}:
                return self._shown(self.project.in_graph(user.get("graph_uuid") or own, part))
        if any(own == graph["uuid"] for graph in self.project.graphs):
            return self._shown(self.project.in_graph(own, part))
        raise NOT_FOUND

    def _shown(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in items if one["uuid"] not in self.hides] if self.hides else items

    def _page(
        self, asked: Asked, items: list[dict[str, Any]], most: int, *, counts: bool = True
    ) -> dict[str, Any]:
        size = int(asked.query.get("page_size", "50"))
        if size > most and self.refuses_more:
            raise RefusalError(400, "invalid_request", f"page_size is at most {most}")
        rows, behind = self.cut(
            items,
            asked.query.get("order_by", "uuid" if not counts else "created_at"),
            asked.query.get("order", "desc"),
            asked.query.get("cursor"),
            min(size, most),
        )
        page: dict[str, Any] = {"items": self.lost(asked, rows)}
        if behind is not None:
            page["next_cursor"] = behind
        if counts:
            page["total_size"] = len(items)
        return page

    def cut(
        self, items: list[dict[str, Any]], by: str, order: str, cursor: str | None, size: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Rows behind a cursor, which is the key of the last row, and the next cursor."""

        def key(item: dict[str, Any]) -> tuple[str, str]:
            return (item.get(by) or "", item["uuid"])

        rows = sorted(items, key=key, reverse=order == "desc")
        if cursor is not None:
            told = json.loads(base64.urlsafe_b64decode(cursor))
            if told[0] == "empty":
                told = told[1:]
            elif self.empty_after is not None and told[2] == self.empty_after:
                return [], _cursor("empty", *told[:2], told[2] + 1)
            place = (told[0], told[1])
            rows = [one for one in rows if (key(one) < place) == (order == "desc")]
            rows = [one for one in rows if key(one) != place]
            number = told[2] + 1
        else:
            number = 1
        page = rows[:size]
        if len(rows) <= size:
            return page, None
        if self.repeats_cursor and number >= 2:
            return page, cursor
        return page, _cursor(*key(page[-1]), number)


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


_JSON = {"Content-Type": "application/json"}


@dataclass
class _V3Answer:
    """One answer of the older dialect, made from the same project."""

    server: Answering
    asked: Asked

    def make(self) -> tuple[Any, dict[str, str]]:
        project, place = self.server.project, self.asked.place
        match (self.asked.method, *place):
            case ("GET", "projects", "info"):
                return {"project": {name: project.info[name] for name in ("uuid", "name")}}, {}
            case ("GET", "entity-types"):
                return project.ontology, {}
            case ("GET", "users-ordered"):
                return self._numbered("users", self._sorted(project.users), "pageNumber"), {}
            case ("GET", "threads"):
                shown = [self._thread(one) for one in self._sorted(project.threads)]
                return self._numbered("threads", shown, "page_number"), {}
            case ("GET", "graph", "list-all"):
                shown = [_graph(one) for one in project.graphs]
                return self._numbered("graphs", shown, "pageNumber"), {}
            case ("GET", "threads", own, "messages"):
                return self._messages(own), {}
            case ("GET", "users", own, "node"):
                node = project.nodes.get(self._user(own)["uuid"])
                if node is None:
                    raise NOT_FOUND
                return {"node": _older("nodes", node)}, {}
            case ("POST", "graph", kind, "user" | "graph" as sort, own) if kind in _V3_PARTS:
                return self._listed(kind, sort, own)
        raise NOT_FOUND

    def _user(self, user_id: str) -> dict[str, Any]:
        found = [one for one in self.server.project.users if one.get("user_id") == user_id]
        if not found:
            raise NOT_FOUND
        return found[0]

    def _thread(self, thread: dict[str, Any]) -> dict[str, Any]:
        owners = {one["uuid"]: one.get("user_id") for one in self.server.project.users}
        shown = {name: thread[name] for name in thread if name != "updated_at"}
        shown["user_id"] = owners.get(thread.get("user_uuid"))
        return {**shown, "project_uuid": "00000000-0000-0000-0000-000000000000"}

    def _sorted(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        newest_first = self.asked.query.get("asc") != "true"
        return sorted(items, key=lambda one: one["created_at"], reverse=newest_first)

    def _numbered(self, name: str, items: list[dict[str, Any]], numbered_by: str) -> dict[str, Any]:
        """The number of the page is read under one name; the count of an empty page is 0."""
        page = int(self.asked.query.get(numbered_by, "1"))
        size = int(
            self.asked.query.get(numbered_by.replace("umber", "ize").replace("N", "S"), "50")
        )
        size = min(size, self.server.most, 100)
        rows = self.server.lost(self.asked, items[(page - 1) * size : page * size])
        return {name: rows, "row_count": len(rows), "total_count": len(items) if rows else 0}

    def _messages(self, thread_id: str) -> dict[str, Any]:
        threads = [one for one in self.server.project.threads if one.get("thread_id") == thread_id]
        if not threads:
            raise NOT_FOUND
        items = [_older("messages", one) for one in self.server.said_in(threads[0]["uuid"])]
        query = self.asked.query
        if "lastn" in query:
            rows = items[-min(int(query["lastn"]), self.server.most_last) :]
        else:
            limit, cursor = int(query.get("limit", "100")), int(query.get("cursor", "1"))
            start = (cursor - 1) * limit if self.server.numbered_messages else cursor - 1
            rows = items[start : start + limit]
        return {
            "messages": self.server.lost(self.asked, rows),
            "row_count": len(rows),
            "total_count": len(items) if rows else 0,
            "user_id": self._thread(threads[0])["user_id"],
        }

    def _listed(self, kind: str, sort: str, own: str) -> tuple[Any, dict[str, str]]:
        part = _V3_PARTS[kind]
        items = self.server.part_of(self._graph_uuid(sort, own), part)
        asked = self.asked.body or {}
        size = 100
        if "limit" in asked:
            size = min(asked["limit"], 50 if kind == "episodes" else 100)
        cursor = asked.get("cursor")
        rows, behind = self.server.cut(
            items, asked.get("order_by", "uuid"), asked.get("direction", "desc"), cursor, size
        )
        if "uuid_cursor" in asked:
            later = [one for one in items if one["uuid"] > asked["uuid_cursor"]]
            rows = sorted(later, key=lambda one: one["uuid"])[:size]
        shown = [{**_older(part, one), **self._thread_id(one)} for one in rows]
        if self.server.header_cursors and behind is not None:
            return shown, {"Zep-Next-Cursor": behind}
        return shown, {}

    def _thread_id(self, item: dict[str, Any]) -> dict[str, Any]:
        threads = self.server.project.threads
        own = item.get("thread_uuid")
        found = [one.get("thread_id") for one in threads if own and one["uuid"] == own]
        return {"thread_id": found[0]} if found else {}

    def _graph_uuid(self, sort: str, own: str) -> str:
        if sort == "user":
            return self._user(own)["uuid"]
        found = [one["uuid"] for one in self.server.project.graphs if one.get("graph_id") == own]
        if not found:
            raise NOT_FOUND
        return found[0]


_V3_PARTS = {
    "episodes": "episodes",
    "edge": "edges",
    "node": "nodes",
    "observation": "observations",
    "thread-summary": "thread-summaries",
    "document-summary": "document-summaries",
}
# Answers of v3 do not say whose something is, and have one time of messages and episodes.
_LATER = {"graph_uuid", "user_uuid", "thread_uuid", "reference_time", "updated_at"}
_RENAMED = {
    "edges": {"episode_uuids": "episodes"},
    "nodes": {"episode_uuids": "episodes", "episode_uuids_truncated": "episodes_truncated"},
    "observations": {"episode_uuids": "episode_ids"},
    "episodes": {"role": "role_type", "role_name": "role", "thread_id": "thread_id"},
}


def _older(part: str, item: dict[str, Any]) -> dict[str, Any]:
    renamed = _RENAMED.get(part, {})
    return {renamed.get(name, name): value for name, value in item.items() if name not in _LATER}


def _graph(graph: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in graph.items() if name not in {"type", "uuid"}}
    return {**shown, "uuid": f"row-{graph['uuid']}", "canonical_graph_uuid": graph["uuid"]}
