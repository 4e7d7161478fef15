"""The sandbox as an ASGI application: its routes, its gate, its envelope."""

from __future__ import annotations

import hmac
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from . import account, memories, page, transcripts, views
from .contract import RefusedError
from .fault_script import FaultScript
from .faults import Faults
from .settings import SandboxSettings, is_loopback
from .wire import ROUTE, Json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .store import Store

MARK = ("X-Synap-Sandbox", "stand-in")
"""The header that every answer carries."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What every route works with."""

    settings: SandboxSettings
    store: Store
    acted_out: Counter[str] = field(default_factory=Counter)

    @property
    def instance_id(self) -> str:
        """The instance id it goes by: the one asked for, else the file's own."""
        return self.settings.instance_id or self.store.instance_id

    @property
    def delay(self) -> float:
        """Seconds from accepted to completed."""
        return self.settings.ingestion_delay_seconds


Handler = Callable[[Request, Sandbox], Awaitable[Response]]

_SYNAP: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/api/v1/auth/whoami", account.whoami),
    ("POST", "/api/v1/memories/batch", memories.batch),
    ("POST", "/api/v1/memories/create", memories.create),
    ("POST", "/api/v1/memories/forget", memories.forget),
    ("GET", "/api/v1/memories/status/{ingestion_id}", memories.status),
    ("GET", "/api/v1/memories/{memory_id}", memories.get),
    ("PATCH", "/api/v1/memories/{memory_id}", memories.update),
    (*views.DELETION, memories.delete),
    ("POST", transcripts.PATH, transcripts.ingest),
    ("POST", "/v1/context/user/fetch", account.fetch),
    ("GET", "/v1/users/{user_id:path}/profile", account.profile),
    ("POST", "/v1/data/delete", account.delete_data),
    ("GET", "/v1/credits/balance", account.balance),
    ("POST", "/v1/credits/estimate", account.estimate),
    ("POST", "/v1/telemetry/batch", account.telemetry),
)


def build(sandbox: Sandbox) -> ASGIApp:
    """The application for one sandbox."""
    routes = [_route(sandbox, *entry, locked=True) for entry in _SYNAP]
    routes.append(_route(sandbox, "GET", "/health", account.health, locked=False))
    own: dict[str, Handler] = {
        "/": _page,
        "/sandbox/documents": _documents,
        "/sandbox/counters": _counters,
    }
    routes += [_own_route(sandbox, path, handler) for path, handler in own.items()]
    handlers = {
        RefusedError: _refused,
        HTTPException: _failed,
        sqlite3.Error: _unstored,
        ClientDisconnect: _gone,
    }
    app: ASGIApp = Starlette(routes=routes, exception_handlers=handlers)
    if sandbox.settings.faults is not None:
        app = Faults(app, sandbox.settings.faults, sandbox.acted_out)
    return Envelope(app, sandbox.store)


class Envelope:
    """Marks every answer as the stand-in's, counts it, and keeps other sites' pages out.

    A web page that makes its own name resolve to 127.0.0.1 could read users' memories
    through the browser; such a request carries that name in its Host header.
    """

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            return message

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append(*MARK)
                self._count(scope, message["status"], size)
            await send(message)

        host = Headers(scope=scope).get("host", "")
        app = self._app if _is_local(host) else Json({"detail": "unknown host"}, status_code=400)
        await app(scope, counted, marked)

    def _count(self, scope: Scope, status: int, size: int) -> None:
        route = scope.get(ROUTE, f"{scope['method']} (unknown)")
        # A full disk must not turn an answer into a broken connection.
        with suppress(sqlite3.Error):
            if route is not None:
                self._store.count_request(route, status, size)


def _is_local(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name)


def _route(sandbox: Sandbox, method: str, path: str, handler: Handler, *, locked: bool) -> Route:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = f"{method} {path}"
        if locked:
            _authenticate(request, sandbox.settings.api_key)
        return await handler(request, sandbox)

    return Route(path, endpoint, methods=[method])


def _own_route(sandbox: Sandbox, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = None  # looking must not change what is counted
        return await handler(request, sandbox)

    return Route(path, endpoint, methods=["GET"])


def _authenticate(request: Request, api_key: str | None) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if api_key is None and key.startswith("synap_"):
            return
        if api_key is not None and hmac.compare_digest(key.encode(), api_key.encode()):
            return
    raise HTTPException(401, "invalid or missing API key")


async def _page(request: Request, sandbox: Sandbox) -> Response:
    return await run_in_threadpool(page.render, request.query_params, sandbox)


async def _documents(_: Request, sandbox: Sandbox) -> Response:
    script = sandbox.settings.faults or FaultScript()
    lines = views.export(sandbox.store, time.time(), sandbox.delay, script.fails)
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def _counters(_: Request, sandbox: Sandbox) -> Response:
    counted = await run_in_threadpool(views.counters, sandbox.store)
    faults = {"faults": dict(sandbox.acted_out)} if sandbox.settings.faults else {}
    return Json({**counted, **faults})


async def _refused(_: Request, error: Exception) -> Response:
    refused = cast("RefusedError", error)
    return Json({"detail": refused.detail}, status_code=refused.status)


async def _failed(_: Request, error: Exception) -> Response:
    failed = cast("HTTPException", error)
    return Json({"detail": failed.detail}, status_code=failed.status_code, headers=failed.headers)


async def _unstored(_: Request, error: Exception) -> Response:
    # Nothing of the request was kept: its transaction was rolled back.
    return Json({"detail": f"the sandbox's database failed: {error}"}, status_code=503)


async def _gone(_: Request, __: Exception) -> Response:
    # Nobody reads it: a client was killed while it sent. Without it, a traceback is logged.
    return Json({"detail": "the request ended early"}, status_code=400)
