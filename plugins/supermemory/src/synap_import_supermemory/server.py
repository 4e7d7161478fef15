"""Asks the server, and says in a sentence what each of its refusals means."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, NamedTuple

import httpx

from synap_import import (
    READ_EXTENSION,
    ConfigurationError,
    Politeness,
    SourceContext,
    SourceError,
    SourceUnavailableError,
)

from .config import CLOUD, SuperMemoryConfig

# A page takes several times this in memory before it is in the ledger.
_LONGEST_PAGE = Politeness(max_response_bytes=8_000_000)
_MARKUP = re.compile(rb"\s*<")
_LATER = frozenset({408, 425, 429})


class RefusedError(SourceError):
    """One thing is refused; others may be there to read."""


class NotThereError(RefusedError):
    """The server does not know the address."""


class TooLargeError(SourceError):
    """The answer is longer than the host receives: ask for less at once."""


class Answer(NamedTuple):
    """The JSON of an answer, and how long it was."""

    content: Any
    bytes: int


class Server:
    """One address with one key. Retries and waits are the client's, which the host gives."""

    def __init__(self, context: SourceContext, config: SuperMemoryConfig) -> None:
        self._key = config.api_key.get_secret_value().strip() if config.api_key else ""
        self._is_cloud = config.base_url.rstrip("/") == CLOUD
        if self._is_cloud and not self._key:
            raise ConfigurationError(
                f"{CLOUD} is not read without a key.",
                remedy="Put one into SUPERMEMORY_API_KEY (console.supermemory.ai, API Keys), or "
                "give the address of a local server: --base-url http://localhost:6767.",
            )
        try:
            self.host = httpx.URL(config.base_url).netloc.decode("ascii")
        except httpx.InvalidURL:
            raise ConfigurationError("--base-url is not an address.") from None
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._http = context.http_client(base_url=config.base_url, headers=headers)
        self._pages = context.http_client(
            base_url=config.base_url, headers=headers, politeness=_LONGEST_PAGE
        )

    async def get(self, path: str, **params: Any) -> Answer:
        """Raises RefusedError, and SourceError for what no other request would be spared."""
        return self._answer(await self._http.get(path, params=params))

    async def page(self, path: str, body: Any, size: int, **params: Any) -> Answer:
        """A POST that only reads. Raises TooLargeError, too: soon, unless for a single item."""
        client, reads = self._pages if size > 1 else self._http, {READ_EXTENSION: True}
        try:
            response = await client.post(path, json=body, params=params, extensions=reads)
        except SourceError as error:
            raise TooLargeError(error.message, remedy=error.remedy) from None
        return self._answer(response)

    def _answer(self, response: httpx.Response) -> Answer:
        status = response.status_code
        if status in _LATER or response.is_server_error or response.is_redirect:
            response.raise_for_status()  # the host knows the sentence
        if response.is_client_error:
            raise self._refusal(response)
        try:
            return Answer(response.json(), len(response.content))
        except (ValueError, RecursionError):
            if _MARKUP.match(response.content):
                raise not_supermemory(response.request.url.path, "a web page") from None
            raise SourceUnavailableError(
                f"The answer to {_asked(response)} breaks off or is no JSON.",
                remedy="Run the same command again.",
            ) from None

    def _refusal(self, response: httpx.Response) -> SourceError:
        words = self._words(response)
        what = f"SuperMemory refuses {_asked(response)} (HTTP {response.status_code})"
        what += f": {words}" if words else "."
        match response.status_code:
            case 401:
                return SourceError(what, remedy=self._about_the_key())
            case 402:
                remedy = "Nothing can be read until the organization has credits again."
                return SourceError(what, remedy=remedy)
            case 404 | 405 | 410:
                return NotThereError(what, remedy="Check --base-url and --api.")
            case 409:
                return RefusedError(what, remedy="Wait until the tag is merged.")
        return RefusedError(what, remedy="Check what the key may read, and the names of tags.")

    def _about_the_key(self) -> str:
        if not self._key:
            return "It printed a key at its first start: put that into SUPERMEMORY_API_KEY."
        where = "console.supermemory.ai, API Keys" if self._is_cloud else "printed at first start"
        return f"Check SUPERMEMORY_API_KEY: it begins with sm_ ({where})."

    def _words(self, response: httpx.Response) -> str:
        """What the server says: ``error`` is a text or a list, and may be missing."""
        with suppress(ValueError, RecursionError, AttributeError, TypeError):
            content = response.json()
            said = content["error"] if "error" in content else content.get("message", "")
            if isinstance(said, list):
                said = "; ".join(_complaint(one) for one in said)
            details = content.get("details")
            words = f"{said} ({details})" if details else str(said)
            return (words.replace(self._key, "***") if self._key else words)[:500]
        return ""


def not_supermemory(path: str, instead: str) -> SourceError:
    """The sentence for an address where something else answers."""
    return SourceError(
        f"{path} answers {instead}: this is not the API of SuperMemory.",
        remedy="Check --base-url; it is the server's address without /v3 or /v4.",
    )


def _complaint(problem: Any) -> str:
    place = ".".join(map(str, problem.get("path") or ()))
    return f"{place}: {problem.get('message')}" if place else str(problem.get("message"))


def _asked(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"
