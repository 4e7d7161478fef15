"""A model of Synap in a process of its own: at once, late, or limited.

Lean on purpose: it must not be what a benchmark measures. It counts what it is asked, and
says so at ``GET /counters``.

    python benchmarks/server.py --delay 0.1
    python benchmarks/server.py --per-minute 600 --burst 10
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import math
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import orjson
from lean_http import own_process, response

_WHOAMI = json.dumps(
    {
        "client_id": "cli_0123456789abcdef",
        "instance_id": "inst_0123456789abcdef",
        "user_context_isolation": "equals_customer",
    }
).encode()
_TOO_MANY = b'{"detail":"rate limit exceeded"}'
_BATCH_ID = "00000000-0000-4000-8000-000000000000"
_TIME = "2026-01-01T00:00:00Z"


class Model(NamedTuple):
    """How the server behaves.

    Each batch is answered after ``delay`` seconds. With ``per_minute``, a bucket that holds
    ``burst`` requests is filled at that rate; a request that finds it empty is a 429.
    """

    delay: float = 0.0
    per_minute: float | None = None
    burst: int = 10


@dataclass(slots=True)
class Counters:
    """What the server was asked so far. ``loading_seconds`` run from the first batch that came
    to the last one that was accepted."""

    accepted: int = 0
    throttled: int = 0
    documents: int = 0
    loading_seconds: float = 0.0
    most_at_once: int = 0

    @property
    def batches(self) -> int:
        """All requests with a batch."""
        return self.accepted + self.throttled

    def allowed(self, model: Model) -> float:
        """How many batches the bucket would have let through in the same time: what was in
        it at the start counts as allowed too."""
        return model.burst + (model.per_minute or math.inf) / 60 * self.loading_seconds


class _Bucket:
    """A token bucket; full at the start."""

    def __init__(self, model: Model) -> None:
        self._per_second = (model.per_minute or math.inf) / 60
        self._size = self._tokens = float(model.burst)
        self._seen = time.monotonic()

    def wait(self) -> int:
        """Take a token: 0, or the whole seconds after which there will be one."""
        now = time.monotonic()
        self._tokens = min(self._size, self._tokens + (now - self._seen) * self._per_second)
        self._seen = now
        if self._tokens < 1:
            return math.ceil((1 - self._tokens) / self._per_second)
        self._tokens -= 1
        return 0


class _Synap:
    """The endpoints that a load needs."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._bucket = _Bucket(model) if model.per_minute else None
        self._counters = Counters()
        self._began: float | None = None
        self._at_once = 0

    async def answer(self, request: bytes, body: bytes) -> bytes:
        if b"/memories/batch " in request:
            return await self._batch(body)
        if request.startswith(b"DELETE "):
            return response(b"", b"204 No Content")
        if b"/memories/status/" in request:
            return response(_status(request.split(b"/memories/status/")[1].split()[0].decode()))
        if b"/whoami " in request:
            return response(_WHOAMI)
        if b" /counters " in request:
            return response(orjson.dumps(asdict(self._counters)))
        return response(b"{}")

    async def _batch(self, body: bytes) -> bytes:
        self._began = self._began or time.monotonic()
        seconds = self._bucket.wait() if self._bucket else 0
        if seconds:
            self._counters.throttled += 1
            return response(_TOO_MANY, b"429 Too Many Requests", b"Retry-After: %d\r\n" % seconds)
        self._at_once += 1
        self._counters.most_at_once = max(self._counters.most_at_once, self._at_once)
        ids = [document["document_id"] for document in orjson.loads(body)["documents"]]
        if self._model.delay:
            await asyncio.sleep(self._model.delay)
        self._at_once -= 1
        return response(self._accept(ids))

    def _accept(self, ids: list[str]) -> bytes:
        first = self._counters.documents
        self._counters.accepted += 1
        self._counters.documents += len(ids)
        self._counters.loading_seconds = time.monotonic() - (self._began or 0)
        rows = [
            {
                "ingestion_id": f"00000000-0000-4000-8000-{first + n:012x}",
                "document_id": document_id,
                "status": "queued",
                "queued_at": _TIME,
                "error_message": None,
            }
            for n, document_id in enumerate(ids)
        ]
        answer = {"batch_id": _BATCH_ID, "total": len(ids), "succeeded": len(ids), "failed": 0}
        return orjson.dumps({**answer, "results": rows})


def _status(ingestion_id: str) -> bytes:
    status: dict[str, Any] = {
        "ingestion_id": ingestion_id,
        "document_id": "",
        "status": "completed",
        "queued_at": _TIME,
        "started_at": _TIME,
        "completed_at": _TIME,
        "memories_created": 1,
        "memory_ids": [ingestion_id],
        "error_message": None,
    }
    return orjson.dumps(status)


def model_synap(model: Model) -> AbstractContextManager[str]:
    """The address of a fresh server that behaves like this."""
    return own_process(_Synap, model)


def counters(url: str) -> Counters:
    """What the server at ``url`` was asked so far."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/counters")
        return Counters(**json.load(connection.getresponse()))
    finally:
        connection.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description="A model of Synap, until standard input ends.")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--per-minute", type=float, help="requests a minute that are let through")
    parser.add_argument("--burst", type=int, default=10, help="requests that may come at once")
    with model_synap(Model(**vars(parser.parse_args()))) as url:
        print(url, flush=True)
        sys.stdin.read()
        print(counters(url))


if __name__ == "__main__":
    main()
