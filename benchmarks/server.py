"""A Synap that answers at once, or after a while, in a process of its own.

Lean on purpose: it must not be what a benchmark measures.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import orjson

_WHOAMI = json.dumps(
    {
        "client_id": "cli_0123456789abcdef",
        "instance_id": "inst_0123456789abcdef",
        "user_context_isolation": "equals_customer",
    }
).encode()
_INGESTION = "00000000-0000-4000-8000-000000000000"
_QUEUED_AT = "2026-01-01T00:00:00Z"


def _answer(body: bytes) -> bytes:
    ids = [document["document_id"] for document in orjson.loads(body)["documents"]]
    rows = [
        {
            "ingestion_id": _INGESTION,
            "document_id": document_id,
            "status": "queued",
            "queued_at": _QUEUED_AT,
            "error_message": None,
        }
        for document_id in ids
    ]
    return orjson.dumps(
        {
            "batch_id": _INGESTION,
            "total": len(ids),
            "succeeded": len(ids),
            "failed": 0,
            "results": rows,
        }
    )


class _Connection:
    def __init__(self, delay: float) -> None:
        self._delay = delay

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line[15:])
                body = await reader.readexactly(length) if length else b""
                reply = b"{}"
                if b"/memories/batch " in head:
                    reply = _answer(body)
                    if self._delay:
                        await asyncio.sleep(self._delay)
                elif b"/whoami " in head:
                    reply = _WHOAMI
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(reply))
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _run(port: Connection, delay: float) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_Connection(delay).serve, "127.0.0.1", 0, limit=2**24)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def instant_synap(delay: float = 0.0) -> Iterator[str]:
    """The address of a Synap that answers each batch after ``delay`` seconds."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, delay), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


if __name__ == "__main__":
    with instant_synap(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0) as url:
        sys.stdout.write(url + "\n")
        sys.stdin.read()
