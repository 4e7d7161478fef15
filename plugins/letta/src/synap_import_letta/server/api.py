"""The endpoints that only read, each one page of it, through the official client.

The client builds and sends the requests; answers are taken as they are, because its models would
build 4,096 floats per passage only to drop them. Every request of a list says its order: the
defaults lose items. Retries are the host's.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any, cast

import httpx
from letta_client import APIConnectionError, APIStatusError, AsyncLetta
from pydantic_core import from_json

from synap_import import READ_EXTENSION, SourceError, SourceUnavailableError

from .refusals import NotThereError, refusal, unlike_letta, unreachable

PAGE = 100
"""Valid everywhere: the Cloud refuses more than 200 on agents and blocks."""
FILES_PER_PAGE = 20
"""Of folders' files, which come with their whole text."""
SEARCHED = 100
"""The most that a search gives."""
COMMITS = 100

_INCLUDED: list[Any] = [
    "agent.blocks",
    "agent.identities",
    "agent.managed_group",
    "agent.sources",
    "agent.tags",
]
_SEARCH = "/v1/passages/search"
_PASSES = frozenset({408, 425, 429})
# Of servers before 0.12, which know no `order`.
_ASCENDING = {"ascending": True}

Items = list[Any]


class LettaApi:
    """Speaks to one server. Raises what :mod:`.refusals` has for answers that do not help."""

    def __init__(self, http: httpx.AsyncClient, base_url: str, key: str | None) -> None:
        http.event_hooks["request"].append(_mark_reading)
        self.address = base_url
        self._key = key
        self._sdk = AsyncLetta(base_url=base_url, api_key=key, http_client=http, max_retries=0)

    def as_user(self, user_id: str) -> None:
        """Read the organization of this user from now on."""
        self._sdk = self._sdk.with_options(default_headers={"user_id": user_id})

    async def health(self) -> Any:
        """What the server says about itself, or None; open even on a secure server."""
        try:
            return await self._get("/v1/health/")
        except NotThereError:
            return None

    async def agents(self, after: str | None, project: str | None = None) -> Items:
        """Agents, oldest first, hidden ones too, with what they are connected to."""
        return await self._items(
            self._sdk.agents.with_raw_response.list(
                order="asc",
                limit=PAGE,
                include=_INCLUDED,
                extra_query={
                    **_ASCENDING,
                    "show_hidden_agents": True,
                    **_given(after=after, project_id=project),
                },
                extra_headers=_project(project),
            )
        )

    async def blocks(
        self, after: str | None, project: str | None = None, *, templates: bool = False
    ) -> Items:
        """Blocks, oldest first, hidden ones too; templates only when they are asked for."""
        return await self._items(
            self._sdk.blocks.with_raw_response.list(
                order="asc",
                limit=PAGE,
                extra_query={
                    "show_hidden_blocks": True,
                    **_given(after=after, project_id=project),
                    **({"templates_only": True} if templates else {}),
                },
                extra_headers=_project(project),
            )
        )

    async def template_blocks(self, after: str | None, project: str | None = None) -> Items:
        """What blocks of new agents are copied from."""
        return await self.blocks(after, project, templates=True)

    async def block(self, block_id: str) -> Any:
        """A block by its id. Raises NotThereError."""
        return await self._answer(self._sdk.blocks.with_raw_response.retrieve(block_id))

    async def archives(self, after: str | None, project: str | None = None) -> Items:
        """Archives, oldest first."""
        return await self._items(
            self._sdk.archives.with_raw_response.list(
                order="asc",
                limit=PAGE,
                extra_query=_given(after=after),
                extra_headers=_project(project),
            )
        )

    async def archives_of(self, agent: str, after: str | None) -> Items:
        """The archives that an agent has."""
        return await self._items(
            self._sdk.archives.with_raw_response.list(
                order="asc", limit=PAGE, agent_id=agent, extra_query=_given(after=after)
            )
        )

    async def passages(
        self, agent: str, after: str | None, *, limit: int = PAGE, newest_first: bool = False
    ) -> Items:
        """Passages of an agent's archives by their time."""
        return await self._items(
            self._sdk.agents.passages.with_raw_response.list(
                agent, ascending=not newest_first, limit=limit, extra_query=_given(after=after)
            )
        )

    async def passages_of_archive(self, archive: str, since: str | None) -> Items:
        """The first passages of an archive from a time on: a search without a question."""
        body = {"archive_id": archive, "limit": SEARCHED, **_given(start_date=since)}
        found = await self._items(
            self._sdk.post(_SEARCH, cast_to=httpx.Response, body=body), of=_SEARCH
        )
        return [one.get("passage") if isinstance(one, Mapping) else one for one in found]

    async def messages(
        self,
        agent: str,
        *,
        after: str | None = None,
        before: str | None = None,
        conversation: str | None = None,
    ) -> Items:
        """Messages of an agent by their number, oldest first, or those just before one.

        The tool by which older agents speak comes as a call: folded into words, what is shown
        would depend on where a page ends.
        """
        return await self._items(
            self._sdk.agents.messages.with_raw_response.list(
                agent,
                order="asc",
                limit=PAGE,
                use_assistant_message=False,
                extra_query=_given(after=after, before=before, conversation_id=conversation),
            )
        )

    async def message(self, message_id: str) -> Items:
        """What a stored message says; an empty one says nothing. Raises NotThereError."""
        return await self._items(self._raw(f"/v1/messages/{message_id}"))

    async def conversations(self, after: str | None, project: str | None = None) -> Items:
        """Conversations of all agents, archived ones too, oldest first."""
        return await self._items(
            self._sdk.conversations.with_raw_response.list(
                order="asc",
                limit=PAGE,
                archive_status="all",
                extra_query=_given(after=after),
                extra_headers=_project(project),
            )
        )

    async def identities(self, after: str | None, project: str | None = None) -> Items:
        """Identities, oldest first; the client dropped them, servers still have them."""
        return await self._list("/v1/identities/", after, project)

    async def blocks_of_identity(self, identity: str, after: str | None) -> Items:
        """The blocks that are connected to an identity."""
        return await self._list(f"/v1/identities/{identity}/blocks", after)

    async def folders(self, after: str | None, project: str | None = None) -> Items:
        """Folders, oldest first."""
        return await self._items(
            self._sdk.folders.with_raw_response.list(
                order="asc",
                limit=PAGE,
                extra_query=_given(after=after),
                extra_headers=_project(project),
            )
        )

    async def files(self, folder: str, after: str | None) -> Items:
        """The files of a folder with their text, oldest first."""
        return await self._items(
            self._sdk.folders.files.with_raw_response.list(
                folder,
                order="asc",
                limit=FILES_PER_PAGE,
                include_content=True,
                extra_query=_given(after=after),
            )
        )

    async def memory_directory(self, agent: str, path: str) -> Any:
        """A directory of an agent's memory files (Cloud). Raises NotThereError."""
        place = f"/v1/agents/{agent}/memory-files/directory"
        return await self._get(place, {"path": path} if path else {})

    async def memory_file(self, agent: str, path: str) -> Any:
        """A memory file (Cloud). Raises NotThereError."""
        place = f"/v1/agents/{agent}/memory-files/content"
        return await self._get(place, {"file_path": path})

    async def memory_history(self, agent: str, path: str) -> Any:
        """The newest commits of a memory file (Cloud). Raises NotThereError."""
        place = f"/v1/agents/{agent}/memory-files/history"
        return await self._get(place, {"file_path": path, "limit": COMMITS})

    async def count(self, what: str, **parameters: Any) -> int | None:
        """How many there are, where the server counts; older ones take the path for an id."""
        try:
            number = await self._get(f"/v1/{what}/count", parameters)
        except (SourceError, httpx.HTTPStatusError):
            return None
        return number if isinstance(number, int) and not isinstance(number, bool) else None

    async def projects(self, offset: int) -> Any:
        """Projects of the Cloud account. Raises NotThereError on a self-hosted server."""
        return await self._get("/v1/projects", {"offset": offset, "limit": PAGE})

    async def accounts(self, after: str | None) -> Items:
        """The users of a self-hosted server: of its accounts, not of its agents."""
        return await self._list("/v1/admin/users/", after)

    async def _list(self, path: str, after: str | None, project: str | None = None) -> Items:
        parameters = {"order": "asc", "limit": PAGE, **_given(after=after)}
        return await self._items(self._raw(path, parameters, _project(project)))

    async def _get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        return await self._answer(self._raw(path, parameters))

    def _raw(
        self,
        path: str,
        parameters: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Awaitable[httpx.Response]:
        """What the client has no method for."""
        options: Any = {"params": dict(parameters or {}), "headers": dict(headers or {})}
        return self._sdk.get(path, cast_to=httpx.Response, options=options)

    async def _items(self, asked: Awaitable[Any], of: str = "") -> Items:
        answer = await self._answer(asked)
        if not isinstance(answer, list):
            raise unlike_letta(self._sdk.base_url, of or "a list")
        return answer

    async def _answer(self, asked: Awaitable[Any]) -> Any:
        """The JSON of an answer; the client's errors as ours."""
        try:
            given = await asked
        except APIStatusError as error:
            raise self._refusal(error.response) from None
        except APIConnectionError as error:
            # Among them what the host's client raises: that already is a sentence.
            raise unreachable(error) from None
        response = cast("httpx.Response", getattr(given, "http_response", given))
        return _parsed(response)

    def _refusal(self, response: httpx.Response) -> Exception:
        status = response.status_code
        broken = response.is_server_error and status != httpx.codes.NOT_IMPLEMENTED
        if broken or response.is_redirect or status in _PASSES:
            # The host has a sentence for each of these.
            return httpx.HTTPStatusError("", request=response.request, response=response)
        return refusal(response, self._key)


def _parsed(response: httpx.Response) -> Any:
    """The JSON; fast where the answer allows, whole where it holds lone surrogates."""
    try:
        return from_json(response.content)
    except ValueError:
        with suppress(ValueError, RecursionError):
            return json.loads(response.content)
    if response.content.lstrip()[:1] in (b"[", b"{"):
        raise SourceUnavailableError(
            f"The answer to {response.request.url.path} breaks off or is no JSON.",
            remedy="Run the same command again.",
        )
    raise unlike_letta(response.request.url, response.request.url.path)


async def _mark_reading(request: httpx.Request) -> None:
    if request.url.path.endswith(_SEARCH):
        request.extensions = {**request.extensions, READ_EXTENSION: True}


def _given(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _project(project: str | None) -> dict[str, str]:
    return {"X-Project-Id": project} if project is not None else {}
