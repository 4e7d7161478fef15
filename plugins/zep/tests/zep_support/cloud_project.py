"""A project of Zep Cloud in memory: what it holds, in the shapes of v4."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

BEGINNING = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
PARTS = (
    *("episodes", "hyperedges", "edges", "nodes"),
    *("observations", "thread-summaries", "document-summaries"),
)


def written(moment: datetime) -> str:
    """As Go writes it: a fraction without zeros at its end."""
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def lately() -> str:
    """Now, as Zep writes it."""
    return written(datetime.now(UTC))


@dataclass
class Project:
    """Grown by the tests; UUIDs are in no order, as real ones."""

    info: dict[str, Any] = field(
        default_factory=lambda: {
            "uuid": "7f3e0f7a-5f0d-4d57-9d8c-2f0c9b7b6a01",
            "name": "shop",
            "description": "The shop's assistant",
            "hyperedges_enabled": True,
            "include_policy_violating_episodes": True,
            "created_at": written(BEGINNING),
        }
    )
    users: list[dict[str, Any]] = field(default_factory=list)
    threads: list[dict[str, Any]] = field(default_factory=list)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    graphs: list[dict[str, Any]] = field(default_factory=list)
    parts: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    ontology: dict[str, Any] = field(default_factory=lambda: {"entity_types": [], "edge_types": []})
    seed: int = 1
    _count: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def new_uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def now(self) -> str:
        """Later each time."""
        self._count += 1
        return written(BEGINNING + timedelta(seconds=self._count, microseconds=self._count * 110))

    def user(self, user_id: str | None = None, **fields: Any) -> dict[str, Any]:
        made = {
            "uuid": self.new_uuid(),
            "user_id": user_id,
            "graph_uuid": self.new_uuid(),
            "created_at": self.now(),
            **fields,
        }
        self.users.append(_present(made))
        return self.users[-1]

    def thread(
        self, user: dict[str, Any] | None, thread_id: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        made = {
            "uuid": self.new_uuid(),
            "thread_id": thread_id,
            "user_uuid": user and user["uuid"],
            "graph_uuid": user and user.get("graph_uuid"),
            "created_at": self.now(),
            **fields,
        }
        made.setdefault("updated_at", made["created_at"])
        self.threads.append(_present(made))
        self.messages[made["uuid"]] = []
        return self.threads[-1]

    def say(
        self, thread: dict[str, Any], content: str, role: str = "user", **fields: Any
    ) -> dict[str, Any]:
        """A message, and the episode that Zep makes of it in the user's graph."""
        made = {
            "uuid": self.new_uuid(),
            "thread_uuid": thread["uuid"],
            "role": role,
            "content": content,
            "processed": True,
            "created_at": self.now(),
            **fields,
        }
        made.setdefault("reference_time", made["created_at"])
        self.messages[thread["uuid"]].append(_present(made))
        thread["updated_at"] = made["created_at"]
        if thread.get("graph_uuid"):
            owner = {"graph_uuid": thread["graph_uuid"], "user_uuid": thread["user_uuid"]}
            episode = {**made, **owner, "source": "message", "role_name": made.pop("name", None)}
            self._list(thread["graph_uuid"], "episodes").append(_present(episode))
        return self.messages[thread["uuid"]][-1]

    def graph(self, graph_id: str | None = None, **fields: Any) -> dict[str, Any]:
        made = {"uuid": self.new_uuid(), "graph_id": graph_id, "type": "standard", **fields}
        made.setdefault("created_at", self.now())
        made.setdefault("updated_at", made["created_at"])
        self.graphs.append(_present(made))
        return self.graphs[-1]

    def add(self, owner: dict[str, Any], part: str, **fields: Any) -> dict[str, Any]:
        """Something in the graph of a user, or in a standalone one."""
        graph = owner.get("graph_uuid") or owner["uuid"]
        made = {"uuid": self.new_uuid(), "graph_uuid": graph, "created_at": self.now(), **fields}
        if "graph_uuid" in owner:
            made.setdefault("user_uuid", owner["uuid"])
        self._list(graph, part).append(_present(made))
        return self._list(graph, part)[-1]

    def episode(self, owner: dict[str, Any], content: str, **fields: Any) -> dict[str, Any]:
        return self.add(
            owner, "episodes", content=content, **{"source": "text", "processed": True, **fields}
        )

    def fact(self, owner: dict[str, Any], fact: str, **fields: Any) -> dict[str, Any]:
        known = {
            "name": "LIKES",
            "source_node_uuid": self.new_uuid(),
            "target_node_uuid": self.new_uuid(),
            "episode_uuids": [],
        }
        return self.add(owner, "edges", fact=fact, **{**known, **fields})

    def entity(self, owner: dict[str, Any], name: str, **fields: Any) -> dict[str, Any]:
        known = {
            "summary": "",
            "labels": ["Entity"],
            "episode_uuids": [],
            "episode_uuids_truncated": False,
        }
        return self.add(owner, "nodes", name=name, **{**known, **fields})

    def summary(self, user: dict[str, Any], text: str, **fields: Any) -> dict[str, Any]:
        """The node that stands for the user."""
        node = self.entity(user, user.get("user_id") or "somebody", summary=text, **fields)
        self.nodes[user["uuid"]] = node
        return node

    def in_graph(self, graph_uuid: str, part: str) -> list[dict[str, Any]]:
        return self.parts.get((graph_uuid, part), [])

    def _list(self, graph_uuid: str, part: str) -> list[dict[str, Any]]:
        return self.parts.setdefault((graph_uuid, part), [])

    def record_ids(self) -> Iterator[str]:
        """The ids of the records that all of it becomes."""
        for said in self.messages.values():
            yield from (f"message:{one['uuid']}" for one in said)
        for (_, part), items in self.parts.items():
            for one in items:
                yield f"{_prefix(part, one)}:{one['uuid']}"
        yield from (f"user-summary:{own}" for own, node in self.nodes.items() if node["summary"])


def _prefix(part: str, item: dict[str, Any]) -> str:
    if part == "episodes":
        return "episode" if item.get("content", "").strip() else "episode-without-text"
    return {
        "edges": "fact",
        "hyperedges": "hyperedge",
        "nodes": "entity",
        "observations": "observation",
        "thread-summaries": "thread-summary",
        "document-summaries": "document-summary",
    }[part]


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True)
class Size:
    """How much a generated project holds."""

    users: int = 8
    threads: int = 20
    messages: int = 200
    facts: int = 60
    graphs: int = 3
    most_in_a_graph: int = 0


def generated(size: Size, seed: int = 1) -> Project:
    """A project in which everything occurs, spread unevenly."""
    project = Project(seed=seed)
    chance = random.Random(seed)
    users = [project.user(f"user-{number}") for number in range(size.users)]
    for number in range(size.threads):
        project.thread(users[number % size.users], f"thread-{number}")
    for number in range(size.messages):
        # Half of all is said in a tenth of the threads.
        among = project.threads if number % 2 else project.threads[: max(1, size.threads // 10)]
        role = "user" if number % 4 < 2 else "assistant"
        project.say(chance.choice(among), f"said {number}", role)
    owners = users + [project.graph(f"graph-{number}") for number in range(size.graphs)]
    for owner in owners[size.users :]:
        for number in range(chance.randrange(1, 6)):
            project.episode(owner, f"document {number} of {owner['graph_id']}")
    for number in range(size.facts):
        owner = owners[0] if number < size.facts // 4 else chance.choice(owners)
        texts = project.in_graph(owner.get("graph_uuid") or owner["uuid"], "episodes")
        made_of = [chance.choice(texts)["uuid"]] if texts else []
        ended = {"invalid_at": project.now()} if number % 10 == 0 else {}
        project.fact(owner, f"fact {number}", episode_uuids=made_of, **ended)
    for number, owner in enumerate(owners):
        project.entity(owner, f"entity {number}", summary="somebody")
        project.add(owner, "observations", name=f"observation {number}", summary="often")
        project.add(owner, "thread-summaries", summary="They talked.")
    for user in users[::2]:
        project.summary(user, f"{user['user_id']} likes tea")
    return project
