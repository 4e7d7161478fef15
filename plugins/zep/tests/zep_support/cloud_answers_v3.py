"""Answers of the older dialect, made from the same project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zep_support.cloud_exchange import NOT_FOUND, Asked

if TYPE_CHECKING:
    from zep_support.cloud_answers import Answering


@dataclass
class V3Answer:
    """One answer of the older dialect, made from the same project."""

    server: Answering
    asked: Asked

    def make(self) -> tuple[Any, dict[str, str]]:
        project, place = self.server.project, self.asked.place
        match (self.asked.method, *place):
            case ("GET", "projects", "info"):
                return {"project": {name: project.info[name] for name in ("uuid", "name")}}, {}
            case ("GET", "entity-types"):
                return project.ontology, {}
            case ("GET", "users-ordered"):
                return self._numbered("users", self._sorted(project.users), "pageNumber"), {}
            case ("GET", "threads"):
                shown = [self._thread(one) for one in self._sorted(project.threads)]
                return self._numbered("threads", shown, "page_number"), {}
            case ("GET", "graph", "list-all"):
                shown = [_graph(one) for one in project.graphs]
                return self._numbered("graphs", shown, "pageNumber"), {}
            case ("GET", "threads", own, "messages"):
                return self._messages(own), {}
            case ("GET", "users", own, "node"):
                node = project.nodes.get(self._user(own)["uuid"])
                if node is None:
                    raise NOT_FOUND
                return {"node": _older("nodes", node)}, {}
            case ("POST", "graph", kind, "user" | "graph" as sort, own) if kind in _V3_PARTS:
                return self._listed(kind, sort, own)
        raise NOT_FOUND

    def _user(self, user_id: str) -> dict[str, Any]:
        found = [one for one in self.server.project.users if one.get("user_id") == user_id]
        if not found:
            raise NOT_FOUND
        return found[0]

    def _thread(self, thread: dict[str, Any]) -> dict[str, Any]:
        owners = {one["uuid"]: one.get("user_id") for one in self.server.project.users}
        shown = {name: thread[name] for name in thread if name != "updated_at"}
        shown["user_id"] = owners.get(thread.get("user_uuid"))
        return {**shown, "project_uuid": "00000000-0000-0000-0000-000000000000"}

    def _sorted(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        newest_first = self.asked.query.get("asc") != "true"
        return sorted(items, key=lambda one: one["created_at"], reverse=newest_first)

    def _numbered(self, name: str, items: list[dict[str, Any]], numbered_by: str) -> dict[str, Any]:
        """The number of the page is read under one name; the count of an empty page is 0."""
        page = int(self.asked.query.get(numbered_by, "1"))
        size = int(
            self.asked.query.get(numbered_by.replace("umber", "ize").replace("N", "S"), "50")
        )
        size = min(size, self.server.most, 100)
        rows = self.server.lost(self.asked, items[(page - 1) * size : page * size])
        return {name: rows, "row_count": len(rows), "total_count": len(items) if rows else 0}

    def _messages(self, thread_id: str) -> dict[str, Any]:
        threads = [one for one in self.server.project.threads if one.get("thread_id") == thread_id]
        if not threads:
            raise NOT_FOUND
        items = [_older("messages", one) for one in self.server.said_in(threads[0]["uuid"])]
        query = self.asked.query
        if "lastn" in query:
            rows = items[-min(int(query["lastn"]), self.server.most_last) :]
        else:
            limit, cursor = int(query.get("limit", "100")), int(query.get("cursor", "1"))
            start = (cursor - 1) * limit if self.server.numbered_messages else cursor - 1
            rows = items[start : start + limit]
        return {
            "messages": self.server.lost(self.asked, rows),
            "row_count": len(rows),
            "total_count": len(items) if rows else 0,
            "user_id": self._thread(threads[0])["user_id"],
        }

    def _listed(self, kind: str, sort: str, own: str) -> tuple[Any, dict[str, str]]:
        part = _V3_PARTS[kind]
        items = self.server.part_of(self._graph_uuid(sort, own), part)
        asked = self.asked.body or {}
        size = 100
        if "limit" in asked:
            size = min(asked["limit"], 50 if kind == "episodes" else 100)
        cursor = asked.get("cursor")
        rows, behind = self.server.cut(
            items, asked.get("order_by", "uuid"), asked.get("direction", "desc"), cursor, size
        )
        if "uuid_cursor" in asked:
            later = [one for one in items if one["uuid"] > asked["uuid_cursor"]]
            rows = sorted(later, key=lambda one: one["uuid"])[:size]
        shown = [{**_older(part, one), **self._thread_id(one)} for one in rows]
        if self.server.header_cursors and behind is not None:
            return shown, {"Zep-Next-Cursor": behind}
        return shown, {}

    def _thread_id(self, item: dict[str, Any]) -> dict[str, Any]:
        threads = self.server.project.threads
        own = item.get("thread_uuid")
        found = [one.get("thread_id") for one in threads if own and one["uuid"] == own]
        return {"thread_id": found[0]} if found else {}

    def _graph_uuid(self, sort: str, own: str) -> str:
        if sort == "user":
            return self._user(own)["uuid"]
        found = [one["uuid"] for one in self.server.project.graphs if one.get("graph_id") == own]
        if not found:
            raise NOT_FOUND
        return found[0]


_V3_PARTS = {
    "episodes": "episodes",
    "edge": "edges",
    "node": "nodes",
    "observation": "observations",
    "thread-summary": "thread-summaries",
    "document-summary": "document-summaries",
}
# Answers of v3 do not say whose something is, and have one time of messages and episodes.
_LATER = {"graph_uuid", "user_uuid", "thread_uuid", "reference_time", "updated_at"}
_RENAMED = {
    "edges": {"episode_uuids": "episodes"},
    "nodes": {"episode_uuids": "episodes", "episode_uuids_truncated": "episodes_truncated"},
    "observations": {"episode_uuids": "episode_ids"},
    "episodes": {"role": "role_type", "role_name": "role", "thread_id": "thread_id"},
}


def _older(part: str, item: dict[str, Any]) -> dict[str, Any]:
    renamed = _RENAMED.get(part, {})
    return {renamed.get(name, name): value for name, value in item.items() if name not in _LATER}


def _graph(graph: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in graph.items() if name not in {"type", "uuid"}}
    return {**shown, "uuid": f"row-{graph['uuid']}", "canonical_graph_uuid": graph["uuid"]}
