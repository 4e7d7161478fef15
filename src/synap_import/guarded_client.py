"""The HTTP client for Synap: it trusts the server with the key, and with nothing else.

Redirects are answers, so the key goes to no other address. An answer is bounded in size,
packed and unpacked, and in time, so that a dripping server does not hold a run for ever. And
a key that the server quotes is taken out before anybody can show or store it.
"""

from __future__ import annotations

from typing import Any

import anyio
import httpx

from .bounded_body import BodyTooLargeError, BoundedBody, UnknownEncodingError

_REDACTED = "***"
_UNTRUE_ONCE_UNPACKED = ("Content-Encoding", "Content-Length", "Transfer-Encoding")
_LONGEST_REASON = 300


def describe(error: httpx.HTTPError) -> str:
    """The error in a few words."""
    return f"{type(error).__name__}: {error}".rstrip(": ")[:_LONGEST_REASON]


class GuardedClient(httpx.AsyncClient):
    """Reads each answer to its end within ``max_bytes`` and ``max_seconds``.

    Any failure to do so is an ``httpx.HTTPError``. ``secret`` is what must not come back.
    """

    def __init__(self, *, secret: str, max_bytes: int, max_seconds: float, **options: Any) -> None:
        super().__init__(follow_redirects=False, headers={"Accept-Encoding": "gzip"}, **options)
        self._secret = secret
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """The complete answer, without the secret."""
        try:
            with anyio.fail_after(self._max_seconds):
                response = await super().send(request, **{**options, "stream": True})
                try:
                    return await self._complete(request, response)
                finally:
                    await response.aclose()
        except httpx.RequestError as error:
            # Protocol errors quote what the server sent.
            raise type(error)(self._redacted(str(error)), request=request) from None
        except TimeoutError:
            text = f"no complete answer within {self._max_seconds:.0f} s"
            raise httpx.ReadTimeout(text, request=request) from None
        except (BodyTooLargeError, UnknownEncodingError) as error:
            text = f"the answer is {error}"
            raise httpx.RemoteProtocolError(text, request=request) from None

    async def _complete(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        body = BoundedBody(response, self._max_bytes)
        async for chunk in response.aiter_raw():
            body.add(chunk)
        for stale in _UNTRUE_ONCE_UNPACKED:
            response.headers.pop(stale, None)
        headers = [(name, self._redacted(text)) for name, text in response.headers.multi_items()]
        content = self._redacted_body(request, body.content())
        return httpx.Response(
            response.status_code, headers=headers, content=content, request=request
        )

    def _redacted_body(self, request: httpx.Request, content: bytes) -> bytes:
        secret = self._secret.encode()
        # Ids must come back as they were sent: what we sent ourselves is not given away.
        if not secret or secret not in content or secret in request.content:
            return content
        return content.replace(secret, _REDACTED.encode())

    def _redacted(self, text: str) -> str:
        return text.replace(self._secret, _REDACTED) if self._secret else text
