"""The HTTP client that the host gives to adapters: patient, limited, discreet, counted.

Everything happens in the transport, below httpx: whatever an adapter or a vendor's SDK
does with the client, bodies arrive complete and unpacked, or not at all.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import unquote_plus

import anyio
import httpx
import tenacity
from aiolimiter import AsyncLimiter

from .errors import SourceError, SourceUnavailableError
from .retry_after import retry_after_seconds

# Marks a POST that only lists: `client.post(..., extensions={READ_EXTENSION: True})`.
READ_EXTENSION = "synap_import.read"

Sleep = Callable[[float], Awaitable[None]]

_READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNSENDABLE = re.compile(rb"[\x00\x7f\r\n\f\v]|^\s|\s$")
_SECRET_NAMES = re.compile(r"key|token|secret|pass|pwd|auth|sig|cred|jwt", re.IGNORECASE)
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Politeness:
    """How much a source is asked at once, and how patiently. Times in seconds.

    A source that asks for a longer wait than ``max_wait_seconds`` ends the run for now.
    ``max_response_bytes`` bounds a response as received and as unpacked.
    """

    max_concurrency: int = 4
    requests_per_second: float | None = None
    max_attempts: int = 6
    max_wait_seconds: float = 300.0
    max_response_bytes: int = 64 * 1024 * 1024
    timeout_seconds: float = 60.0


@dataclass(slots=True)
class Counters:
    """What was asked: ``requests`` counts every attempt, ``bytes`` bodies as received."""

    requests: int = 0
    retries: int = 0
    waited_seconds: float = 0.0
    bytes: int = 0
    by_status: Counter[int] = field(default_factory=Counter)


def polite_client(
    *,
    base_url: str = "",
    headers: dict[str, str] | None = None,
    politeness: Politeness | None = None,
    counters: Counters | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Sleep = anyio.sleep,
) -> httpx.AsyncClient:
    """An httpx client over :class:`PoliteTransport`; redirects are answers, not followed.

    Without ``transport`` it goes through the proxies that the environment names.
    """
    politeness, counters = politeness or Politeness(), counters or Counters()
    inner = httpx.AsyncClient(transport=transport, follow_redirects=False)
    logging.getLogger("httpx").addFilter(_redact_logged_urls)
    return httpx.AsyncClient(
        base_url=base_url,
        headers=headers,
        timeout=httpx.Timeout(politeness.timeout_seconds, pool=None),
        follow_redirects=False,
        transport=PoliteTransport(inner, politeness, counters, sleep),
    )


class PoliteTransport(httpx.AsyncBaseTransport):
    """Sends a bounded number of requests at a time, and reads again what can be read again.

    It sends through a client, because only httpx's clients know the proxies of the environment.
    A last answer that is still an error is returned as it is. Raises
    SourceUnavailableError when no answer comes or the source asks for too long a wait, and
    SourceError when the request cannot be sent or its answer is too large.
    """

    def __init__(
        self, inner: httpx.AsyncClient, politeness: Politeness, counters: Counters, sleep: Sleep
    ) -> None:
        self._inner = inner
        self._politeness = politeness
        self._counters = counters
        self._sleep = sleep
        self._slots = anyio.Semaphore(politeness.max_concurrency)
        # One token at a time: a full bucket would begin with a burst.
        rate = politeness.requests_per_second
        self._rate = AsyncLimiter(1, 1 / rate) if rate else None
        self._backoff = tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The complete response; the class says what is raised."""
        _refuse_unsendable(request)
        # A body that streams could be sent only once.
        await request.aread()
        request.headers["Accept-Encoding"] = "gzip"
        attempts = self._politeness.max_attempts if _is_read(request) else 1
        try:
            if attempts == 1:
                return await self._attempt(request)
            return await self._retrying()(self._attempt, request)
        except tenacity.RetryError as error:
            return cast("httpx.Response", error.last_attempt.result())
        except httpx.TransportError as error:
            raise _unavailable(request.url.host, error, attempts) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    def _retrying(self) -> tenacity.AsyncRetrying:
        bad_answer = tenacity.retry_if_result(lambda answer: answer.status_code in _RETRIED)
        return tenacity.AsyncRetrying(
            sleep=self._sleep,
            stop=tenacity.stop_after_attempt(self._politeness.max_attempts),
            wait=self._wait,
            retry=bad_answer | tenacity.retry_if_exception_type(httpx.TransportError),
            before_sleep=self._note_retry,
            reraise=True,
        )

    async def _attempt(self, request: httpx.Request) -> httpx.Response:
        async with self._slots:
            if self._rate is not None:
                await self._rate.acquire()
            self._counters.requests += 1
            response = await self._inner.send(request, stream=True)
            self._counters.by_status[response.status_code] += 1
            try:
                return await self._complete(request.url, response)
            finally:
                await response.aclose()

    async def _complete(self, url: httpx.URL, response: httpx.Response) -> httpx.Response:
        """The response with its body, unpacked here because httpx would unpack without limit."""
        body = _Body(url, response, self._politeness.max_response_bytes)
        async for chunk in cast("httpx.AsyncByteStream", response.stream):
            self._counters.bytes += len(chunk)
            body.add(chunk)
        content = body.content()
        if content:
            for stale in ("Content-Encoding", "Content-Length", "Transfer-Encoding"):
                response.headers.pop(stale, None)
        stream = httpx.ByteStream(content)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        outcome, patience = state.outcome, self._politeness.max_wait_seconds
        asked = _asked(outcome.result()) if outcome and not outcome.failed else None
        if asked is None:
            return min(self._backoff(state), patience)
        if asked > patience:
            request: httpx.Request = state.args[0]
            when = datetime.now(UTC) + timedelta(seconds=asked)
            raise SourceUnavailableError(
                f"{request.url.host} asks to wait {asked:.0f} s, longer than a run waits.",
                remedy=f"Run the same command again after {when:%Y-%m-%d %H:%M:%S} UTC.",
            )
        return asked

    def _note_retry(self, state: tenacity.RetryCallState) -> None:
        self._counters.retries += 1
        self._counters.waited_seconds += state.upcoming_sleep
        url, wait = state.args[0].url, state.upcoming_sleep
        _log.info("%s: next attempt in %.1f s", redact_url(url), wait)


def _asked(response: httpx.Response) -> float | None:
    return retry_after_seconds(response.headers.get("Retry-After"))


def redact_url(url: httpx.URL | str) -> str:
    """A URL for logs and messages: no credentials, no fragment, secret parameters as ``***``."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "***"
    bare = parsed.copy_with(username=None, password=None, fragment=None, query=None)
    shown = []
    for pair in filter(None, parsed.query.decode("ascii").split("&")):
        name, equals, _ = pair.partition("=")
        shown.append(f"{name}{equals}***" if _SECRET_NAMES.search(unquote_plus(name)) else pair)
    return f"{bare}?{'&'.join(shown)}" if shown else str(bare)


class _Body:
    """Collects a response's body, unpacked, and refuses to grow past a limit."""

    def __init__(self, url: httpx.URL, response: httpx.Response, limit: int) -> None:
        self._url = url
        self._limit = limit
        self._encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        self._packed = self._encoding in {"gzip", "x-gzip", "deflate"}
        self._content = bytearray()
        self._received = 0
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)

    def add(self, chunk: bytes) -> None:
        self._received += len(chunk)
        self._refuse_if_over(self._received)
        if self._packed:
            self._unpack(chunk)
        elif self._encoding in {"identity", ""}:
            self._content += chunk
        else:
            raise SourceError(f"{self._url.host} answers in the encoding {self._encoding!r}.")

    def content(self) -> bytes:
        if self._packed and self._received and not self._inflater.eof:
            raise httpx.RemoteProtocolError("the compressed body breaks off")
        return bytes(self._content)

    def _unpack(self, chunk: bytes) -> None:
        while chunk:
            if self._inflater.eof:
                # gzip may consist of several members, one behind the other.
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            # One byte more than fits tells a body that is too large from one that just fits.
            room = self._limit - len(self._content) + 1
            try:
                self._content += self._inflater.decompress(chunk, room)
            except zlib.error:
                raise httpx.RemoteProtocolError("the compressed body is damaged") from None
            self._refuse_if_over(len(self._content))
            chunk = self._inflater.unconsumed_tail or self._inflater.unused_data

    def _refuse_if_over(self, size: int) -> None:
        if size > self._limit:
            raise SourceError(
                f"The answer of {redact_url(self._url)} is larger than {self._limit} bytes.",
                remedy="Ask the source for smaller pages.",
            )


def _redact_logged_urls(record: logging.LogRecord) -> bool:
    """Clean the URLs in httpx's own log lines, which would show keys in the query."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            redact_url(arg) if isinstance(arg, httpx.URL) else arg for arg in record.args
        )
    return True


def _is_read(request: httpx.Request) -> bool:
    return request.method in _READ_METHODS or bool(request.extensions.get(READ_EXTENSION))


def _refuse_unsendable(request: httpx.Request) -> None:
    # Before httpx sees it: its message and debug log would quote the header, and so the key.
    where = redact_url(request.url)
    if request.url.scheme not in {"http", "https"}:
        raise SourceError(f"{where} is not an http address.", remedy="Check the base URL.")
    if any(_UNSENDABLE.search(value) for _, value in request.headers.raw):
        text = f"A header for {where} holds a line break, or a space at its end."
        raise SourceError(text, remedy="Check how the key was copied.")


def _unavailable(host: str, error: httpx.TransportError, attempts: int) -> SourceUnavailableError:
    # Protocol errors may quote what the server sent; the others are the system's words.
    words = f": {error}" if isinstance(error, httpx.NetworkError) and str(error) else ""
    times = "once" if attempts == 1 else f"{attempts} times"
    return SourceUnavailableError(
        f"{host} does not answer; it was asked {times} ({type(error).__name__}{words}).",
        remedy="Check the address and the network, then run the same command again.",
    )
