"""A SuperMemory server in memory: v3/v4 and v5 over the same organization.

It does what the published descriptions say; where they are silent, as the fact that is less kind.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import uvicorn

KEY = "sm_org1_key-of-the-tests"
SESSION = {
    "user": {"id": "u1", "name": "Owner", "email": "owner@example.com"},
    "org": {"id": "org1", "name": "Acme"},
    "role": "owner",
    "accessType": "full",
    "containerTags": None,
    "scope": {"type": "full"},
}
SCOPED = {
    **SESSION,
    "accessType": "restricted",
    "containerTags": [{"containerTag": "user_ana", "permission": "read"}],
    "scope": {"type": "scoped", "tag": "user_ana"},
}
UNAUTHORIZED = {
    "error": "Unauthorized",
    "details": "Either userId or orgId not found. Are you using the right API key?",
}
Items = list[dict[str, Any]]


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]

    @property
    def segments(self) -> list[str]:
        """The path, decoded part by part."""
        return [unquote(part) for part in self.path.split("/")][1:]

    @property
    def order(self) -> dict[str, Any]:
        """Page, limit, sort and order, wherever they were said."""
        return self.query if self.segments[0] == "ns" else self.body or {}

    @property
    def tag(self) -> str | None:
        if self.segments[0] == "ns":
            return self.segments[1]
        return (self.body or {}).get("containerTags", [None])[0]


@dataclass
class Said:
    """An answer that a test gives instead."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class StandIn:
    """The server. What it holds may be changed while it runs.

    ``before`` is called ahead of each answer, so a test can change lists between pages; what it
    returns, if anything, is the answer. Lists are kept in the order of creation. What is
    ``hidden`` is counted and not shown; ``steady`` says that nothing changes.
    """

    memories: dict[str, Items] = field(default_factory=dict)
    documents: dict[str, Items] = field(default_factory=dict)
    untagged: Items = field(default_factory=list)
    session: dict[str, Any] | None = field(default_factory=lambda: dict(SESSION))
    key: str | None = KEY
    has: tuple[str, ...] = ("v4", "v5")
    lists_tags: bool = True
    most_per_page: int = 1100
    hidden: set[str] = field(default_factory=set)
    overcounts: int = 0
    merging: set[str] = field(default_factory=set)
    steady: bool = False
    before: Callable[[StandIn, Asked], Said | None] = lambda *_: None
    asked: list[Asked] = field(default_factory=list)
    _every: Items = field(default_factory=list)

    def pages(self, path: str) -> list[Asked]:
        """The pages that were asked for, without single rows."""
        return [one for one in self.asked if one.path == path and int(one.order["limit"]) > 1]

    def respond(self, asked: Asked) -> Said:
        self.asked.append(asked)
        said = self.before(self, asked)
        if said is not None:
            return said
        if self.key and asked.headers.get("authorization") != f"Bearer {self.key}":
            return Said(401, UNAUTHORIZED)
        if asked.segments == ["v3", "session"] and self.session is not None:
            return Said(200, self.session)
        known = [self._v4(asked)] if "v4" in self.has else []
        known += [self._v5(asked)] if "v5" in self.has else []
        return next((said for said in known if said), Said(404, {"error": "Not found"}))

    def _v4(self, asked: Asked) -> Said | None:
        match asked.method, asked.segments:
            case "GET", ["v3", "container-tags", "list"]:
                if not self.lists_tags:
                    return Said(403, {"error": "This key cannot use this endpoint"})
                return Said(200, [self._tag(name) for name in self._names()])
            case "POST", ["v4", "memories", "list"]:
                if not asked.body.get("containerTags"):
                    return Said(400, {"error": "containerTags are required"})
                return self._list(self.memories.get(asked.tag or "", []), asked, "memoryEntries")
            case "POST", ["v3", "documents", "list"]:
                items = self._all_documents() if asked.tag is None else self._documents(asked.tag)
                content = asked.body.get("includeContent")
                return self._list(items, asked, "memories", lambda one: v4_document(one, content))
            case "GET", ["v3", "documents", own_id]:
                return self._document(own_id)
        return None

    def _v5(self, asked: Asked) -> Said | None:
        match asked.method, asked.segments:
            case "GET", ["ns"]:
                names = [self._namespace(name) for name in self._names()]
                return self._list(names, asked, "namespaces")
            case "POST", ["ns", name, "list", kind]:
                return self._v5_list(name, kind, asked)
        return None

    def _names(self) -> list[str]:
        return list(dict.fromkeys([*self.memories, *self.documents]))

    def _documents(self, tag: str) -> Items:
        return self.documents.get(tag, [])

    def _all_documents(self) -> Items:
        if not self.steady or not self._every:
            every = {one["id"]: one for name in self.documents for one in self.documents[name]}
            every |= {one["id"]: one for one in self.untagged}
            self._every = sorted(every.values(), key=lambda one: one["createdAt"])
        return self._every

    def _tag(self, name: str) -> dict[str, Any]:
        current = [one for one in self.memories.get(name, []) if is_current(one)]
        shown = {
            "id": f"space-{name}",
            "name": name.title(),
            "containerTag": name,
            "description": None,
            "createdAt": "2026-01-01T00:00:00.000Z",
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "isExperimental": False,
            "isNova": name.startswith("sm_project_"),
            "documentCount": len(self._documents(name)),
            "memoryCount": len(current),
            "lastActivityAt": None,
        }
        return {**shown, "mergeStatus": "source"} if name in self.merging else shown

    def _namespace(self, name: str) -> dict[str, Any]:
        tag = self._tag(name)
        return {
            "id": tag["id"],
            "namespace": name,
            "documentCount": tag["documentCount"],
            "memoryCount": tag["memoryCount"],
            "description": None,
            "system": {"createdAt": tag["createdAt"], "updatedAt": tag["updatedAt"]},
        }

    def _document(self, own_id: str) -> Said:
        for one in self._all_documents():
            if own_id in (one["id"], one["customId"]):
                tags = [name for name in self.documents if one in self.documents[name]]
                more = {"raw": None, "source": "api", "ogImage": None, "taskType": "memory"}
                return Said(200, {**one, "containerTags": tags, "dreamingStatus": "done", **more})
        return Said(404, {"error": "Document not found"})

    def _v5_list(self, name: str, kind: str, asked: Asked) -> Said:
        include = (asked.body or {}).get("include", {})
        if kind == "memories":
            entries = self.memories.get(name, [])
            if not include.get("forgotten"):
                entries = [one for one in entries if not one["isForgotten"]]
            said = self._list(entries, asked, kind, v5_memory)
        else:
            content = include.get("content")
            items = self._documents(name)
            said = self._list(items, asked, kind, lambda one: v5_document(one, content))
        empty: dict[str, Any] = {"documents": [], "chunks": [], "memories": []}
        return Said(said.status, {**empty, **said.content})

    def _list(
        self, items: Items, asked: Asked, key: str, shown: Callable[[Any], Any] = lambda one: one
    ) -> Said:
        page, limit = int(asked.order.get("page", 1)), int(asked.order.get("limit", 10))
        if page < 1 or limit < 1:
            return Said(400, {"success": False, "error": [{"path": ["page"], "message": "Small"}]})
        if asked.order.get("sort") == "updatedAt":
            items = sorted(items, key=lambda one: one["updatedAt"] or "", reverse=True)
        limit = min(limit, self.most_per_page)
        rows = items[(page - 1) * limit : page * limit]
        total = len(items) + self.overcounts
        pagination = {
            "currentPage": page,
            "limit": limit,
            "totalItems": total,
            "totalPages": -(-total // limit),
        }
        rows = [shown(one) for one in rows if one["id"] not in self.hidden]
        return Said(200, {key: rows, "pagination": pagination})

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """Answers without a network."""
        return _Transport(self)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address of a real server on loopback."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        config = uvicorn.Config(
            self._application,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            ws="none",
            access_log=False,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        end = time.monotonic() + 30
        while not server.started and time.monotonic() < end:
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            listening.close()

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        target = scope["raw_path"].decode() + "?" + scope["query_string"].decode()
        said = self.respond(asked_of(scope["method"], target, body, headers))
        start = [(name.encode(), value.encode()) for name, value in headers_of(said).items()]
        await send({"type": "http.response.start", "status": said.status, "headers": start})
        await send({"type": "http.response.body", "body": bytes_of(said)})


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        asked = asked_of(request.method, target, await request.aread(), dict(request.headers))
        said = self._stand_in.respond(asked)
        return httpx.Response(said.status, headers=headers_of(said), content=bytes_of(said))


def asked_of(method: str, target: str, body: bytes, headers: dict[str, str]) -> Asked:
    path, _, query = target.partition("?")
    return Asked(method, path, dict(parse_qsl(query)), json.loads(body) if body else None, headers)


def headers_of(said: Said) -> dict[str, str]:
    kind = "text/html" if isinstance(said.content, str) else "application/json"
    return {"content-type": kind, **said.headers}


def bytes_of(said: Said) -> bytes:
    if isinstance(said.content, str):
        return said.content.encode()
    return b"" if said.content is None else json.dumps(said.content).encode()


def is_current(one: dict[str, Any]) -> bool:
    return one["isLatest"] and not one["isForgotten"]


def without(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}


def v5_memory(one: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "memory", "isStatic", "isLatest", "isForgotten", "version")
    return {
        **{name: one[name] for name in kept},
        "isInference": bool(one["isInference"]),
        "metadata": one["metadata"] or {},
        "system": {"createdAt": one["createdAt"], "updatedAt": one["updatedAt"]},
    }


def v4_document(one: dict[str, Any], content: Any) -> dict[str, Any]:
    """Without a text also where there is none yet: the description has no null in lists."""
    return one if content and one["content"] is not None else without(one, "content")


def v5_document(one: dict[str, Any], content: Any) -> dict[str, Any]:
    shown = {
        "id": one["customId"] or one["id"],
        **{name: one[name] for name in ("title", "type", "summary", "url")},
        "metadata": one["metadata"] or {},
        "system": {
            "status": one["status"],
            "dreamingStatus": "done",
            "memoryCount": 0,
            "createdAt": one["createdAt"],
            "updatedAt": one["updatedAt"],
        },
    }
    return {**shown, "content": one["content"]} if content else shown
