"""A Mem0 Platform on 127.0.0.1, which behaves as its OpenAPI, SDK and documents say.

What they leave open or contradict is a field of :class:`PlatformStandIn`, so that a test can
have it either way.
"""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = "m0-test-key"
ORGANISATION, PROJECT = "org-1", "proj-1"
NOTICE = {"mem0_notice": {"message": "Claim this account", "url": "https://app.mem0.ai"}}
SCOPES = ("user_id", "agent_id", "app_id", "run_id")
ALLOWED_FILTERS = {
    *("AND", "OR", "NOT", *SCOPES, "created_at", "updated_at", "timestamp", "expiration_date"),
    *("text", "categories", "metadata", "keywords_search", "memory_ids", "keywords"),
}


def memory(number: int, **changes: Any) -> dict[str, Any]:
    """A memory as the v3 list shows it; ``merged=True`` makes it a merged duplicate."""
    fields = {
        "id": str(uuid.UUID(int=number)),
        "memory": f"memory {number}",
        "user_id": None,
        "agent_id": None,
        "app_id": None,
        "session_id": None,
        "metadata": None,
        "categories": None,
        "structured_attributes": {"year": 2026, "month": 1},
        "replaced_by": None,
        "synthesized": False,
        "expiration_date": None,
        "created_at": "2026-01-15T10:30:00Z",
        "updated_at": "2026-01-15T10:30:00Z",
    }
    return {**fields, **changes}


def event(number: int, memory_id: str, kind: str, **changes: Any) -> dict[str, Any]:
    """An entry of the history feed."""
    fields = {
        "id": str(uuid.UUID(int=1_000_000 + number)),
        "memory_id": memory_id,
        "input": [{"role": "user", "content": "said"}],
        "old_memory": None,
        "new_memory": "new",
        "user_id": "ada",
        "agent_id": None,
        "app_id": None,
        "session_id": None,
        "categories": None,
        "event": kind,
        "metadata": None,
        "previous_embedding_qwen": None,
        "embedding_qwen": "0.1",
        "created_at": "2026-01-16T10:30:00Z",
        "updated_at": "2026-01-16T10:30:00Z",
    }
    return {**fields, **changes}


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]

    @property
    def page(self) -> int:
        return int(self.query.get("page", "1"))


@dataclass
class PlatformStandIn:
    """The server. What it holds may be changed while it runs.

    ``before`` is called ahead of each answer, so a test can change the list between pages;
    what it returns, if anything, is the answer. ``steady`` says that nothing changes: lists are
    then made once, as a large one must be to answer quickly.
    """

    memories: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] | None = None
    null_scoping: bool = False
    most_per_page: int = 200
    run_field: str = "session_id"
    bare_lists: bool = False
    knows_include_merged: bool = True
    knows_memory_ids: bool = True
    entity_totals: bool = False
    entities_per_page: int = 100
    extra_entities: list[tuple[str, str]] = field(default_factory=list)
    notice: bool = False
    total: int | None = None
    unlisted: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)
    projects: list[str] = field(default_factory=lambda: ["default"])
    latency: float = 0.0
    steady: bool = False
    before: Callable[[PlatformStandIn, Asked], Response | None] = lambda *_: None
    asked: list[Asked] = field(default_factory=list)
    base_url: str = ""
    _made: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def asked_of(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    def list_pages(self) -> list[Asked]:
        """The pages of memories that were asked for, without the small probes."""
        lists = self.asked_of("/v3/memories/")
        return [one for one in lists if one.query.get("page_size") != "1"]

    def delete(self, memory_id: str) -> None:
        self.memories = [one for one in self.memories if one["id"] != memory_id]

    def __enter__(self) -> PlatformStandIn:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(64)
        config = uvicorn.Config(
            self._app(), lifespan="off", log_config=None, ws="none", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        end = time.monotonic() + 30
        while not self._server.started and time.monotonic() < end:
            time.sleep(0.005)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def _app(self) -> Starlette:
        routes = {
            "/v1/ping/": self._ping,
            "/v1/stats/": self._stats,
            "/v1/entities/": self._entities,
            "/v3/memories/": self._list,
            "/v1/memories/events/": self._events,
            "/v1/memories/{id}/": self._one,
            "/v1/memories/{id}/history/": self._history,
            "/api/v1/orgs/organizations/{org}/projects/": self._projects,
        }
        return Starlette(
            routes=[
                Route(path, self._endpoint(act), methods=["GET", "POST"])
                for path, act in routes.items()
            ]
        )

    def _endpoint(self, act: Callable[[Request, Asked], Any]) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            content = await request.body()
            asked = Asked(
                request.method,
                request.url.path,
                dict(request.query_params),
                json.loads(content) if content else None,
                dict(request.headers),
            )
            self.asked.append(asked)
            if self.latency:
                import anyio

                await anyio.sleep(self.latency)
            return self.before(self, asked) or self._answer(request, asked, act)

        return answer

    def _answer(
        self, request: Request, asked: Asked, act: Callable[[Request, Asked], Any]
    ) -> Response:
        if asked.headers.get("authorization") != f"Token {KEY}":
            detail = "Invalid API key. You can find your API key on https://app.mem0.ai."
            return JSONResponse({"detail": detail}, 401)
        if any(asked.path.startswith(path) for path in self.without):
            return JSONResponse({"detail": "Not found."}, 404)
        body = act(request, asked)
        return body if isinstance(body, Response) else JSONResponse(self._noticed(body))

    def _noticed(self, body: Any) -> Any:
        if not self.notice:
            return body
        if isinstance(body, dict):
            return {**body, **NOTICE}
        if body and isinstance(body[0], dict):
            return [{**body[0], **NOTICE}, *body[1:]]
        return body

    def _ping(self, _: Request, __: Asked) -> Any:
        return {
            "status": "ok",
            "org_id": ORGANISATION,
            "project_id": PROJECT,
            "user_email": "owner@example.com",
        }

    def _stats(self, _: Request, __: Asked) -> Any:
        return {"total_memories": len(self.memories) if self.total is None else self.total}

    def _projects(self, _: Request, __: Asked) -> Any:
        return [{"project_id": f"p{n}", "name": name} for n, name in enumerate(self.projects)]

    def _list(self, _: Request, asked: Asked) -> Any:
        filters = asked.body.get("filters")
        if refused := self._refusal(asked.body, filters):
            return refused
        found = self._once(json.dumps(asked.body), lambda: self._found(asked.body, filters))
        if self.bare_lists:
            size = min(int(asked.query.get("page_size", "100")), self.most_per_page)
            return found[(asked.page - 1) * size : asked.page * size]
        counted = len(found)
        if self.unlisted:
            found = [one for one in found if one["id"] not in self.unlisted]
        return self._paged(found, asked, "page_size", self.most_per_page, counted)

    def _found(self, body: Mapping[str, Any], filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            self._shown(one)
            for one in self.memories
            if self._visible(one, body)
            and self._matches(one, filters)
            and self._closed(one, filters)
        ]

    def _once(self, name: str, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        if not self.steady:
            return make()
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _refusal(self, body: Mapping[str, Any], filters: Any) -> Response | None:
        if any(name in body for name in SCOPES):
            return JSONResponse({"error": "Entity ids belong into filters."}, 400)
        if "include_merged" in body and not self.knows_include_merged:
            return JSONResponse({"include_merged": ["Unknown field."]}, 400)
        if not isinstance(filters, dict) or not filters or not _names_entity(filters):
            return JSONResponse({"error": "Filters must name at least one entity."}, 400)
        if unknown := set(filters) - ALLOWED_FILTERS:
            return JSONResponse({"error": f"Unknown filters {sorted(unknown)}"}, 400)
        if not self.knows_memory_ids and "memory_ids" in json.dumps(filters):
            return JSONResponse(["memory_ids is not supported"], 400)
        return None

    def _visible(self, one: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
        if one.get("merged") and not body.get("include_merged"):
            return False
        return not _expired(one) or bool(body.get("show_expired"))

    def _matches(self, one: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
        return all(self._matches_one(one, name, value) for name, value in filters.items())

    def _matches_one(self, one: Mapping[str, Any], name: str, value: Any) -> bool:
        if name == "AND":
            return all(self._matches(one, inner) for inner in value)
        if name == "OR":
            return any(self._matches(one, inner) for inner in value)
        if name == "memory_ids":
            return one["id"] in value
        held = one.get("session_id" if name == "run_id" else name)
        return held is not None if value == "*" else held == value

    def _closed(self, one: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
        """Whether the ids that the filters do not mention are absent, where they must be."""
        mentioned = set(_mentioned(filters))
        return not self.null_scoping or all(
            one.get("session_id" if name == "run_id" else name) is None
            for name in SCOPES
            if name not in mentioned
        )

    def _shown(self, one: Mapping[str, Any]) -> dict[str, Any]:
        names = {"session_id": self.run_field}
        hidden = {"merged", "lifecycle_state"}
        return {names.get(name, name): value for name, value in one.items() if name not in hidden}

    def _one(self, request: Request, _: Asked) -> Any:
        wanted = request.path_params["id"]
        found = next((one for one in self.memories if one["id"] == wanted), None)
        if found is None:
            return JSONResponse({"error": "Memory not found!"}, 404)
        return {
            **self._shown(found),
            "lifecycle_state": "merged" if found.get("merged") else "active",
        }

    def _history(self, request: Request, _: Asked) -> Any:
        wanted = request.path_params["id"]
        return [one for one in self._feed() if one["memory_id"] == wanted]

    def _events(self, _: Request, asked: Asked) -> Any:
        return self._paged(self._once("feed", self._feed), asked, "limit", 100)

    def _feed(self) -> list[dict[str, Any]]:
        if self.events is not None:
            return self.events
        return [event(n, one["id"], "ADD") for n, one in enumerate(self.memories)]

    def _entities(self, _: Request, asked: Asked) -> Any:
        entities = [self._entity(kind, name) for kind, name in self._entity_names()]
        if self.entity_totals:
            return entities
        answer = self._paged(entities, asked, "page_size", self.entities_per_page)
        return answer if isinstance(answer, Response) else {**answer, "total_users": 1}

    def _entity_names(self) -> Iterable[tuple[str, str]]:
        names = {
            (kind, one[name])
            for one in self.memories
            for kind, name in zip(
                ("user", "agent", "app", "run"),
                ("user_id", "agent_id", "app_id", "session_id"),
                strict=True,
            )
            if one.get(name)
        }
        return [*sorted(names), *self.extra_entities]

    def _entity(self, kind: str, name: str) -> dict[str, Any]:
        shown = {
            "id": f"internal-{kind}-{name}",
            "name": name,
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "owner": "owner",
            "metadata": None,
            "type": kind,
        }
        if not self.entity_totals:
            return shown
        held = "session_id" if kind == "run" else f"{kind}_id"
        total = sum(one.get(held) == name for one in self.memories)
        return {**shown, "total_memories": total, "organization": ORGANISATION}

    def _paged(
        self,
        items: list[dict[str, Any]],
        asked: Asked,
        size_name: str,
        most: int,
        count: int | None = None,
    ) -> Any:
        count = len(items) if count is None else count
        size = min(int(asked.query.get(size_name, "100")), most)
        begin = (asked.page - 1) * size
        if asked.page > 1 and begin >= count:
            return JSONResponse({"detail": "Invalid page."}, 404)
        trap = "https://elsewhere.invalid/?page="
        return {
            "count": count,
            "next": f"{trap}{asked.page + 1}" if begin + size < count else None,
            "previous": f"{trap}{asked.page - 1}" if asked.page > 1 else None,
            "results": items[begin : begin + size],
        }


def _names_entity(filters: Mapping[str, Any]) -> bool:
    return bool(set(_mentioned(filters)))


def _mentioned(filters: Mapping[str, Any]) -> Iterable[str]:
    for name, value in filters.items():
        if name in SCOPES:
            yield name
        elif name in {"AND", "OR"}:
            for inner in value:
                yield from _mentioned(inner)


def _expired(one: Mapping[str, Any]) -> bool:
    until = one.get("expiration_date")
    return until is not None and date.fromisoformat(until) < datetime.now(UTC).date()
