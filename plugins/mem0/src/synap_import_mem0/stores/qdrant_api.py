"""Qdrant's REST API, as far as reading points needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import SplitResult, quote, urlsplit

from anyio.lowlevel import checkpoint

from synap_import import READ_EXTENSION, ConfigurationError, SourceError

from .rows import Row

if TYPE_CHECKING:
    import httpx

PointId: TypeAlias = str | int

_DEFAULT_PORT = 6333
_READS = {READ_EXTENSION: True}


class Scrolled(NamedTuple):
    """Some points in the order of their ids, and the id that the next ones begin with."""

    rows: Sequence[Row]
    next: PointId | None


def base_url_of(url: str) -> str:
    """The address as qdrant-client understands it: port 6333 unless another is named.

    Raises ConfigurationError when it is no http address. Credentials in it are not used.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORT
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            "--qdrant is not the address of a Qdrant server.",
            remedy="It looks like http://localhost:6333; its key goes into MEM0_QDRANT_KEY.",
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


class QdrantApi:
    """Asks a server for collections and points, never for vectors."""

    def __init__(self, client: httpx.AsyncClient, where: str) -> None:
        self._client = client
        self._where = where

    async def collections(self) -> list[str]:
        """The names of all collections that the key may see."""
        result = await self._result("GET", "/collections")
        try:
            return sorted(str(one["name"]) for one in result["collections"])
        except (KeyError, TypeError):
            raise self._strange() from None

    async def count(self, collection: str) -> int:
        """The exact number of points."""
        result = await self._post(collection, "/points/count", {"exact": True})
        if not isinstance(result, dict) or not isinstance(result.get("count"), int):
            raise self._strange()
        count: int = result["count"]
        return count

    async def scroll(
        self, collection: str, offset: PointId | None, limit: int, payload: Any = True
    ) -> Scrolled:
        """The points from an id on; ``payload`` as the API takes ``with_payload``."""
        body = {"limit": limit, "with_payload": payload, "with_vector": False}
        if offset is not None:
            body["offset"] = offset
        result = await self._post(collection, "/points/scroll", body)
        try:
            scrolled = Scrolled(_rows(result["points"]), result.get("next_page_offset"))
        except (KeyError, TypeError, AttributeError):
            raise self._strange() from None
        if offset is not None and scrolled.next == offset:
            raise SourceError(f"{self._where} gives the same points again and again.")
        return scrolled

    async def scroll_all(
        self, collection: str, limit: int, payload: Any
    ) -> AsyncIterator[Sequence[Row]]:
        """All points, some at a time."""
        offset = None
        while True:
            rows, offset = await self.scroll(collection, offset, limit, payload)
            yield rows
            if offset is None:
                return
            await checkpoint()

    async def points(self, collection: str, ids: Sequence[PointId]) -> list[Row]:
        """The points with these ids; those that are gone are left out."""
        body = {"ids": list(ids), "with_payload": True, "with_vector": False}
        result = await self._post(collection, "/points", body)
        try:
            return _rows(result)
        except (KeyError, TypeError):
            raise self._strange() from None

    async def _post(self, collection: str, path: str, body: Any) -> Any:
        return await self._result("POST", f"/collections/{quote(collection, safe='')}{path}", body)

    async def _result(self, method: str, path: str, body: Any = None) -> Any:
        response = await self._client.request(method, path, json=body, extensions=_READS)
        response.raise_for_status()
        try:
            return response.json()["result"]
        except (ValueError, KeyError, TypeError):
            raise self._strange() from None

    def _strange(self) -> SourceError:
        return SourceError(
            f"{self._where} does not answer as Qdrant does.",
            remedy="Check --qdrant: it is the REST address, mostly with port 6333.",
        )


def _rows(points: Sequence[Any]) -> list[Row]:
    return [Row(point["id"], point.get("payload")) for point in points]
