"""Qdrant's REST dialect over a real local-mode qdrant-client: no server binary can be had here.

Requests are parsed with the models that qdrant-client generates from the server's OpenAPI, which
forbid what the server does not know, and answers are written with them. What the points are and
in which order they come is qdrant-client's doing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError
from qdrant_client import QdrantClient, models

from mem0_support.store_rows import Stored


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


class Asked(NamedTuple):
    method: str
    path: str
    body: Any


@dataclass
class QdrantStandIn:
    """Serves what is put into ``client``; ``script`` answers first, as long as it lasts."""

    key: str | None = None
    script: list[Callable[[Asked], Reply | None]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    client: QdrantClient = field(default_factory=lambda: QdrantClient(":memory:"))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> QdrantStandIn:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.client.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def collection(self, name: str = "mem0", points: Sequence[Stored] = ()) -> None:
        """A collection as mem0ai makes it, with short vectors."""
        size = models.VectorParams(size=2, distance=models.Distance.COSINE)
        self.client.create_collection(name, vectors_config=size)
        self.insert(points, name)

    def insert(self, points: Sequence[Stored], name: str = "mem0") -> None:
        made = [
            models.PointStruct(id=one, vector=[1.0, 0.5], payload=payload)
            for one, payload in points
        ]
        if made:
            self.client.upsert(name, made)

    def answer(self, asked: Asked, key: str | None) -> Reply:
        with self._lock:
            self.asked.append(asked)
            scripted = self.script.pop(0)(asked) if self.script else None
            if scripted is not None:
                return scripted
            if self.key is not None and key != self.key:
                words = "Invalid API key or JWT" if key else _NO_KEY
                return Reply(401, words.encode(), {"Content-Type": "text/plain"})
            try:
                return self._route(asked)
            except ValidationError as error:
                return _refusal(400, f"Format error in JSON body: {error.errors()[0]['msg']}")

    def _route(self, asked: Asked) -> Reply:
        parts = [unquote(part) for part in asked.path.strip("/").split("/")]
        if asked.path == "/":
            return _json(200, {"title": "qdrant - vector search engine", "version": "1.20.0"})
        if (asked.method, parts) == ("GET", ["collections"]):
            return _result(self.client.get_collections())
        if parts[0] != "collections" or asked.method != "POST":
            return Reply(404, b"")
        name, action = parts[1], parts[2:]
        if not self.client.collection_exists(name):
            return _refusal(404, f"Not found: Collection `{name}` doesn't exist!")
        if action == ["points", "count"]:
            count = models.CountRequest(**asked.body)
            return _result(self.client.count(name, exact=bool(count.exact)))
        if action == ["points", "scroll"]:
            return _result(self._scroll(name, models.ScrollRequest(**asked.body)))
        if action == ["points"]:
            return _result(self._points(name, models.PointRequest(**asked.body)))
        return Reply(404, b"")

    def _scroll(self, name: str, wanted: models.ScrollRequest) -> models.ScrollResult:
        points, behind = self.client.scroll(
            name,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=wanted.with_payload if wanted.with_payload is not None else True,
            with_vectors=bool(wanted.with_vector),
        )
        return models.ScrollResult(points=points, next_page_offset=behind)

    def _points(self, name: str, wanted: models.PointRequest) -> list[models.Record]:
        return self.client.retrieve(name, wanted.ids, with_payload=bool(wanted.with_payload))


_NO_KEY = "Must provide an API key or an Authorization bearer token"


def _result(model: Any) -> Reply:
    many = isinstance(model, list)
    plain = [_plain(one) for one in model] if many else _plain(model)
    return _json(200, {"result": plain, "status": "ok", "time": 0.0001})


def _plain(model: Any) -> Any:
    return json.loads(model.model_dump_json())


def _refusal(status: int, words: str) -> Reply:
    return _json(status, {"status": {"error": words}, "time": 0.0})


def _json(status: int, body: Any) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def _handler(server: QdrantStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            asked = Asked(self.command, urlsplit(self.path).path, body)
            status, content, headers = server.answer(asked, self.headers.get("api-key"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _respond  # noqa: N815 - named by the standard library

        def log_message(self, *_args: Any) -> None:
            """Nothing: tests look at ``asked``."""

    return Handler
