"""Vectors come with each passage, 41 KB of them; what is held of them does not add up."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from synap_import import MemoryRecord, SourceContext
from synap_import.polite_http import polite_client
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

AGENT = "agent-00000000-0000-4000-8000-000000000001"
PASSAGES = 10_000
STATM = Path("/proc/self/statm")
VECTOR = b"[" + b",".join([b"0.01234567"] * 4096) + b"]"


class TenThousand(httpx.AsyncBaseTransport):
    """A server with one agent and many passages; pages are put together from bytes."""

    def __init__(self) -> None:
        self.sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path, asked = request.url.path, request.url.params
        if path == "/v1/health/":
            return httpx.Response(200, json={"version": "0.16.8"})
        if path == "/v1/agents/" and "after" not in asked:
            return httpx.Response(200, json=[{"id": AGENT, "name": "a"}])
        if path.endswith("/archival-memory"):
            content = _page(asked)
            self.sent += len(content)
            return httpx.Response(200, content=content)
        return httpx.Response(200, json=[])


def _page(asked: httpx.QueryParams) -> bytes:
    limit = int(asked["limit"])
    if asked["ascending"] == "false":
        numbers = range(PASSAGES - limit, PASSAGES)
    else:
        first = int(asked["after"].rpartition("-")[2]) + 1 if "after" in asked else 0
        numbers = range(first, min(first + limit, PASSAGES))
    return b"[" + b",".join(map(_passage, numbers)) + b"]"


def _passage(number: int) -> bytes:
    item = {
        "id": f"passage-{number}",
        "text": f"fact {number}",
        "created_at": "2026-11-21T05:15:54.843455Z",
    }
    return json.dumps(item).encode()[:-1] + b',"embedding":' + VECTOR + b"}"


class OneClient:
    exported: Any = None

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    def http_client(self, *, base_url: str = "", **_: Any) -> httpx.AsyncClient:
        return polite_client(base_url=base_url, transport=self._transport)


def test_10_000_passages_with_vectors_leave_only_their_records_in_memory() -> None:
    if not STATM.exists():
        pytest.skip("what a process takes is read from /proc")
    server = TenThousand()
    context: SourceContext = OneClient(server)  # type: ignore[assignment]

    async def read() -> tuple[int, int]:
        source = LettaSource.of(LettaConfig(base_url="http://letta.test"), context)
        await source.check()
        [partition] = [one async for one in source.partitions() if one.id.startswith("passages")]
        records: list[MemoryRecord] = []
        early = 0
        async for page in source.pages(partition, None):
            records += page.records
            if len(records) == 1_000:
                early = resident_bytes()
        return len(records), resident_bytes() - early

    count, growth = anyio.run(read)
    assert count == PASSAGES
    assert server.sent > 400_000_000
    # The records of 9,000 passages are about 15 MB; their vectors would be 370 MB as text.
    assert growth < 80_000_000


def resident_bytes() -> int:
    return int(STATM.read_text().split()[1]) * resource.getpagesize()
