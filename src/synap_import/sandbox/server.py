"""Running a sandbox: in the foreground for the command, in a thread for tests."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from synap_import.errors import ConfigurationError

from .app import Sandbox, build
from .faults import TRANSPORT
from .store import Store

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    from .settings import SandboxSettings

_START_SECONDS = 10
_CLOSE_SECONDS = 10


def serve(settings: SandboxSettings, *, on_ready: Callable[[str], None] | None = None) -> None:
    """Run a sandbox until SIGINT or SIGTERM, then return.

    ``on_ready`` is called with the base URL once it answers. Raises ConfigurationError when
    the port is taken or the database file cannot be used.
    """
    running = _Running(settings, on_ready or _ignore)
    try:
        running.run()
    finally:
        running.release()


class BackgroundSandbox:
    """A sandbox that runs in a thread of this process from construction to ``close``.

    Raises like ``serve``. Usable as a context manager; ``base_url`` has no trailing slash.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self._settled = threading.Event()
        self._running = _Running(settings, lambda _: self._settled.set())
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        self.base_url = self._running.base_url
        self._settled.wait(_START_SECONDS)
        if not self._running.started:
            self.close()
            raise RuntimeError("The sandbox did not start.")

    def close(self) -> None:
        """Stop answering and close the database; a second call does nothing."""
        self._running.stop()
        self._thread.join(_CLOSE_SECONDS)
        self._running.release()

    def _run(self) -> None:
        try:
            self._running.run()
        finally:
            self._settled.set()

    def __enter__(self) -> BackgroundSandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Running:
    """An open database, a bound port, and the server between them."""

    def __init__(self, settings: SandboxSettings, on_ready: Callable[[str], None]) -> None:
        self._store = Store(settings.db)
        try:
            self._socket = _bind(settings)
        except BaseException:
            self._store.close()
            raise
        host, port = self._socket.getsockname()[:2]
        self.base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        app = build(Sandbox(settings, self._store))
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            # Longer than the SDK keeps idle connections: a server that hangs up first looks
            # to a client like a batch whose outcome is unknown.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=3,
        )
        self._server = _Server(config, lambda: on_ready(self.base_url))

    @property
    def started(self) -> bool:
        return self._server.started

    def run(self) -> None:
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        self._server.should_exit = True

    def release(self) -> None:
        self._socket.close()
        self._store.close()


class _Protocol(H11Protocol):
    """Leaves the connection in the state of its requests, for faults that break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """Uvicorn that says when it is up, and that returns after a signal instead of dying of it."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._leave) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _leave(self, _: int, __: FrameType | None) -> None:
        # The second one means now.
        self.force_exit = self.should_exit
        self.should_exit = True


def _bind(settings: SandboxSettings) -> socket.socket:
    host = "127.0.0.1" if settings.host == "localhost" else settings.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio only then sets TCP_NODELAY: 40 ms per answer.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, settings.port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise ConfigurationError(
            f"The sandbox cannot listen on {host}:{settings.port}: {error.strerror or error}.",
            remedy="Choose another port, or 0 for a free one.",
        ) from error
    return bound


def _ignore(_: str) -> None:
    return None
