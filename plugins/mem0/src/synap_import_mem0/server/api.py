"""The questions that a server is asked, and the sentences for its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from synap_import import SourceError, SourceUnavailableError

from .behind import StoreBehind, read_configuration
from .dialect import Dialect, not_mem0, read_dialect
from .entities import LIST_LIMIT, Entity, Filters, Item, read_entities

if TYPE_CHECKING:
    import httpx


class ServerApi:
    """Only reads. ``where`` is the address for people, ``key`` what words a refusal."""

    def __init__(self, client: httpx.AsyncClient, where: str, key: str | None) -> None:
        self._client = client
        self._where = where
        self._key = key

    async def dialect(self) -> Dialect:
        """What the server can do. Raises SourceError when there is no Mem0 server."""
        response = await self._client.get("/openapi.json")
        if response.status_code in (401, 403):
            raise self._refused(response)
        if response.status_code in (200, 404):
            return read_dialect(self._json(response), self._where)
        raise_unexpected(response)
        raise not_mem0(self._where)

    async def entities(self) -> tuple[Entity, ...]:
        """Whose memories there are, as the server counts them."""
        return read_entities(self._json(await self._get("/entities")))

    async def listed(self, filters: Filters) -> list[Item]:
        """What a list answers, expired ones too: LIST_LIMIT at most."""
        wanted = {**filters, "top_k": str(LIST_LIMIT), "show_expired": "true"}
        return self._items(await self._get("/memories", wanted))

    async def everything(self) -> list[Item] | None:
        """What the list without any id answers; None when the key may not see it."""
        response = await self._get("/memories", allowed=(403,))
        return None if response.status_code == 403 else self._items(response)

    async def configuration(self) -> StoreBehind:
        """What the server tells about its store; nothing where it does not."""
        response = await self._get("/configure", allowed=(403, 404, 405))
        return read_configuration(self._json(response) if response.is_success else None)

    async def history(self, memory_id: str) -> list[Any]:
        """The events of a memory."""
        answer = self._json(await self._get(f"/memories/{quote(memory_id, safe='')}/history"))
        return answer if isinstance(answer, list) else []

    async def _get(
        self, path: str, params: Filters | None = None, *, allowed: tuple[int, ...] = ()
    ) -> httpx.Response:
        response = await self._client.get(path, params=params)
        if response.status_code == 401:
            raise self._refused(response)
        if response.status_code not in allowed:
            raise_unexpected(response)
        return response

    def _items(self, response: httpx.Response) -> list[Item]:
        answer = self._json(response)
        items = answer.get("results") if isinstance(answer, dict) else answer
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise not_mem0(self._where)
        return items

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise not_mem0(self._where) from None

    def _refused(self, response: httpx.Response) -> SourceError:
        if not self._key:
            return SourceError(
                f"The server at {self._where} asks for a key.",
                remedy="Put its ADMIN_API_KEY, or an API key of its own (m0sk_…), into "
                "MEM0_SERVER_KEY.",
            )
        if "Authorization" in response.request.headers:
            return SourceError(
                f"The server at {self._where} refuses the token in MEM0_SERVER_KEY.",
                remedy="Tokens end after 30 minutes; an API key (m0sk_…) or the ADMIN_API_KEY "
                "does not.",
            )
        platforms = " It looks like one of the Platform." if self._key.startswith("m0-") else ""
        return SourceError(
            f"The server at {self._where} refuses the key in MEM0_SERVER_KEY.{platforms}",
            remedy="Give its ADMIN_API_KEY or an API key of its own (m0sk_…); a server that runs "
            "with AUTH_DISABLED takes no key, so leave it out there.",
        )


def raise_unexpected(response: httpx.Response) -> None:
    """Raise for an answer that is none: the server's words where its own store failed."""
    if response.status_code == 502 and response.headers.get("X-Request-ID"):
        code = _error_code(response)
        raise SourceUnavailableError(
            f"The Mem0 server answers that its store failed ({code}).",
            remedy="Look into the server's log for request "
            f"{response.headers['X-Request-ID']}, then run the same command again.",
        )
    response.raise_for_status()


def _error_code(response: httpx.Response) -> str:
    try:
        return str(response.json()["code"])
    except (ValueError, KeyError, TypeError):
        return "unknown"
