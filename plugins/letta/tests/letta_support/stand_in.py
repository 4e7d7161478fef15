"""A Letta server that behaves as the recordings and measurements of a real 0.16.8 show.

With ``version`` it is an older one, as their source code says; with ``cloud`` it has what public
issues tell of the Cloud (a limit of 200, ``error`` bodies, projects, memory files): that part is
written by hand, no recording.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from letta_support.data import ACCOUNT, Data, Item, items_of

_RELATIONS = ("blocks", "tags", "identities", "identity_ids", "sources", "tools", "managed_group")
_MALFORMED = re.compile(r"user-[0-9a-f-]{36}")


@dataclass
class StandIn:
    """What the server is and holds, and what it was asked."""

    data: Data = field(default_factory=Data)
    version: tuple[int, ...] = (0, 16, 8)
    cloud: bool = False
    password: str | None = None
    more: dict[str, Data] = field(default_factory=dict)
    """Of other organizations, by the user through whom they are seen."""
    projects: list[Item] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    before: Callable[[Request], Response | None] = lambda _: None
    url: str = ""

    def paths(self) -> list[str]:
        return [one.url.path for one in self.asked]

    def asked_of(self, ending: str) -> list[Request]:
        return [one for one in self.asked if one.url.path.endswith(ending)]

    def data_of(self, request: Request) -> Data:
        """Of the organization; an unknown id shows the default one's, without a word."""
        user = request.headers.get("user_id", ACCOUNT)
        if _MALFORMED.fullmatch(user) is None:
            raise RefusalError(400, "Invalid user ID format")
        return self.more.get(user, self.data)

    def application(self) -> Starlette:
        return Starlette(routes=list(_routes(self)))


class RefusalError(Exception):
    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@contextmanager
def running(stand_in: StandIn) -> Iterator[StandIn]:
    """The stand-in, answering on the loopback; its ``url`` says where."""
    config = uvicorn.Config(
        stand_in.application(), log_config=None, lifespan="off", ws="none", access_log=False
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        stand_in.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield stand_in
        finally:
            server.should_exit = True
            thread.join(timeout=10)


Answer = Callable[[StandIn, Request, Data], Any]


def _routes(stand_in: StandIn) -> Iterator[Route]:
    def answering(answer: Answer) -> Any:
        async def endpoint(request: Request) -> Response:
            await request.body()
            return _answered(stand_in, request, answer)

        return endpoint

    for path, answer in _ENDPOINTS.items():
        methods = ["POST"] if path == "/v1/passages/search" else ["GET"]
        yield Route(path, answering(answer), methods=methods)
        if path.endswith("/"):
            yield Route(path[:-1], _redirect)


async def _redirect(request: Request) -> Response:
    """FastAPI's: to an absolute address, whose scheme a proxy in front may not have."""
    return RedirectResponse(str(request.url.replace(path=request.url.path + "/")), 307)


def _answered(stand_in: StandIn, request: Request, answer: Answer) -> Response:
    stand_in.asked.append(request)
    early = stand_in.before(request)
    if early is not None:
        return early
    try:
        _let_in(stand_in, request)
        given = answer(stand_in, request, stand_in.data_of(request))
    except RefusalError as refusal:
        name = "error" if stand_in.cloud and refusal.status != 404 else "detail"
        return JSONResponse({name: refusal.detail}, refusal.status)
    return given if isinstance(given, Response) else JSONResponse(given)


def _let_in(stand_in: StandIn, request: Request) -> None:
    if stand_in.password is None or (request.url.path == "/v1/health/" and not stand_in.cloud):
        return
    if request.headers.get("authorization") != f"Bearer {stand_in.password}":
        raise RefusalError(401, "Unauthorized")


def _health(stand_in: StandIn, _request: Request, _data: Data) -> Any:
    if stand_in.cloud:
        raise RefusalError(404, "Not Found")
    return {"version": ".".join(map(str, stand_in.version)), "status": "ok"}


def _paged(
    items: Sequence[Item], request: Request, *, order: str, limit: int, most: int | None = None
) -> list[Item]:
    """A generic list: an unknown cursor is ignored, so that it begins anew."""
    asked = request.query_params
    limit = int(asked.get("limit", limit))
    if most is not None and limit > most:
        raise RefusalError(422, f"Number must be less than or equal to {most}")
    direction = asked.get("order") or ("asc" if asked.get("ascending") == "true" else order)
    listed = list(items) if direction == "asc" else list(items)[::-1]
    ids = [one["id"] for one in listed]
    if asked.get("after") in ids:
        listed = listed[ids.index(asked["after"]) + 1 :]
    return listed[:limit]


def _agents(stand_in: StandIn, request: Request, data: Data) -> Any:
    shown = [
        one for one in _in_project(stand_in, request, data.agents) if _shows_hidden(request, one)
    ]
    most = 200 if stand_in.cloud else None
    listed = _paged(shown, request, order="desc", limit=50, most=most)
    return [_agent_shape(stand_in, one, request) for one in listed]


def _in_project(stand_in: StandIn, request: Request, items: Sequence[Item]) -> list[Item]:
    """On the Cloud the lists are of one project, by default the first."""
    if not stand_in.projects:
        return list(items)
    asked = request.query_params.get("project_id") or request.headers.get("x-project-id")
    wanted = asked or stand_in.projects[0]["id"]
    return [one for one in items if one.get("project_id") == wanted]


def _shows_hidden(request: Request, item: Item) -> bool:
    asked = request.query_params
    shows = "true" in (asked.get("show_hidden_agents"), asked.get("show_hidden_blocks"))
    return shows or not item["hidden"]


def _agent_shape(stand_in: StandIn, agent: Item, request: Request) -> Item:
    """What the official client is not told unless it asks (utils.is_1_0_sdk_version)."""
    if stand_in.version < (0, 13) or "x-stainless-package-version" not in request.headers:
        return agent
    asked = {one.removeprefix("agent.") for one in request.query_params.getlist("include")}
    if "identities" in asked:
        asked.add("identity_ids")
    left_out = {name: [] for name in _RELATIONS if name not in asked}
    return {**agent, **left_out, **({"managed_group": None} if "managed_group" in left_out else {})}


def _blocks(stand_in: StandIn, request: Request, data: Data) -> Any:
    templates = request.query_params.get("templates_only") == "true"
    shown = [
        one
        for one in _in_project(stand_in, request, data.blocks)
        if one["is_template"] == templates and _shows_hidden(request, one)
    ]
    most = 200 if stand_in.cloud else None
    return _paged(shown, request, order="asc", limit=50, most=most)


def _by_id(items: Sequence[Item], own: str, what: str) -> Item:
    found = next((one for one in items if one["id"] == own), None)
    if found is None:
        raise RefusalError(404, f"{what} with ID {own} not found")
    return found


def _block(_: StandIn, request: Request, data: Data) -> Any:
    return _by_id(data.blocks, request.path_params["id"], "Block")


def _identities(_: StandIn, request: Request, data: Data) -> Any:
    return _paged(data.identities, request, order="desc", limit=50)


def _identity_blocks(_: StandIn, request: Request, data: Data) -> Any:
    mine = {block for identity, block in data.connected if identity == request.path_params["id"]}
    shown = [one for one in data.blocks if one["id"] in mine]
    return _paged(shown, request, order="desc", limit=50)


def _archives(stand_in: StandIn, request: Request, data: Data) -> Any:
    if stand_in.version < (0, 12):
        raise RefusalError(404, "Not Found")
    agent = request.query_params.get("agent_id")
    shown = [one for one in data.archives if agent is None or (agent, one["id"]) in data.attached]
    return _paged(shown, request, order="desc", limit=50)


def _by_time(passages: Sequence[Item]) -> list[Item]:
    return sorted(passages, key=lambda one: (one["created_at"], one["id"]))


def _passages(stand_in: StandIn, request: Request, data: Data) -> Any:
    agent = _by_id(data.agents, request.path_params["id"], "Agent")
    mine = {archive for owner, archive in data.attached if owner == agent["id"]}
    listed = _by_time([one for one in data.passages if one["archive_id"] in mine])
    asked = request.query_params
    limit = int(asked.get("limit", 100))
    if asked.get("ascending", "true") != "true":
        # `after` is not turned round: it never gets further than the first page.
        return listed[::-1][:limit]
    ids = [one["id"] for one in listed]
    if "after" in asked:
        if asked["after"] not in ids:
            return []
        listed = listed[ids.index(asked["after"]) + 1 :]
    return listed[:limit] if limit else listed


def _search(_: StandIn, request: Request, data: Data) -> Any:
    # Read in full by the endpoint.
    asked = _json_of(request)
    if asked.get("limit", 50) > 100:
        raise RefusalError(422, "Input should be less than or equal to 100")
    since = asked.get("start_date", "")
    found = [
        one
        for one in data.passages
        if one["archive_id"] == asked["archive_id"] and _moment(one["created_at"]) >= _moment(since)
    ]
    listed = _by_time(found)[: asked.get("limit", 50)]
    return [{"passage": one, "score": 0.0, "metadata": {}} for one in listed]


def _moment(text: str) -> str:
    return text.replace("+00:00", "").replace("Z", "")


def _json_of(request: Request) -> Any:
    import json

    return json.loads(request._body)


def _messages(stand_in: StandIn, request: Request, data: Data) -> Any:
    agent = _by_id(data.agents, request.path_params["id"], "Agent")
    rows = [one for one in data.messages if one["agent_id"] == agent["id"]]
    asked = request.query_params
    if stand_in.version >= (0, 16, 2) and (wanted := asked.get("conversation_id")):
        only = None if wanted == "default" else wanted
        rows = [one for one in rows if one["conversation_id"] == only]
    rows = _window(stand_in, rows, asked)
    folds = asked.get("use_assistant_message", "true") == "true"
    return _served(rows, agent["agent_type"], folds=folds)


def _window(stand_in: StandIn, rows: list[Item], asked: Mapping[str, str]) -> list[Item]:
    """A page of stored messages; printed oldest first, also when the newest were asked for."""
    knows_order = stand_in.version >= (0, 12)
    limit = int(asked.get("limit", 100 if knows_order else 10))
    ids = [one["id"] for one in rows]
    for name in ("after", "before"):
        if name in asked and asked[name] not in ids:
            raise RefusalError(404, f"No message found with id '{asked[name]}'.")
    if "after" in asked:
        rows = rows[ids.index(asked["after"]) + 1 :]
    if "before" in asked:
        rows = [one for one in rows if one["id"] in ids[: ids.index(asked["before"])]]
    if limit == 0:
        return []
    ascending = knows_order and asked.get("order") == "asc"
    return rows[:limit] if ascending else rows[-limit:]


def _served(rows: Sequence[Item], agent_type: str, *, folds: bool) -> list[Item]:
    """With folding, a return of the tool that speaks is hidden when its call is on the page."""
    speaks = False
    items: list[Item] = []
    for row in rows:
        if folds and speaks and row["role"] == "tool" and row["name"] == "send_message":
            continue
        speaks = any(one["name"] == "send_message" for one in row["calls"]) or (
            speaks and row["role"] == "tool"
        )
        items += items_of(row, agent_type, assistant_tool=folds)
    return items


def _message(_: StandIn, request: Request, data: Data) -> Any:
    row = _by_id(data.messages, request.path_params["id"], "Message")
    return items_of(row, "letta_v1_agent", assistant_tool=False)


def _conversations(stand_in: StandIn, request: Request, data: Data) -> Any:
    if stand_in.version < (0, 16, 2):
        raise RefusalError(404, "Not Found")
    archived = request.query_params.get("archive_status") == "all" or not stand_in.cloud
    shown = [one for one in data.conversations if archived or not one.get("archived")]
    return _paged(shown, request, order="desc", limit=50)


def _folders(_: StandIn, request: Request, data: Data) -> Any:
    return _paged(data.folders, request, order="desc", limit=50)


def _files(_: StandIn, request: Request, data: Data) -> Any:
    shown = [one for one in data.files if one["source_id"] == request.path_params["id"]]
    listed = _paged(shown, request, order="desc", limit=1000)
    with_content = request.query_params.get("include_content") == "true"
    return [{**one, "content": one["content"] if with_content else None} for one in listed]


def _counted(name: str) -> Answer:
    def answer(stand_in: StandIn, request: Request, data: Data) -> Any:
        items: list[Item] = getattr(data, name)
        return len(items)

    return answer


def _accounts(stand_in: StandIn, request: Request, _data: Data) -> Any:
    if stand_in.cloud:
        raise RefusalError(404, "Not Found")
    listed = [{"id": ACCOUNT, "organization_id": stand_in.data.organization}]
    listed += [
        {"id": user, "organization_id": data.organization} for user, data in stand_in.more.items()
    ]
    return _paged(listed, request, order="asc", limit=50)


def _projects(stand_in: StandIn, request: Request, _data: Data) -> Any:
    if not stand_in.cloud:
        raise RefusalError(404, "Not Found")
    offset, limit = (int(request.query_params.get(name, 0)) for name in ("offset", "limit"))
    page = stand_in.projects[offset : offset + limit]
    return {"projects": page, "hasNextPage": offset + limit < len(stand_in.projects)}


def _memory_directory(_: StandIn, request: Request, data: Data) -> Any:
    files = data.memory_files.get(request.path_params["id"])
    if files is None:
        raise RefusalError(404, "Not Found")
    place = request.query_params.get("path", "")
    inside = [path.removeprefix(f"{place}/") for path in files if path.startswith(place)]
    names = {part[0]: len(part) > 1 for part in (path.split("/") for path in inside)}
    entries = [
        {"name": name, "type": "directory" if deeper else "file"} for name, deeper in names.items()
    ]
    return {"path": place, "entries": entries, "depth": 1}


def _memory_content(_: StandIn, request: Request, data: Data) -> Any:
    path = request.query_params["file_path"]
    files = data.memory_files.get(request.path_params["id"], {})
    if path not in files:
        raise RefusalError(404, "Not Found")
    return {"path": path, "content": files[path], "ref": "main"}


def _memory_history(_: StandIn, request: Request, _data: Data) -> Any:
    commits = [
        {"sha": "b2", "message": "edit", "timestamp": "2026-08-02T10:00:00Z", "author_name": "a"},
        {"sha": "a1", "message": "init", "timestamp": "2026-08-01T10:00:00Z", "author_name": "a"},
    ]
    return {"path": request.query_params["file_path"], "commits": commits}


_ENDPOINTS: dict[str, Answer] = {
    "/v1/health/": _health,
    "/v1/agents/count": _counted("agents"),
    "/v1/blocks/count": _counted("blocks"),
    "/v1/folders/count": _counted("folders"),
    "/v1/agents/": _agents,
    "/v1/blocks/": _blocks,
    "/v1/blocks/{id}": _block,
    "/v1/identities/": _identities,
    "/v1/identities/{id}/blocks": _identity_blocks,
    "/v1/archives/": _archives,
    "/v1/agents/{id}/archival-memory": _passages,
    "/v1/passages/search": _search,
    "/v1/agents/{id}/messages": _messages,
    "/v1/messages/{id}": _message,
    "/v1/conversations/": _conversations,
    "/v1/folders/": _folders,
    "/v1/folders/{id}/files": _files,
    "/v1/admin/users/": _accounts,
    "/v1/projects": _projects,
    "/v1/agents/{id}/memory-files/directory": _memory_directory,
    "/v1/agents/{id}/memory-files/content": _memory_content,
    "/v1/agents/{id}/memory-files/history": _memory_history,
}
