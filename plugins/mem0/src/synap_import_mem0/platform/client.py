"""The endpoints of the Platform that only read, and what their errors mean for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx

from synap_import import READ_EXTENSION, SourceError, SourceUnavailableError

from .answers import PAST_THE_END, Listing, UnknownShapeError, listing_of, without_notice, words_of

MOST_PER_PAGE = 200
"""Of memories; the server gives 100 when it is not asked."""
EVENTS_PER_PAGE = 100
"""The one documented size of a page of the history feed."""

_PASSES = frozenset({408, 425, 429})
_MARKUP = re.compile(rb"\s*<")


class IncludeMergedRefusedError(Exception):
    """The server does not know ``include_merged``; nothing else was wrong with the request."""


class PlatformClient:
    """Speaks to one project. Pages are numbered by us: ``next`` is an address to trust blindly.

    Every method raises SourceError for an answer that does not help, with the server's words,
    and SourceUnavailableError or httpx.HTTPStatusError for one that may be better later.
    """

    def __init__(self, http: httpx.AsyncClient, key: str) -> None:
        self._http = http
        self._key = key

    async def ping(self) -> Mapping[str, Any]:
        """Which project the key opens."""
        response = await self._http.get("/v1/ping/")
        if response.status_code == httpx.codes.NOT_FOUND:
            raise self._not_the_platform(response)
        body = without_notice(self._body(response))
        if not isinstance(body, Mapping):
            raise self._not_the_platform(response)
        return body

    async def memories(
        self, filters: Mapping[str, Any], *, page: int, size: int, merged: bool = False
    ) -> Listing:
        """A page of the memories that the filters let through, expired ones included.

        Raises IncludeMergedRefusedError for ``merged`` where the server does not know it.
        """
        wanted = {"filters": filters, "show_expired": True}
        response = await self._http.post(
            "/v3/memories/",
            params={"page": page, "page_size": size},
            json={**wanted, "include_merged": True} if merged else wanted,
            extensions={READ_EXTENSION: True},
        )
        if merged and response.status_code == httpx.codes.BAD_REQUEST:
            raise IncludeMergedRefusedError
        return self._listing(response, page)

    async def memory(self, memory_id: str) -> Mapping[str, Any] | None:
        """A memory by its id; None when there is none."""
        response = await self._http.get(f"/v1/memories/{quote(memory_id, safe='')}/")
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        body = without_notice(self._body(response))
        return body if isinstance(body, Mapping) and body.get("id") else None

    async def entities(self, page: int) -> Listing:
        """A page of the users, agents, apps and runs."""
        return self._listing(await self._http.get("/v1/entities/", params={"page": page}), page)

    async def events(self, page: int, size: int = EVENTS_PER_PAGE) -> Listing:
        """A page of what happened to memories."""
        asked = {"page": page, "limit": size}
        return self._listing(await self._http.get("/v1/memories/events/", params=asked), page)

    async def total(self) -> int | None:
        """How many memories the statistics count."""
        body = without_notice(self._body(await self._http.get("/v1/stats/")))
        total = body.get("total_memories") if isinstance(body, Mapping) else None
        return total if isinstance(total, int) else None

    async def projects(self, organisation: str) -> list[str]:
        """The names of the organisation's projects."""
        place = f"/api/v1/orgs/organizations/{quote(organisation, safe='')}/projects/"
        items = self._listing(await self._http.get(place), 1).items
        return [str(one.get("name")) for one in items if isinstance(one, Mapping)]

    def _listing(self, response: httpx.Response, page: int) -> Listing:
        if page > 1 and response.status_code == httpx.codes.NOT_FOUND:
            return PAST_THE_END
        try:
            return listing_of(self._body(response))
        except UnknownShapeError:
            raise self._not_the_platform(response) from None

    def _body(self, response: httpx.Response) -> Any:
        """The JSON of a good answer."""
        if response.status_code in _PASSES or response.is_server_error or response.is_redirect:
            response.raise_for_status()
        if _MARKUP.match(response.content):
            raise self._not_the_platform(response)
        if response.is_client_error:
            raise self._refusal(response)
        try:
            return response.json()
        except (ValueError, RecursionError):
            raise SourceUnavailableError(
                f"The answer to {_asked(response)} breaks off or is no JSON.",
                remedy="Run the same command again.",
            ) from None

    def _refusal(self, response: httpx.Response) -> SourceError:
        said = ""
        with suppress(ValueError, RecursionError):
            said = words_of(response.json()).replace(self._key, "***")
        words = f": {said}" if said else "."
        what = f"Mem0 refuses {_asked(response)} (HTTP {response.status_code}){words}"
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return SourceError(
                what,
                remedy="Check MEM0_API_KEY: a key of the Platform begins with m0- and is made "
                "in Mem0's dashboard, under API keys.",
            )
        return SourceError(what, remedy="Check the address, and whether Mem0 has changed.")

    def _not_the_platform(self, response: httpx.Response) -> SourceError:
        shown = "a web page" if _MARKUP.match(response.content) else "nothing that Mem0 says"
        return SourceError(
            f"{response.request.url.copy_with(query=None)} answers {shown} (HTTP "
            f"{response.status_code}): this is not the API of the Mem0 Platform.",
            remedy="Check --api-url; a self-hosted Mem0 server is read with --base-url URL.",
        )


def _asked(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"
