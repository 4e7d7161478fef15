"""The HTTP client that the host gives to adapters: patient, limited, discreet, counted.

Everything happens in the transport, below httpx: whatever an adapter or a vendor's SDK
does with the client, bodies arrive complete and unpacked, or not at all.
"""

from __future__ import annotations

import logging
import re
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

from .bounded_body import BodyTooLargeError, BoundedBody, UnknownEncodingError
from .errors import SourceError, SourceUnavailableError, SynapImportError
from .retry_after import reset_seconds, retry_after_seconds

# Marks a POST that only lists: `client.post(..., extensions={READ_EXTENSION: True})`.
READ_EXTENSION = "synap_import.read"

Sleep = Callable[[float], Awaitable[None]]

_READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNSENDABLE = re.compile(rb"[\x00\x7f\r\n\f\v]|^\s|\s$")
_SECRET_NAMES = re.compile(r"key|token|secret|pass|pwd|auth|sig|cred|jwt", re.IGNORECASE)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Politeness:
    """How much a source is asked at once, and how patiently. Times in seconds.

    A source that asks for a longer wait than ``max_wait_seconds`` ends the run for now.
    ``max_response_bytes`` bounds a response as received and as unpacked, and
    ``max_answer_seconds`` the time it takes, however steadily it drips.
    """

    max_concurrency: int = 4
    requests_per_second: float | None = None
    max_attempts: int = 6
    max_wait_seconds: float = 300.0
    max_response_bytes: int = 64 * 1024 * 1024
    timeout_seconds: float = 60.0
    max_answer_seconds: float = 600.0


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
            try:
                with anyio.fail_after(self._politeness.max_answer_seconds):
                    return await self._exchange(request)
            except TimeoutError:
                raise httpx.ReadTimeout("the answer does not end", request=request) from None

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.send(request, stream=True)
        self._counters.by_status[response.status_code] += 1
        try:
            return await self._complete(request.url, response)
        finally:
            await response.aclose()

    async def _complete(self, url: httpx.URL, response: httpx.Response) -> httpx.Response:
        """The response with its body, unpacked here because httpx would unpack without limit."""
        body = BoundedBody(response, self._politeness.max_response_bytes)
        try:
            async for chunk in cast("httpx.AsyncByteStream", response.stream):
                self._counters.bytes += len(chunk)
                body.add(chunk)
        except BodyTooLargeError as error:
            raise SourceError(
                f"The answer of {redact_url(url)} is {error}.",
                remedy="Ask the source for smaller pages.",
            ) from None
        except UnknownEncodingError as error:
            raise SourceError(f"{url.host} answers {error}.") from None
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


def explain_status(error: httpx.HTTPStatusError) -> SynapImportError:
    """The sentence for an answer that an adapter did not expect.

    httpx's own text has the whole address in it, with any key in the query.
    """
    response, where = error.response, redact_url(error.request.url)
    status = f"HTTP {response.status_code}"
    if response.has_redirect_location:
        target = redact_url(response.headers["Location"])[:200]
        return SourceError(
            f"{where} points to another address, {target} ({status}). Nothing was sent there.",
            remedy="Check the source's address; if you trust that one, give it instead.",
        )
    if response.status_code in (401, 403):
        return SourceError(f"{where} refuses the key ({status}).", remedy="Check the source's key.")
    if response.status_code in _RETRIED:
        return SourceUnavailableError(
            f"{where} cannot answer right now ({status}).",
            remedy="Run the same command again later.",
        )
    return SourceError(
        f"{where} does not answer as expected ({status}).",
        remedy="Check the source's address and options.",
    )


def _asked(response: httpx.Response) -> float | None:
    asked = retry_after_seconds(response.headers.get("Retry-After"))
    if asked is None and response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return reset_seconds(response.headers.get("X-RateLimit-Reset"))
    return asked


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
