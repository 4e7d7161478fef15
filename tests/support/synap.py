"""A scripted Synap: the sandbox's wire contract with answers that a test chooses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import unquote
from uuid import uuid4

Reply = tuple[int, dict[str, str], bytes]


def ok(documents: list[dict[str, Any]], **changes: Any) -> Reply:
    """The answer of a Synap that takes everything; ``changes`` go into the first row."""
    rows = [
        {
            "ingestion_id": str(uuid4()),
            "document_id": document["document_id"],
            "status": "queued",
            "queued_at": "2026-01-01T00:00:00Z",
            "error_message": None,
        }
        for document in documents
    ]
    if changes:
        rows[0] = {**rows[0], **changes}
    body = {"batch_id": str(uuid4()), "total": len(rows), "succeeded": len(rows), "failed": 0}
    return 200, {}, json.dumps({**body, "results": rows}).encode()


def ingested(ingestion_id: str, **changes: Any) -> Reply:
    """The answer about an ingestion that is completed, unless ``changes`` say otherwise."""
    body = {
        "ingestion_id": ingestion_id,
        "document_id": "?",
        "status": "completed",
        "queued_at": "2026-01-01T00:00:00Z",
        "memories_created": 1,
        "memory_ids": [f"memory of {ingestion_id}"],
        "error_message": None,
    }
    return 200, {}, json.dumps({**body, **changes}).encode()


def deleted(memory_id: str) -> Reply:
    """The answer to the deletion of a memory."""
    body = {"memory_id": memory_id, "deleted_at": "2026-01-01T00:00:00Z"}
    return 200, {}, json.dumps(body).encode()


def error(status: int, body: Any, **headers: str) -> Reply:
    """A refusal."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, json.dumps(body).encode()


@dataclass
class ScriptedSynap:
    """Answers batches by a script; behind its end it takes everything.

    Questions about ingestions have a script of their own, and are all completed behind it. So
    have deletions of memories; ``deletions`` are the ids that they named, in order.
    """

    script: list[Callable[[list[dict[str, Any]]], Reply | None]] = field(default_factory=list)
    whoami: Reply = (
        200,
        {},
        b'{"client_id": "cli_0123456789abcdef", "instance_id": "inst_0123456789abcdef",'
        b' "user_context_isolation": "equals_customer"}',
    )
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    status_script: list[Callable[[str], Reply | None]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    delete_script: list[Callable[[str], Reply | None]] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)
    hang_telemetry_seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> ScriptedSynap:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def stored(self) -> list[str]:
        """The document ids that came, in order, one for each time they came."""
        return [document["document_id"] for batch in self.batches for document in batch]

    def answer(self, documents: list[dict[str, Any]]) -> Reply | None:
        with self._lock:
            self.batches.append(documents)
            step = self.script.pop(0) if self.script else ok
        return step(documents)

    def answer_question(self, path: str) -> Reply | None:
        _, is_status, ingestion_id = path.partition("/memories/status/")
        if is_status:
            return self.answer_status(unquote(ingestion_id))
        return self.whoami if path.endswith("/whoami") else (200, {}, b"{}")

    def answer_status(self, ingestion_id: str) -> Reply | None:
        with self._lock:
            self.asked.append(ingestion_id)
            step = self.status_script.pop(0) if self.status_script else ingested
        return step(ingestion_id)

    def answer_deletion(self, memory_id: str) -> Reply | None:
        with self._lock:
            self.deletions.append(memory_id)
            step = self.delete_script.pop(0) if self.delete_script else deleted
        return step(memory_id)


class _Handler(BaseHTTPRequestHandler):
    synap: ClassVar[ScriptedSynap]

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._reply_or_hang_up(self.synap.answer_question(self.path))

    def do_DELETE(self) -> None:
        memory_id = unquote(self.path.removeprefix("/api/v1/memories/"))
        self._reply_or_hang_up(self.synap.answer_deletion(memory_id))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/telemetry/batch"):
            threading.Event().wait(self.synap.hang_telemetry_seconds)
            self._reply((202, {}, b"{}"))
            return
        if self.path.startswith("/v1/credits/"):
            self._reply((404, {}, b"{}"))
            return
        self._reply_or_hang_up(self.synap.answer(body["documents"]))

    def _reply_or_hang_up(self, reply: Reply | None) -> None:
        if reply is None:
            self.close_connection = True
            self.connection.close()
        else:
            self._reply(reply)

    def _reply(self, reply: Reply) -> None:
        status, headers, body = reply
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _handler(synap: ScriptedSynap) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"synap": synap})
