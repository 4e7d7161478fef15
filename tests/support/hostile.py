"""Servers that do what a hostile or compromised one would do, on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ODD_IDENTITY = b'{"client_id": "c", "instance_id": "not-of-the-form-that-the-sdk-knows"}'
"""With such an identity the SDK asks by itself again who it is (0.6.9)."""

Act = Callable[[BaseHTTPRequestHandler], None]


def reply(status: int = 200, body: bytes = b"{}", **headers: str) -> Act:
    """Answers everything in the same way; ``Retry_After`` stands for ``Retry-After``."""

    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return act


def in_turn(*acts: Act) -> Act:
    """One act after the other, the last one again and again."""
    left = list(acts)

    def act(request: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return act


@dataclass
class Hostile:
    """Does what ``act`` says, and remembers the requests and how much it got rid of."""

    act: Act = field(default_factory=reply)
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0
    url: str = ""

    def streaming(self, chunk: bytes, times: int, **headers: str) -> Act:
        """An answer whose end the client should not wait for; it does end, for the test."""

        def act(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            for name, value in {"Transfer-Encoding": "chunked", **headers}.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            for _ in range(times):
                request.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.sent += len(chunk)
            request.wfile.write(b"0\r\n\r\n")

        return act


@contextmanager
def hostile(act: Act | None = None) -> Iterator[Hostile]:
    """A hostile server that is up for the length of the block."""
    state = Hostile(act or reply())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.requests.append((self.command, self.path))
            state.headers.append(dict(self.headers))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with suppress(OSError):  # the client hangs up: that is what is hoped for
                state.act(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
