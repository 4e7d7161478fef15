"""Between a client and a server on this machine: notes what is asked for, breaks answers off."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

_ASKED = re.compile(rb"(GET|HEAD|PUT|POST) (\S+) HTTP/1\.1\r\n")
_RANGE = re.compile(rb"(?i)\r\n(?:x-ms-)?range: bytes=(\d+)-(\d+)\r\n")
_PATIENCE = 60
_HEAD_END = b"\r\n\r\n"


class Asked(NamedTuple):
    """A request; ``start`` and ``end`` are the range that it asks for, if it does."""

    method: str
    path: str
    start: int | None = None
    end: int | None = None


@dataclass
class Watch:
    """What was asked for, and how many answers with a range are still to be broken off.

    Answers wait while the ``gate`` is not set.
    """

    port: int = 0
    breaks: int = 0
    requests: list[Asked] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def ranges_of(self, name: str) -> list[tuple[int, int]]:
        """The ranges of an object that were asked for, in order."""
        return [
            (one.start, one.end)
            for one in self.requests
            if one.start is not None and one.end is not None and name in one.path
        ]

    def note(self, data: bytes) -> bool:
        """Take note of a request that begins here; whether its answer is to be broken off."""
        asked = _ASKED.match(data)
        if asked is None:
            return False
        wanted = _RANGE.search(data)
        span = (int(wanted[1]), int(wanted[2]) + 1) if wanted else ()
        self.requests.append(Asked(asked[1].decode(), asked[2].decode(), *span))
        if wanted is None or not self.breaks:
            return False
        self.breaks -= 1
        return True


@contextmanager
def watched(port: int) -> Iterator[Watch]:
    """A proxy in front of a port."""
    watch = Watch()
    watch.gate.set()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as server:
                _Talk(self.request, server, watch).run()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as proxy:
        watch.port = proxy.server_address[1]
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield watch
        finally:
            proxy.shutdown()
            thread.join(30)


class _Talk:
    """One connection."""

    def __init__(self, client: socket.socket, server: socket.socket, watch: Watch) -> None:
        self._client = client
        self._server = server
        self._watch = watch
        self._breaks = False

    def run(self) -> None:
        answers = threading.Thread(target=self._answers, daemon=True)
        answers.start()
        with suppress(OSError):
            while data := self._client.recv(65536):
                self._breaks = self._watch.note(data) or self._breaks
                self._server.sendall(data)
        self._end()
        answers.join(30)

    def _answers(self) -> None:
        with suppress(OSError):
            while data := self._server.recv(65536):
                self._watch.gate.wait(_PATIENCE)
                body = data.find(_HEAD_END) + len(_HEAD_END) if data.startswith(b"HTTP/") else 0
                if self._breaks and body < len(data):
                    self._client.sendall(data[: (body + len(data)) // 2])
                    break
                self._client.sendall(data)
        self._end()

    def _end(self) -> None:
        for one in (self._client, self._server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
