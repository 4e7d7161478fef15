"""The Mem0 Platform as its OpenAPI description (commit 8d5b7865) says that it answers.

Pure: a request and an account give an answer. Nobody has asked the real one, so what the
description leaves open is a property of the account: whether a filter wants the ids that it does
not mention to be absent, how many items fit on a page, what becomes of ``include_merged``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

HOST = "https://api.mem0.ai"
TODAY = "2026-11-25"
IDS = {"user_id": "user_id", "agent_id": "agent_id", "app_id": "app_id", "run_id": "session_id"}

Item = dict[str, Any]


class Answer(NamedTuple):
    """An answer of a server."""

    status: int
    body: str
    headers: Mapping[str, str] = {"content-type": "application/json"}

    @classmethod
    def of(cls, status: int, content: Any, **headers: str) -> Answer:
        """With this content as JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = json.dumps(content, separators=(",", ":"))
        return cls(status, body, {"content-type": "application/json", **named})


@dataclass
class Account:
    """A project of the Platform. ``after_first_page`` is the order that a list takes on then."""

    memories: list[Item] = field(default_factory=list)
    merged: frozenset[str] = frozenset()
    knows_merged: bool = True
    closed_filters: bool = False
    page_size: int = 200
    entities_page_size: int = 100
    after_first_page: list[Item] | None = None
    shown: Callable[[Item], Item] = lambda item: item
    bare_lists: bool = False


def answer(account: Account, method: str, target: str, body: bytes) -> Answer:
    """What the Platform says."""
    path, _, query = target.partition("?")
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    if method == "POST" and path == "/v3/memories/":
        return _memories(account, asked, json.loads(body))
    if method == "GET" and path in _GETS:
        return _GETS[path](account, asked)
    if method == "GET" and path.startswith("/v1/memories/"):
        return _about_one(account, path.removeprefix("/v1/memories/"))
    if method == "GET" and path == "/api/v1/orgs/organizations/org_1/projects/":
        return Answer.of(200, [{"project_id": "project_1", "name": "default-project"}])
    return Answer.of(404, {"detail": "Not found."})


def _ping(_: Account, __: Mapping[str, str]) -> Answer:
    ids = {"org_id": "org_1", "project_id": "project_1", "user_email": "owner@example.com"}
    return Answer.of(200, {"status": "ok", **ids})


def _entities(account: Account, asked: Mapping[str, str]) -> Answer:
    names = [
        {
            "id": f"entity-{number}",
            "name": name,
            "created_at": "2026-03-01T10:30:00Z",
            "updated_at": "2026-03-01T10:30:00Z",
            "owner": "owner_1",
            "metadata": None,
            "type": kind,
        }
        for number, (kind, name) in enumerate(_owners(account), start=1)
    ]
    totals = {f"total_{kind}s": 0 for kind in ("user", "agent", "app", "run")}
    for one in names:
        totals[f"total_{one['type']}s"] += 1
    if account.bare_lists:
        return Answer.of(200, names)
    page = _page(names, asked, account.entities_page_size, "/v1/entities/")
    return page if isinstance(page, Answer) else Answer.of(200, {**page, **totals})


def _owners(account: Account) -> list[tuple[str, str]]:
    found = {
        (name.removesuffix("_id"), item[shown])
        for item in account.memories
        for name, shown in IDS.items()
        if item.get(shown)
    }
    return sorted(found, key=lambda owner: (list(IDS).index(f"{owner[0]}_id"), owner[1]))


def _stats(account: Account, _: Mapping[str, str]) -> Answer:
    return Answer.of(200, {"total_memories": len(account.memories) - len(account.merged)})


def _events(account: Account, asked: Mapping[str, str]) -> Answer:
    events = [_event(number, item) for number, item in enumerate(account.memories)]
    size = int(asked.get("limit", 100))
    page = _page(events, asked, size, "/v1/memories/events/")
    return page if isinstance(page, Answer) else Answer.of(200, page)


def _event(number: int, item: Item) -> Item:
    return {
        "id": f"00000000-0000-4000-9000-{number:012d}",
        "memory_id": item["id"],
        "input": [{"role": "user", "content": item["memory"]}],
        "old_memory": None,
        "new_memory": item["memory"],
        "user_id": item.get("user_id") or "",
        "agent_id": item.get("agent_id"),
        "event": "ADD",
        "created_at": item["created_at"],
        "updated_at": item.get("updated_at", item["created_at"]),
    }


def _memories(account: Account, asked: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
    filters = body.get("filters")
    if not filters or not _mentioned(filters):
        return Answer.of(400, {"error": "filters must name at least one entity id."})
    merged = bool(body.get("include_merged"))
    if merged and not account.knows_merged:
        return Answer.of(400, {"error": "Unknown field: include_merged"})
    found = [
        item
        for item in account.memories
        if _matches(filters, item)
        and not (account.closed_filters and _carries(item) - _mentioned(filters))
        and (merged or item["id"] not in account.merged)
        and (body.get("show_expired") or (item.get("expiration_date") or "9999") >= TODAY)
    ]
    size = min(int(asked.get("page_size", 100)), account.page_size)
    page = _page([account.shown(item) for item in found], asked, size, "/v3/memories/")
    if account.after_first_page is not None and size > 1:
        account.memories, account.after_first_page = account.after_first_page, None
    if isinstance(page, Answer):
        return page
    return Answer.of(200, page["results"] if account.bare_lists else page)


def _mentioned(filters: Any) -> set[str]:
    if isinstance(filters, list):
        return set().union(*map(_mentioned, filters))
    nested = set().union(*(_mentioned(filters.get(name, [])) for name in ("AND", "OR")))
    return nested | (filters.keys() & IDS.keys())


def _carries(item: Item) -> set[str]:
    return {name for name, shown in IDS.items() if item.get(shown)}


def _matches(filters: Mapping[str, Any], item: Item) -> bool:
    for name, wanted in filters.items():
        if name == "AND" and not all(_matches(one, item) for one in wanted):
            return False
        if name == "OR" and not any(_matches(one, item) for one in wanted):
            return False
        if name in IDS and not _is_owner(item.get(IDS[name]), wanted):
            return False
        if name == "memory_ids" and item["id"] not in wanted:
            return False
    return True


def _is_owner(owner: str | None, wanted: str) -> bool:
    return owner is not None and wanted in ("*", owner)


def _page(
    items: Sequence[Item], asked: Mapping[str, str], size: int, path: str
) -> dict[str, Any] | Answer:
    number = int(asked.get("page", 1))
    start, pages = (number - 1) * size, max(1, -(-len(items) // size))
    if number > pages:
        return Answer.of(404, {"detail": "Invalid page."})

    def address(page: int) -> str | None:
        more = {name: value for name, value in asked.items() if name != "page"}
        return f"{HOST}{path}?{urlencode({'page': page, **more})}" if 0 < page <= pages else None

    ends = {"next": address(number + 1), "previous": address(number - 1)}
    return {"count": len(items), **ends, "results": list(items[start : start + size])}


def _about_one(account: Account, rest: str) -> Answer:
    memory_id, _, more = rest.strip("/").partition("/")
    known = next((item for item in account.memories if item["id"] == memory_id), None)
    if known is None:
        return Answer.of(404, {"error": "Memory not found!"})
    if more == "history":
        number = account.memories.index(known)
        return Answer.of(200, [_event(number, known)])
    state = "merged" if memory_id in account.merged else "active"
    state = "superseded" if known.get("replaced_by") else state
    return Answer.of(200, {**known, "lifecycle_state": state})


_GETS: dict[str, Callable[[Account, Mapping[str, str]], Answer]] = {
    "/v1/ping/": _ping,
    "/v1/entities/": _entities,
    "/v1/stats/": _stats,
    "/v1/memories/events/": _events,
}
