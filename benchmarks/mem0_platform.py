"""Reading 100,000 memories of a Mem0 Platform, beside the bare requests that it takes.

    make bench-mem0

A model of the Platform on loopback takes 50 ms for each answer and writes down what it is asked.
The bare requests are those that ``synap-import export mem0`` made, with as many pages and as many
small requests at once as it had under way, and nothing done to the answers.
Prints Markdown for docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
from lean_http import own_process, response
from processes import measured
from tables import markdown_table

_SECONDS_PER_ANSWER = 0.05
_PAGE = 200
_USERS = 1000
_EXPORT = [sys.executable, "-m", "synap_import", "export", "mem0", "--api-key", "m0-bench"]


class Asked(NamedTuple):
    """A request of the export."""

    method: str
    target: str
    body: str

    @property
    def is_page(self) -> bool:
        """Whether it asked for a full page of memories, not only for a count."""
        return f"page_size={_PAGE}" in self.target


class Platform:
    """Memories of users only, so that one filter shows them all."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._asked: list[Asked] = []
        self._at_once, self._most_at_once = [0, 0], [0, 0]

    async def answer(self, request: bytes, body: bytes) -> bytes:
        """After its time, what the Platform would say."""
        method, target = request.decode().split()[:2]
        if target == "/asked":
            return response(
                json.dumps({"asked": self._asked, "at_once": self._most_at_once}).encode()
            )
        asked = Asked(method, target, body.decode())
        self._asked.append(asked)
        self._at_once[asked.is_page] += 1
        self._most_at_once = list(map(max, self._most_at_once, self._at_once))
        await asyncio.sleep(_SECONDS_PER_ANSWER)
        self._at_once[asked.is_page] -= 1
        return self._say(urlsplit(target), body)

    def _say(self, url: Any, body: bytes) -> bytes:
        query = parse_qs(url.query)
        page = int(query.get("page", ["1"])[0])
        match url.path:
            case "/v1/ping/":
                ids = {"org_id": "org-1", "project_id": "proj-1", "user_email": "a@example.com"}
                return response(orjson.dumps({"status": "ok", **ids}))
            case "/v3/memories/":
                kinds = set(re.findall(rb"(user|agent|app|run)_id", body))
                count = self._count if kinds == {b"user"} else 0
                return self._list(page, int(query["page_size"][0]), count)
            case "/v1/memories/events/" | "/v1/entities/":
                return self._list(page, 100, 0)
        return response(b'{"detail":"Not found."}', b"404 Not Found")

    def _list(self, page: int, size: int, count: int) -> bytes:
        some = range((page - 1) * size, min(page * size, count))
        envelope = {"count": count, "next": None, "previous": None}
        return response(orjson.dumps({**envelope, "results": [self._memory(n) for n in some]}))

    def _memory(self, number: int) -> dict[str, Any]:
        return _memory(number)


def _memory(number: int) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012x}",
        "memory": f"Memory {number}: the user said something worth keeping, and more than once.",
        "user_id": f"user-{number % _USERS}",
        "agent_id": None,
        "app_id": None,
        "session_id": None,
        "metadata": {"topic": f"t{number % 7}"},
        "categories": ["habits"],
        "structured_attributes": {"year": 2026, "month": 1, "day": 15},
        "replaced_by": None,
        "synthesized": False,
        "expiration_date": None,
        "created_at": "2026-01-15T10:30:00Z",
        "updated_at": "2026-01-15T10:30:00Z",
    }


def _asked_of(url: str) -> tuple[list[Asked], list[int]]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/asked")
    told = json.load(connection.getresponse())
    connection.close()
    return [Asked(*one) for one in told["asked"]], told["at_once"]


async def _bare(url: str, requests: list[Asked], at_once: int) -> float:
    """Seconds for the same requests, and nothing else."""
    pending = iter(requests)
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:

        async def work() -> None:
            for one in pending:
                answer = await client.request(one.method, one.target, content=one.body)
                await answer.aread()

        begin = time.perf_counter()
        async with asyncio.TaskGroup() as workers:
            for _ in range(at_once):
                workers.create_task(work())
        return time.perf_counter() - begin


def _measure(count: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, own_process(Platform, count) as url:
        output = Path(folder) / "records.jsonl"
        command = [*_EXPORT, "--api-url", url, "-o", str(output)]
        usage = measured(command, Path(folder))
        requests, at_once = _asked_of(url)
        lines = sum(1 for _ in output.open("rb"))
        if lines != count:
            raise SystemExit(f"{lines} records came of {count}: {usage.said}")
        bare = 0.0
        for is_page in (False, True):
            some = [one for one in requests if one.is_page is is_page]
            bare += asyncio.run(_bare(url, some, at_once[is_page]))
    return [
        f"{count:,}",
        f"{len(requests):,}",
        str(at_once[True]),
        f"{bare:.1f}",
        f"{usage.seconds:.1f}",
        f"{usage.seconds / bare:.2f}",
        f"{usage.cpu_seconds * 1e6 / count:.0f}",
        f"{usage.peak_megabytes:.0f}",
    ]


def main() -> None:
    """Measure for each number of memories."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[10_000, 100_000])
    rows = [_measure(count) for count in parser.parse_args().counts]
    head = ["memories", "requests", "pages at once", "bare seconds", "export seconds", "ratio"]
    print(markdown_table([*head, "CPU µs/memory", "peak MB"], rows))


if __name__ == "__main__":
    main()
