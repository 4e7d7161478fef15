"""Acts out a fault script in front of the sandbox: what a bad day of a server looks like."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from .fault_acts import (
    BATCH,
    DELETIONS,
    JOBS,
    SEARCHES,
    STATUS,
    TRANSCRIPTS,
    Act,
    Ending,
    Reply,
    Scene,
    building,
    failed_row,
)
from .fault_acts import job_reply as reply_about_job
from .fault_script import OK, FaultScript
from .transcripts import PATH as TRANSCRIPT_PATH
from .wire import ROUTE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRANSPORT = "synap_import.sandbox.transport"
"""Where the server leaves the connection in the state of a request."""

_MEMORY_PATH = "/api/v1/memories/"
_STATUS_PATH = f"{_MEMORY_PATH}status/"
_SEARCH_PATH = "/v1/context/user/fetch"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Faults:
    """An ASGI application that lets another one answer, except where the script says otherwise.

    ``counted`` is told how often each fault was acted out.
    """

    def __init__(self, app: ASGIApp, script: FaultScript, counted: Counter[str]) -> None:
        self._app = app
        self._script = script
        self._started = time.monotonic()
        self._batches = 0
        self._transcripts = 0
        self._questions = 0
        self._deletions = 0
        self._searches = 0
        self._in_a_row: Counter[str] = Counter()
        self.counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or spoil it."""
        path = scope.get("path", "")
        if path == "/api/v1/memories/batch":
            scope[ROUTE] = f"POST {path}"
            await self._batch(_Request(self._app, scope, receive, send))
        elif path == TRANSCRIPT_PATH:
            scope[ROUTE] = f"POST {path}"
            await self._transcript(_Request(self._app, scope, receive, send))
        elif path.startswith(_STATUS_PATH):
            scope[ROUTE] = f"GET {_STATUS_PATH}{{ingestion_id}}"
            await self._job(_Request(self._app, scope, receive, send))
        elif scope.get("method") == "DELETE" and path.startswith(_MEMORY_PATH):
            scope[ROUTE] = f"DELETE {_MEMORY_PATH}{{memory_id}}"
            await self._deletion(_Request(self._app, scope, receive, send))
        elif path == _SEARCH_PATH:
            scope[ROUTE] = f"POST {_SEARCH_PATH}"
            await self._search(_Request(self._app, scope, receive, send))
        elif path == "/api/v1/auth/whoami" and self._script.whoami != "ok":
            await self._whoami(_Request(self._app, scope, receive, send))
        elif path == "/v1/telemetry/batch" and self._script.telemetry == "hang":
            await _Request(self._app, scope, receive, send).stall(self._script.stall_seconds)
        else:
            await self._app(scope, receive, send)

    async def _batch(self, request: _Request) -> None:
        self._batches += 1
        number = self._batches
        documents = _documents(await request.body())
        scene = self._scene(f"act:{number}")
        if not await self._turns_away(request, number, scene):
            await self._act(request, self._fault(number, documents), documents, scene)

    async def _turns_away(self, request: _Request, number: int, scene: Scene) -> bool:
        """Answer what is not taken in whatever it holds; False when it may be."""
        limit = self._script.max_body_bytes
        if self._is_building(number):
            self.counted["building"] += 1
            await request.reply(building(scene))
        elif limit is not None and len(await request.body()) > limit:
            self.counted["too-large"] += 1
            too_large = orjson.dumps({"detail": f"the request is larger than {limit} bytes"})
            await request.reply(Reply(413, too_large))
        else:
            return False
        return True

    async def _transcript(self, request: _Request) -> None:
        self._transcripts += 1
        number = self._transcripts
        scene = self._scene(f"transcript:{number}")
        if await self._turns_away(request, number, scene):
            return
        kind = self._transcript_fault(number, await request.body())
        if kind == OK:
            await request.pass_on()
            return
        act = TRANSCRIPTS[kind]
        status, answer = await request.answer() if act.stores else (200, b"")
        if status != 200:
            await request.reply(Reply(status, answer))
            return
        self.counted[kind] += 1
        await self._end(request, act, scene._replace(answer=answer))

    def _transcript_fault(self, number: int, body: bytes) -> str:
        kind = self._script.transcript_fault(number)
        name = f"transcript {_conversation(body)}"
        if number > len(self._script.transcripts) and self._in_a_row[name] >= self._script.in_a_row:
            kind = OK
        self._in_a_row[name] = 0 if kind == OK else self._in_a_row[name] + 1
        return kind

    def _is_building(self, number: int) -> bool:
        if number <= self._script.building_requests:
            return True
        return time.monotonic() - self._started < self._script.building_seconds

    def _fault(self, number: int, documents: list[dict[str, Any]]) -> str:
        ids = [str(document.get("document_id")) for document in documents]
        kind = self._script.written_for(number)
        if kind is None:
            kind = self._script.batch_fault(number)
            if not ids or max(self._in_a_row[one] for one in ids) >= self._script.in_a_row:
                kind = OK
        for one in ids:
            self._in_a_row[one] = 0 if kind == OK else self._in_a_row[one] + 1
        return kind

    async def _act(
        self, request: _Request, kind: str, documents: list[dict[str, Any]], scene: Scene
    ) -> None:
        if kind == OK:
            await request.pass_on()
            return
        act = BATCH[kind]
        status, answer = 200, b""
        if act.refuses:
            with_id = kind != "row-failed-without-id"
            status, answer = await request.answer_but_for_one(documents, scene, with_id=with_id)
        elif act.stores:
            status, answer = await request.answer()
        if status != 200:
            # The sandbox refuses it by itself: that is what its sender is to see.
            await request.reply(Reply(status, answer))
            return
        self.counted[kind] += 1
        await self._end(request, act, scene._replace(answer=answer))

    async def _end(self, request: _Request, act: Act, scene: Scene) -> None:
        if act.ending is Ending.ANSWER and act.tell:
            await request.reply(act.tell(scene))
        elif act.ending is Ending.RESET and act.tell:
            await request.reset_within(act.tell(scene))
        elif act.ending is Ending.STALL:
            await request.stall(self._script.stall_seconds)
        else:
            await request.close()

    async def _job(self, request: _Request) -> None:
        self._questions += 1
        kind = self._script.status_fault(self._questions)
        if kind != OK:
            self.counted[kind] += 1
            await self._end(request, STATUS[kind], self._scene(f"status:{self._questions}"))
            return
        if not set(JOBS) & set(self._script.kinds):
            await request.pass_on()
            return
        status, answer = await request.answer()
        reply = Reply(status, answer)
        if status == 200:
            kind = self._script.job_fault(orjson.loads(answer)["document_id"])
            if kind != OK:
                self.counted[kind] += 1
                reply = reply_about_job(kind, answer)
        await request.reply(reply)

    async def _deletion(self, request: _Request) -> None:
        self._deletions += 1
        kind = self._script.deletion_fault(self._deletions)
        if kind == OK:
            await request.pass_on()
            return
        self.counted[kind] += 1
        act = DELETIONS[kind]
        answer = (await request.answer())[1] if act.stores else b""
        scene = self._scene(f"delete:{self._deletions}")
        await self._end(request, act, scene._replace(answer=answer))

    async def _search(self, request: _Request) -> None:
        self._searches += 1
        kind = self._script.search_fault(self._searches)
        if kind == OK:
            await request.pass_on()
            return
        act = SEARCHES[kind]
        status, answer = await request.answer() if act.stores else (200, b"")
        if status != 200:
            await request.reply(Reply(status, answer))
            return
        self.counted[kind] += 1
        scene = self._scene(f"search:{self._searches}")
        await self._end(request, act, scene._replace(answer=answer))

    async def _whoami(self, request: _Request) -> None:
        self.counted[f"whoami-{self._script.whoami}"] += 1
        if self._script.whoami == "hang":
            await request.stall(self._script.stall_seconds)
        elif self._script.whoami in ("401", "500"):
            detail = orjson.dumps({"detail": "by the fault script"})
            await request.reply(Reply(int(self._script.whoami), detail))
        else:
            status, answer = await request.answer()
            body = orjson.loads(answer)
            body.pop("user_context_isolation", None)
            isolation = {"b2c": "equals_customer", "b2b": "strict"}.get(self._script.whoami)
            if isolation:
                body["user_context_isolation"] = isolation
            await request.reply(Reply(status, orjson.dumps(body)))

    def _scene(self, what: str) -> Scene:
        return Scene(
            b"", self._script.random(what), self._script.retry_after_seconds, datetime.now(UTC)
        )


class _Request:
    """One request, with the ways in which it can end."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body: bytes | None = None

    async def body(self) -> bytes:
        """All of its body."""
        if self._body is None:
            chunks = []
            more = True
            while more:
                message = await self._receive()
                chunks.append(message.get("body", b""))
                more = message.get("more_body", False)
            self._body = b"".join(chunks)
        return self._body

    async def pass_on(self) -> None:
        """Let the sandbox answer it."""
        await self._app(self._scope, await self._again(), self._send)

    async def answer(self, body: bytes | None = None) -> tuple[int, bytes]:
        """What the sandbox would answer, having done what it does."""
        status = 0
        chunks: list[bytes] = []

        async def keep(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            chunks.append(message.get("body", b""))

        await self._app(self._scope, await self._again(body), keep)
        return status, b"".join(chunks)

    async def answer_but_for_one(
        self, documents: list[dict[str, Any]], scene: Scene, *, with_id: bool
    ) -> tuple[int, bytes]:
        """The answer to a batch of which one document is refused and the others taken in."""
        place = scene.random.randrange(len(documents))
        others = documents[:place] + documents[place + 1 :]
        batch = {"documents": others, "fail_fast": False}
        status, answer = await self.answer(orjson.dumps(batch))
        if status != 200:
            return status, answer
        told = orjson.loads(answer)
        row = failed_row(documents[place].get("document_id"), scene.random, with_id=with_id)
        told["results"].insert(place, row)
        told["total"] = len(told["results"])
        told["failed"] += 1
        return status, orjson.dumps(told)

    async def reply(self, reply: Reply) -> None:
        """Send an answer."""
        await self._start(reply, len(reply.body))
        await self._send({"type": "http.response.body", "body": reply.body})

    async def reset_within(self, reply: Reply) -> None:
        """Send half of an answer, then reset the connection."""
        await self._start(reply, len(reply.body))
        half = reply.body[: len(reply.body) // 2]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()
        await self._gone()

    async def close(self) -> None:
        """Close the connection without an answer."""
        self._transport.close()
        await self._gone()

    async def stall(self, seconds: float) -> None:
        """Say nothing for so long, or until the sender has had enough; then close."""
        await self.body()
        try:
            await asyncio.wait_for(self._gone(), seconds)
        except TimeoutError:
            await self.close()

    async def _start(self, reply: Reply, length: int) -> None:
        headers = {"Content-Type": "application/json", **dict(reply.headers)}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        raw.append((b"content-length", str(length).encode()))
        await self._send({"type": "http.response.start", "status": reply.status, "headers": raw})

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _again(self, body: bytes | None = None) -> Receive:
        """The body anew, for who has not read it."""
        whole = await self.body() if body is None else body

        async def receive() -> Message:
            return {"type": "http.request", "body": whole, "more_body": False}

        return receive

    @property
    def _transport(self) -> asyncio.Transport:
        transport: asyncio.Transport = self._scope["state"][TRANSPORT]
        return transport


def _conversation(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["conversation_id"])
    except (ValueError, KeyError, TypeError):
        return ""


def _documents(body: bytes) -> list[dict[str, Any]]:
    try:
        documents = orjson.loads(body)["documents"]
    except (ValueError, KeyError, TypeError):
        return []
    return [one for one in documents if isinstance(one, dict)]
