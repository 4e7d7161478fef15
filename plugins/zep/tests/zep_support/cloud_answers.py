"""Answers as Zep Cloud does, in both dialects: page limits, cursors, refusals, a rate limit.

Made from the SDKs' code and the documentation; what they leave open is a field of
:class:`Answering`, so that a test can have it either way.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zep_support.cloud_answers_v3 import V3Answer
from zep_support.cloud_exchange import JSON, KEY, NOT_FOUND, Asked, RateLimit, RefusalError, Said
from zep_support.cloud_project import PARTS, Project

V4, V3 = "/api/v4/", "/api/v2/"


@dataclass
class Answering:
    """The server. What the project holds may change while it answers.

    ``before`` is called ahead of each answer; what it returns, if anything, is the answer.
    """

    project: Project
    v4: bool = True
    v3: bool = True
    most: int = 200
    most_in_graph: int = 100
    refuses_more: bool = False
    without: tuple[str, ...] = ()
    user_graphs_listed: bool = False
    header_cursors: bool = True
    numbered_messages: bool = True
    most_last: int = 1_000_000
    empty_after: int | None = None
    repeats_cursor: bool = False
    loses: str | None = None
    hides: set[str] = field(default_factory=set)
    limit: RateLimit | None = None
    v4_refusal: tuple[int, str, str] = (403, "forbidden", "v4 is not enabled for this key")
    before: Callable[[Asked], Said | None] = lambda _: None
    keeps_asked: bool = True
    asked: list[Asked] = field(default_factory=list)
    _by_key: dict[str, Said] = field(default_factory=dict)

    def answer(self, method: str, target: str, content: bytes, headers: Mapping[str, str]) -> Said:
        asked = Asked.of(method, target, content, headers)
        if self.keeps_asked:
            self.asked.append(asked)
        if first := self.before(asked):
            return first
        key = asked.headers.get("idempotency-key")
        if key in self._by_key:
            return self._by_key[key]
        said = self._limited(asked)
        if key and said.status == 200 and self.keeps_asked:
            self._by_key[key] = said
        return said

    def asked_of(self, *place: str) -> list[Asked]:
        """The requests whose path ends like this."""
        return [one for one in self.asked if one.place[-len(place) :] == place]

    def _limited(self, asked: Asked) -> Said:
        headers = {}
        if self.limit is not None:
            refused, headers = self.limit.ask()
            if refused:
                limited = RefusalError(429, "rate_limited", "too many requests")
                return self._refused(asked, limited, headers)
        try:
            body, more = self._answered(asked)
        except RefusalError as refusal:
            return self._refused(asked, refusal, headers)
        return Said(200, json.dumps(body).encode(), {**JSON, **headers, **more})

    def _refused(self, asked: Asked, refusal: RefusalError, headers: dict[str, str]) -> Said:
        words: Any = {"message": refusal.message}
        if asked.path.startswith(V4):
            words = {"error": {"code": refusal.code, "message": refusal.message}}
        return Said(refusal.status, json.dumps(words).encode(), {**JSON, **headers})

    def _answered(self, asked: Asked) -> tuple[Any, dict[str, str]]:
        is_v4 = asked.path.startswith(V4)
        if not is_v4 and not asked.path.startswith(V3):
            raise NOT_FOUND
        if asked.headers.get("authorization") != f"Api-Key {KEY}":
            raise RefusalError(401, "unauthorized", "unauthorized")
        if is_v4 and not self.v4:
            raise RefusalError(*self.v4_refusal)
        if not is_v4 and not self.v3:
            raise NOT_FOUND
        if any(one in asked.place for one in self.without):
            raise NOT_FOUND
        if is_v4:
            return self._v4(asked), {}
        return V3Answer(self, asked).make()

    def _v4(self, asked: Asked) -> Any:
        project = self.project
        match (asked.method, *asked.place):
            case ("GET", "project"):
                return project.info
            case ("GET", "project", "ontology"):
                return project.ontology
            case ("POST", "users", "list"):
                return self._page(asked, project.users, self.most)
            case ("GET", "threads"):
                return self._page(asked, project.threads, self.most)
            case ("GET", "threads", own, "messages"):
                return self._page(asked, self.said_in(own), self.most)
            case ("POST", "graphs", "list"):
                return self._page(asked, self.listed_graphs(), self.most)
            case ("GET", "users", own, "node"):
                if own not in project.nodes:
                    raise NOT_FOUND
                return project.nodes[own]
            case ("POST", "graphs", own, part, "list") if part in PARTS:
                items = self.part_of(own, part)
                return self._page(asked, items, self.most_in_graph, counts=False)
        raise NOT_FOUND

    def said_in(self, thread_uuid: str) -> list[dict[str, Any]]:
        if thread_uuid not in self.project.messages:
            raise NOT_FOUND
        return self.project.messages[thread_uuid]

    def lost(self, asked: Asked, rows: list[Any]) -> list[Any]:
        """The rows of a list that shows one less than it counts."""
        named = asked.place[0] if len(asked.place) <= 2 else asked.place[-1]
        return rows[:-1] if self.loses == named.removesuffix("-ordered") else rows

    def listed_graphs(self) -> list[dict[str, Any]]:
        of_users = [
            {"uuid": one["graph_uuid"], "type": "user", "user_uuid": one["uuid"]}
            for one in self.project.users
            if self.user_graphs_listed and one.get("graph_uuid")
        ]
        return [*self.project.graphs, *of_users]

    def part_of(self, own: str, part: str) -> list[dict[str, Any]]:
        """A user's graph is known by the user's UUID too."""
        for user in self.project.users:
            if own in {user["uuid"], user.get("graph_uuid")}:
                return self._shown(self.project.in_graph(user.get("graph_uuid") or own, part))
        if any(own == graph["uuid"] for graph in self.project.graphs):
            return self._shown(self.project.in_graph(own, part))
        raise NOT_FOUND

    def _shown(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in items if one["uuid"] not in self.hides] if self.hides else items

    def _page(
        self, asked: Asked, items: list[dict[str, Any]], most: int, *, counts: bool = True
    ) -> dict[str, Any]:
        size = int(asked.query.get("page_size", "50"))
        if size > most and self.refuses_more:
            raise RefusalError(400, "invalid_request", f"page_size is at most {most}")
        rows, behind = self.cut(
            items,
            asked.query.get("order_by", "uuid" if not counts else "created_at"),
            asked.query.get("order", "desc"),
            asked.query.get("cursor"),
            min(size, most),
        )
        page: dict[str, Any] = {"items": self.lost(asked, rows)}
        if behind is not None:
            page["next_cursor"] = behind
        if counts:
            page["total_size"] = len(items)
        return page

    def cut(
        self, items: list[dict[str, Any]], by: str, order: str, cursor: str | None, size: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Rows behind a cursor, which is the key of the last row, and the next cursor."""

        def key(item: dict[str, Any]) -> tuple[str, str]:
            return (item.get(by) or "", item["uuid"])

        rows = sorted(items, key=key, reverse=order == "desc")
        if cursor is not None:
            told = json.loads(base64.urlsafe_b64decode(cursor))
            if told[0] == "empty":
                told = told[1:]
            elif self.empty_after is not None and told[2] == self.empty_after:
                return [], _cursor("empty", *told[:2], told[2] + 1)
            place = (told[0], told[1])
            rows = [one for one in rows if (key(one) < place) == (order == "desc")]
            rows = [one for one in rows if key(one) != place]
            number = told[2] + 1
        else:
            number = 1
        page = rows[:size]
        if len(rows) <= size:
            return page, None
        if self.repeats_cursor and number >= 2:
            return page, cursor
        return page, _cursor(*key(page[-1]), number)


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
