"""A real server on the loopback interface that answers as a test's script says."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from synap_import.polite_http import Counters, Politeness, polite_client

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; ``at`` is a monotonic time in seconds."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Server:
    """Gives the scripted answers in turn, the last one again and again.

    An answer is raw bytes; None closes the connection without a word.
    """

    answers: list[bytes | None] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    delay: float = 0.0
    busy: int = 0
    most_busy: int = 0
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.seen.append(await self._request(reader))
            answer = self.answers[min(len(self.seen), len(self.answers)) - 1]
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
            await asyncio.sleep(self.delay)
            self.busy -= 1
            writer.write(answer or b"")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> Seen:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Seen(method, target, headers, body, time.monotonic())


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    """An HTTP answer as bytes; ``Retry_After`` stands for ``Retry-After``."""
    lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that is up for one test."""
    scripted, ready, loop = Server([answer()]), threading.Event(), asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def run() -> None:
        listening = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
        async with listening:
            scripted.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            ready.set()
            await stopped.wait()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    ready.wait()
    yield scripted
    loop.call_soon_threadsafe(stopped.set)
    thread.join()
    loop.close()


@dataclass
class Talk:
    """What a client under test did, beside its answers: its waits and its counters."""

    url: str
    slept: list[float] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def client(self, headers: dict[str, str] | None = None, **limits: float) -> httpx.AsyncClient:
        return polite_client(
            base_url=self.url,
            headers=headers,
            politeness=Politeness(**limits),
            counters=self.counters,
            sleep=self.sleep,
        )

    def request(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        headers: dict[str, str] | None = None,
        extensions: dict[str, bool] | None = None,
        content: bytes | None = None,
        **limits: float,
    ) -> httpx.Response:
        """One request with a client of its own."""

        async def send() -> httpx.Response:
            async with self.client(headers, **limits) as client:
                return await client.request(method, path, extensions=extensions, content=content)

        return asyncio.run(send())

    def requests(self, number: int, **limits: float) -> None:
        """Many requests at once with one client."""

        async def send() -> None:
            async with self.client(None, **limits) as client:
                await asyncio.gather(*(client.get("/") for _ in range(number)))

        asyncio.run(send())


@pytest.fixture
def talk(server: Server) -> Talk:
    """A client of the server; waiting takes no time."""
    return Talk(server.url)


@pytest.fixture
def answering() -> Callable[..., bytes]:
    """Makes the bytes of an answer."""
    return answer
