"""A self-hosted Mem0 server that behaves as the recordings of a real one show.

It caps silently, keeps no order, ignores paging, and refuses as the real one refuses;
``age`` and ``provider`` make it an older one, or one on another store.
"""

from __future__ import annotations

import json
import socket
import threading
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

import anyio.from_thread
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from mem0_support.server_store import Payload, Store, is_expired

ADMIN_KEY = "admin-key-of-the-tests"
MEMBER_KEY = "m0sk_member-key-of-the-tests"
TOKEN = ".".join(
    urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256"}', b'{"sub":"admin"}', b"signature")
)
MOST = 1000
SCANNED = 10_000
_FIELDS = {"user": "user_id", "agent": "agent_id", "run": "run_id"}
_SHOWN_UNSCOPED = (*_FIELDS.values(), "hash", "expiration_date", "created_at", "updated_at")
_PROMOTED = (*_FIELDS.values(), "actor_id", "role", "attributed_to", "expiration_date")
_NO_METADATA = {"data", "hash", "created_at", "updated_at", "id", "text_lemmatized", *_PROMOTED}


class Age(IntEnum):
    """From when the server is; each knows what those before it know."""

    V2_0_0 = 0
    """An id is asked for, and then the library refuses how it is passed on."""
    ENTITIES = 1
    """Since 2026-04-23: the unscoped list, /entities."""
    TOP_K = 2
    """Since 2026-06-24."""
    SHOW_EXPIRED = 3
    """Since 2026-06-25."""


@dataclass
class StandIn:
    """What the server is, and what it was asked."""

    store: Store = field(default_factory=Store)
    age: Age = Age.SHOW_EXPIRED
    auth_disabled: bool = False
    provider: str = "pgvector"
    asked: list[str] = field(default_factory=list)
    before_answer: Callable[[Request], Response | None] = lambda _: None
    clock: Callable[[], str] = lambda: datetime.now(UTC).isoformat()
    early: dict[str, Response] = field(default_factory=dict)
    """What certain paths answer instead."""
    url: str = ""

    def requests_of(self, path: str) -> list[str]:
        return [one for one in self.asked if one.split("?")[0] == path]

    def role_of(self, request: Request) -> str | None:
        """Who asks, or None for a stranger; the refusals are what the recordings hold."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            if token != TOKEN:
                raise RefusalError(401, "Invalid or expired token.")
            return "admin"
        key = request.headers.get("x-api-key")
        if key is not None:
            if key not in (ADMIN_KEY, MEMBER_KEY):
                raise RefusalError(401, "Invalid API key.")
            return "admin" if key == ADMIN_KEY else "member"
        if self.auth_disabled:
            return "admin"
        text = "Authentication required. Provide a Bearer token or X-API-Key header."
        raise RefusalError(401, text, {"WWW-Authenticate": "Bearer"})


class RefusalError(Exception):
    def __init__(self, status: int, detail: Any, headers: dict[str, str] | None = None) -> None:
        self.answer = JSONResponse({"detail": detail}, status, headers)


@contextmanager
def running(stand_in: StandIn) -> Iterator[StandIn]:
    """The stand-in, answering on the loopback; its ``url`` says where."""
    config = uvicorn.Config(_application(stand_in), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        stand_in.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield stand_in
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _application(stand_in: StandIn) -> Starlette:
    def answering(answer: Callable[[StandIn, Request, str], Response]) -> Any:
        def endpoint(request: Request) -> Response:
            query = f"?{request.url.query}" if request.url.query else ""
            stand_in.asked.append(f"{request.url.path}{query}")
            early = stand_in.early.get(request.url.path) or stand_in.before_answer(request)
            if early is not None:
                return early
            try:
                return answer(stand_in, request, stand_in.role_of(request) or "")
            except RefusalError as refusal:
                return refusal.answer

        return endpoint

    def openapi(request: Request) -> Response:
        described = JSONResponse(_description(stand_in.age))
        return stand_in.early.get(request.url.path, described)

    routes = [
        Route("/openapi.json", openapi),
        Route("/memories", answering(_memories)),
        Route("/memories/{id}", answering(_memory)),
        Route("/memories/{id}", answering(_update), methods=["PUT"]),
        Route("/memories/{id}/history", answering(_history)),
    ]
    if stand_in.age >= Age.ENTITIES:
        routes += [
            Route("/entities", answering(_entities)),
            Route("/configure", answering(_config)),
        ]
    application = Starlette(
        routes=[*routes, Mount("/mem0", routes=routes)],
        exception_handlers={404: lambda *_: JSONResponse({"detail": "Not Found"}, 404)},
    )
    application.router.redirect_slashes = False
    return application


def _description(age: Age) -> dict[str, Any]:
    """/openapi.json, as far as it tells what the server can do."""
    since = {"user_id": 0, "run_id": 0, "agent_id": 0, "top_k": Age.TOP_K}
    since["show_expired"] = Age.SHOW_EXPIRED
    parameters = [{"name": name, "in": "query"} for name, first in since.items() if age >= first]
    paths: dict[str, Any] = {
        "/memories": {"get": {"parameters": parameters}},
        "/memories/{memory_id}": {"get": {}},
        "/memories/{memory_id}/history": {"get": {}},
    }
    if age >= Age.ENTITIES:
        paths |= {"/entities": {"get": {}}, "/configure": {"get": {}}}
    return {"openapi": "3.1.0", "info": {"title": "Mem0 REST APIs"}, "paths": paths}


def _memories(stand_in: StandIn, request: Request, role: str) -> Response:
    query = request.query_params
    top_k = _top_k(query.get("top_k")) if stand_in.age >= Age.TOP_K else None
    filters = {name: query[name] for name in _FIELDS.values() if query.get(name)}
    if stand_in.age < Age.ENTITIES:
        detail = "get_all() does not take user_id; use filters."
        raise RefusalError(500, detail) if filters else RefusalError(400, _NO_ID)
    if not filters:
        if role != "admin":
            raise RefusalError(403, "Admin role required to list all memories.")
        return JSONResponse({"results": _unscoped(stand_in, MOST if top_k is None else top_k)})
    if any(" " in value for value in filters.values()):
        return _upstream_error()
    show_expired = stand_in.age >= Age.SHOW_EXPIRED and query.get("show_expired") == "true"
    found = _get_all(stand_in.store, filters, 20 if top_k is None else top_k, show_expired)
    return JSONResponse({"results": found})


_NO_ID = "At least one identifier is required."


def _top_k(given: str | None) -> int | None:
    if given is None:
        return None
    at_most = f"Input should be less than or equal to {MOST}"
    if int(given) > MOST:
        problem = {"type": "less_than_equal", "loc": ["query", "top_k"], "msg": at_most}
        raise RefusalError(422, [{**problem, "input": given, "ctx": {"le": MOST}}])
    return int(given)


def _unscoped(stand_in: StandIn, limit: int) -> list[dict[str, Any]]:
    if stand_in.provider == "qdrant":
        # Its driver answers with a pair, which the server takes for two rows.
        return [_raw_item(None, {}), _raw_item(None, {})]
    return [_raw_item(memory_id, row) for memory_id, row in stand_in.store.list({}, limit)]


def _raw_item(memory_id: str | None, row: Payload) -> dict[str, Any]:
    metadata = {
        name: value for name, value in row.items() if name not in {"data", *_SHOWN_UNSCOPED}
    }
    shown = {name: row.get(name) for name in _SHOWN_UNSCOPED}
    return {"id": memory_id, "memory": row.get("data"), **shown, "metadata": metadata}


def _get_all(
    store: Store, filters: Mapping[str, str], top_k: int, show_expired: bool
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for memory_id, row in store.list(filters, top_k if show_expired else max(top_k * 4, 60)):
        if show_expired or not is_expired(row):
            found.append(_item(memory_id, row))
            if len(found) >= top_k:
                break
    return found


def _item(memory_id: str, row: Payload) -> dict[str, Any]:
    metadata = {name: value for name, value in row.items() if name not in _NO_METADATA}
    item = {"id": memory_id, "memory": row.get("data", ""), "hash": row.get("hash")}
    times = {name: row.get(name) for name in ("created_at", "updated_at")}
    promoted = {name: row[name] for name in _PROMOTED if name in row}
    return {**item, "metadata": metadata or None, **times, **promoted}


def _memory(stand_in: StandIn, request: Request, _: str) -> Response:
    memory_id = _uuid(request)
    if memory_id is None:
        return _upstream_error()
    row = stand_in.store.rows.get(memory_id)
    return JSONResponse(None if row is None else {**_item(memory_id, row), "score": None})


def _update(stand_in: StandIn, request: Request, _: str) -> Response:
    text = json.loads(anyio.from_thread.run(request.body))["text"]
    stand_in.store.update(request.path_params["id"], text, stand_in.clock())
    return JSONResponse({"message": "Memory updated successfully!"})


def _history(stand_in: StandIn, request: Request, _: str) -> Response:
    return JSONResponse(stand_in.store.history.get(request.path_params["id"], []))


def _entities(stand_in: StandIn, _: Request, __: str) -> Response:
    if stand_in.provider == "qdrant":
        return JSONResponse([])
    totals: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], datetime] = {}
    last: dict[tuple[str, str], datetime] = {}
    for _id, row in stand_in.store.list({}, SCANNED):
        created, updated = (datetime.fromisoformat(row[at]) for at in ("created_at", "updated_at"))
        for kind, name in _FIELDS.items():
            if row.get(name):
                entity = (kind, str(row[name]))
                totals[entity] += 1
                first[entity] = min(first.get(entity, created), created)
                last[entity] = max(last.get(entity, updated), updated)
    return JSONResponse(
        [
            {"id": entity[1], "type": entity[0], "total_memories": totals[entity]}
            | {"created_at": _z(first[entity]), "updated_at": _z(last[entity])}
            for entity in sorted(totals)
        ]
    )


def _config(stand_in: StandIn, _: Request, __: str) -> Response:
    store = {"host": "127.0.0.1", "port": 55871, "dbname": "postgres", "user": "postgres"}
    store |= {"password": "[redacted]", "collection_name": "memories"}
    openai = {"api_key": "[redacted]"}
    return JSONResponse(
        {
            "version": "v1.1",
            "vector_store": {"provider": stand_in.provider, "config": store},
            "llm": {
                "provider": "openai",
                "config": {**openai, "temperature": 0.2, "model": "gpt-5-mini"},
            },
            "embedder": {
                "provider": "openai",
                "config": {**openai, "model": "text-embedding-3-small"},
            },
            "history_db_path": "/srv/history.db",
        }
    )


def _uuid(request: Request) -> str | None:
    try:
        return str(UUID(request.path_params["id"]))
    except ValueError:
        return None


def _upstream_error() -> Response:
    detail = {"detail": "Upstream provider error.", "code": "unknown", "request_id": "00000000"}
    return JSONResponse(detail, 502)


def _z(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
