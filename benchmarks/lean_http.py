"""An HTTP server in a process of its own, lean, because it must not be what is measured."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Protocol


class Answering(Protocol):
    """What a server says."""

    async def answer(self, request: bytes, body: bytes) -> bytes:
        """The response to a request line, such as ``GET /whoami HTTP/1.1``, and a body."""
        ...


def response(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    """A response as it goes over the wire."""
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


@contextmanager
def own_process(make: Callable[..., Answering], *arguments: Any) -> Iterator[str]:
    """The address of a fresh server, which ``make`` makes in its own process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, make, arguments), daemon=True)
    process.start()
    # Otherwise a server that dies at its start would be waited for without end.
    theirs.close()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()
        ours.close()


def _run(port: Connection, make: Callable[..., Answering], arguments: tuple[Any, ...]) -> None:
    async def serve() -> None:
        answering = make(*arguments)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _serve(answering, reader, writer)

        server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2**24)
        port.send(server.sockets[0].getsockname()[1])
        # Nothing else comes this way than the end of the parent, however it ended.
        asyncio.get_running_loop().add_reader(port.fileno(), os._exit, 0)
        await server.serve_forever()

    # Ctrl-C reaches every process of the terminal; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())


async def _serve(
    answering: Answering, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """One connection, until the client closes it."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = _content_length(head)
            body = await reader.readexactly(length) if length else b""
            writer.write(await answering.answer(head.split(b"\r\n", 1)[0], body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0
