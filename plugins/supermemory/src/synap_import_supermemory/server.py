"""Asks the server, and says in a sentence what each of its refusals means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import ValidationError

from synap_import import (
    READ_EXTENSION,
    ConfigurationError,
    Politeness,
    SourceContext,
    SourceError,
    SourceUnavailableError,
)

from .config import CLOUD, SuperMemoryConfig
from .models import Complaint, Listing

# A page takes several times this in memory before it is in the ledger.
_LONGEST_PAGE = Politeness(max_response_bytes=8_000_000)
_PASSING = frozenset({408, 425, 429})
_TOO_SLOW = frozenset({408, 504, 524})


class RefusedError(SourceError):
    """One thing is refused; others may be there to read."""


class NotThereError(RefusedError):
    """The server does not know the address."""


class TooMuchError(SourceError):
    """The answer is too long, or too long in coming: ask for less at once."""


_THE_KEY = (
    "Check SUPERMEMORY_API_KEY: it begins with sm_ (console.supermemory.ai, API Keys). A local "
    "server prints its key when it first starts."
)
_NOT_THERE = (NotThereError, "Check --base-url, --api and the names of tags.")
_ANY_OTHER = (RefusedError, "Check what the key may read, and the names of tags.")
_REFUSALS: Mapping[int, tuple[type[SourceError], str]] = {
    401: (SourceError, _THE_KEY),
    402: (SourceError, "Nothing can be read until the organization has credits again."),
    404: _NOT_THERE,
    405: _NOT_THERE,
    409: (RefusedError, "Wait until the tag is merged."),
    410: _NOT_THERE,
}


class Server:
    """One address with one key. Retries and waits are the client's, which the host gives."""

    def __init__(self, context: SourceContext, config: SuperMemoryConfig) -> None:
        url = str(config.base_url)
        self._key = config.api_key.get_secret_value().strip() if config.api_key else ""
        self.host = httpx.URL(url).netloc.decode("ascii")
        if config.base_url == CLOUD and not self._key:
            raise ConfigurationError(
                f"{CLOUD} is not read without a key.",
                remedy="Put one into SUPERMEMORY_API_KEY (console.supermemory.ai, API Keys), or "
                "give the address of a local server: --base-url http://localhost:6767.",
            )
        key = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._http = context.http_client(base_url=url, headers=key)
        self._pages = context.http_client(base_url=url, headers=key, politeness=_LONGEST_PAGE)

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON. Raises RefusedError, and SourceError for what nothing else would be spared."""
        return self._accepted(await self._http.get(path, params=params)).json()

    async def listing(self, path: str, key: str, body: Any, size: int, **params: Any) -> Listing:
        """A POST that only reads. Raises TooMuchError, too: soon, unless for a single item."""
        client, reads = self._pages if size > 1 else self._http, {READ_EXTENSION: True}
        try:
            response = await client.post(path, json=body, params=params, extensions=reads)
        except SourceError as error:
            raise TooMuchError(error.message, remedy=error.remedy) from None
        except SourceUnavailableError as error:
            if size > 1 and isinstance(error.__cause__, httpx.ReadTimeout):
                raise TooMuchError(error.message) from None
            raise
        if size > 1 and response.status_code in _TOO_SLOW:
            raise TooMuchError(f"{_asked(response)} takes too long.")
        response = self._accepted(response)
        return Listing.of(response.json(), key, size, len(response.content))

    def _accepted(self, response: httpx.Response) -> httpx.Response:
        if response.status_code in _PASSING or not response.is_client_error:
            return response.raise_for_status()  # the host knows the sentence
        raise self._refusal(response)

    def _refusal(self, response: httpx.Response) -> SourceError:
        kind, remedy = _REFUSALS.get(response.status_code, _ANY_OTHER)
        what = f"SuperMemory refuses {_asked(response)} (HTTP {response.status_code})"
        try:
            words = str(Complaint.model_validate_json(response.content))
        except ValidationError:
            return kind(f"{what}.", remedy=remedy)
        words = words.replace(self._key, "***") if self._key else words
        return kind(f"{what}: {words[:500]}", remedy=remedy)


def _asked(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"
