"""Fills an empty Letta V1 server with everything that an export can lose.

    python -m live.seed BASE_URL

Each function makes one thing that a naive export misses, doubles or misplaces; the names of what
was made are printed as JSON. Agents have no embeddings, except where Letta wants them.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any

import click
import httpx

MODEL, EMBEDDING = "openai-proxy/gpt-4o-mini", "openai/text-embedding-3-small"
OTHER_ORGANIZATION = "A second organization"
ONE_MOMENT = "2024-02-29T12:00:00Z"
SECRET = "hunter2-of-the-crm"  # what no record may hold

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seeded:
    """The ids that somebody has to know who looks at the server."""

    agents: dict[str, str]
    conversations: dict[str, str]
    archives: dict[str, str]
    blocks: dict[str, str]
    identities: dict[str, str]
    other_user: str


class Letta:
    """The few calls that fill a server."""

    def __init__(self, base_url: str, user: str = "") -> None:
        headers = {"user_id": user} if user else {}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=120, trust_env=False)

    def post(self, path: str, **body: Any) -> Any:
        """What was made."""
        return self._sent("POST", path, json=body).json()

    def patch(self, path: str, **body: Any) -> None:
        """Change something."""
        self._sent("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Take something away."""
        self._sent("DELETE", path)

    def get(self, path: str, **query: Any) -> Any:
        """What is there."""
        return self._sent("GET", path, params=query).json()

    def upload(self, path: str, name: str, content: bytes) -> None:
        """A text file."""
        self._sent("POST", path, files={"file": (name, content, "text/plain")})

    def agent(self, name: str, **more: Any) -> str:
        """A new agent with a human block."""
        blocks = more.pop("memory_blocks", [{"label": "human", "value": f"Talks to {name}."}])
        made = self.post("/v1/agents/", name=name, model=MODEL, memory_blocks=blocks, **more)
        return str(made["id"])

    def say(self, agent: str, content: Any, role: str = "user", **more: Any) -> None:
        """One turn outside of any conversation."""
        message = {"role": role, "content": content, **more}
        self.post(f"/v1/agents/{agent}/messages", messages=[message])

    def say_in(self, conversation: str, content: str) -> None:
        """One turn of a conversation."""
        message = {"role": "user", "content": content}
        self.post(f"/v1/conversations/{conversation}/messages", messages=[message], streaming=False)

    def remember(self, agent: str, text: str, **more: Any) -> None:
        """One archival passage."""
        self.post(f"/v1/agents/{agent}/archival-memory", text=text, **more)

    def archive_of(self, agent: str) -> str:
        """The one that its first passage made."""
        return str(self.get("/v1/archives/", agent_id=agent)[0]["id"])

    def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        response = self._http.request(method, path, **more)
        if response.is_error:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text[:300]}")
        return response


def seed(base_url: str) -> Seeded:
    """About a minute and a half; needs a server that was never used."""
    letta = Letta(base_url)
    identities = people(letta)
    blocks = loose_blocks(letta)
    agents = {
        "support-alice": alice(letta, identities, blocks["policy"]),
        "support-bob": bob(letta, identities, blocks["policy"]),
        "sleepy": sleepy(letta),
        "hidden-one": hidden(letta),
        "long-chat": long_chat(letta),
        "two-users": two_users(letta, identities),
        "forgetful": forgetful(letta),
        "one-moment": one_moment(letta),
        "asks-first": asks_first(letta),
        "old-hand": old_hand(letta),
    }
    archives = {
        "kb-shared": shared_archive(letta, agents["long-chat"], agents["hidden-one"]),
        "kb-unattached": unattached_archive(letta),
        "of-a-deleted-agent": deleted_agent(letta),
    }
    conversations = conversations_of(letta, agents["support-alice"])
    folder(letta, agents["support-alice"])
    other_user = other_organization(letta, base_url)
    return Seeded(agents, conversations, archives, blocks, identities, other_user)


def people(letta: Letta) -> dict[str, str]:
    """Two users and a customer, known by the ids of somebody's app."""
    plan = [{"key": "plan", "value": "pro", "type": "string"}]
    known: list[tuple[str, Json, str, list[Json]]] = [
        ("alice", {"identifier_key": "alice@example.com", "name": "Alice Kröger"}, "user", plan),
        ("bob", {"identifier_key": "cust_0002", "name": "Bob"}, "user", []),
        ("acme", {"identifier_key": "acme-inc", "name": "ACME"}, "org", []),
    ]
    return {
        name: letta.post("/v1/identities/", **said, identity_type=kind, properties=properties)["id"]
        for name, said, kind, properties in known
    }


def loose_blocks(letta: Letta) -> dict[str, str]:
    """Blocks that no agent has, that are hidden, or that are templates."""
    made: dict[str, Json] = {
        "policy": {
            "label": "company_policy",
            "value": "Refunds within 30 days.",
            "description": "Of all agents",
            "read_only": True,
            "tags": ["shared"],
        },
        "detached": {
            "label": "human",
            "value": "Name: Carol. No agent has this block.",
            "metadata": {"user_id": "carol"},
        },
        "hidden": {"label": "scratch", "value": "Nobody lists this.", "hidden": True},
        "template": {
            "label": "persona",
            "value": "A persona to start from.",
            "is_template": True,
            "template_name": "starter",
        },
    }
    return {name: letta.post("/v1/blocks/", **block)["id"] for name, block in made.items()}


def alice(letta: Letta, identities: dict[str, str], policy: str) -> str:
    """61 passages, some of them dated back; messages of every kind; what tools remember."""
    agent = letta.agent(
        "support-alice",
        agent_type="letta_v1_agent",
        description="Alice's agent",
        memory_blocks=[
            {"label": "human", "value": "Name: Alice Kröger\nVegetarian, lives in Zürich."},
            {"label": "persona", "value": "I am a helpful support agent."},
            {"label": "project_notes", "value": "", "description": "The current project"},
        ],
        block_ids=[policy],
        identity_ids=[identities["alice"], identities["acme"]],
        tags=["user:alice", "prod"],
        metadata={"user_id": "alice", "crm": {"id": 17}},
        timezone="Europe/Zurich",
        tools=["conversation_search", "archival_memory_insert", "memory_insert"],
    )
    for number in range(60):
        letta.remember(
            agent, f"Fact {number}: Alice mentioned café no. {number}, 東京, 🙂.", **dated(number)
        )
    for number in range(10):
        letta.say(agent, f"Hello no. {number}, I like tea.")
    insert = {"content": "Alice adopted a cat named Momo.", "tags": ["pets"]}
    letta.say(agent, f"USE archival_memory_insert {json.dumps(insert)}")
    note = {"label": "human", "new_string": "Owns a cat named Momo."}
    letta.say(agent, f"USE memory_insert {json.dumps(note)}")
    letta.say(agent, "Maintenance tonight.", role="system")
    letta.say(agent, "I am using another name.", name="alice")
    letta.say(agent, "I say who sends this.", sender_id=identities["alice"])
    letta.say(agent, [{"type": "text", "text": "Look at this"}, dot()])
    return agent


def dated(number: int) -> Json:
    """Offsets, times without one, one moment for several; half a dozen have tags."""
    times = {
        0: f"2023-05-{number // 10 + 1:02d}T09:30:00+02:00",
        1: f"2023-06-{number // 10 + 1:02d}T09:30:00",
        2: "2024-01-01T00:00:00Z",
    }
    told = {"created_at": times[number % 10]} if number % 10 in times else {}
    return told | ({"tags": ["travel", f"k{number % 3}"]} if number % 10 == 4 else {})


def dot() -> Json:
    """A picture of one point."""
    data = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNg"
        "AAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    )
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


def bob(letta: Letta, identities: dict[str, str], policy: str) -> str:
    """An agent that speaks by a tool, and whose passages have embeddings."""
    agent = letta.agent(
        "support-bob",
        agent_type="memgpt_v2_agent",
        embedding=EMBEDDING,
        memory_blocks=[
            {"label": "human", "value": "Name: Bob"},
            {"label": "persona", "value": "I am terse."},
        ],
        block_ids=[policy],
        identity_ids=[identities["bob"]],
        tags=["user:bob"],
    )
    for number in range(3):
        letta.remember(agent, f"Bob's note no. {number}")
    for number in range(4):
        letta.say(agent, f"Bob says no. {number}")
    note = {"label": "human", "new_string": "Likes jazz."}
    letta.say(agent, f"USE memory_insert {json.dumps(note)}")
    return agent


def sleepy(letta: Letta) -> str:
    """An agent with a second one that thinks while it sleeps, about transcripts of its chat."""
    agent = letta.agent("sleepy", embedding=EMBEDDING, enable_sleeptime=True, tags=["user:dana"])
    group = letta.get(f"/v1/agents/{agent}")["multi_agent_group"]["id"]
    letta.patch(
        f"/v1/groups/{group}",
        manager_config={"manager_type": "sleeptime", "sleeptime_agent_frequency": 1},
    )
    for number in range(2):
        letta.say(agent, f"Dana says no. {number}")
    return agent


def hidden(letta: Letta) -> str:
    """An agent that the list leaves out."""
    agent = letta.agent("hidden-one", hidden=True)
    letta.say(agent, "Nobody sees us.")
    return agent


def long_chat(letta: Letta) -> str:
    """More messages than a page, and a compaction."""
    agent = letta.agent("long-chat", tags=["user:eve"])
    for number in range(60):
        letta.say(agent, f"Long chat no. {number}: {number * number}.")
    letta.post(f"/v1/agents/{agent}/summarize")
    return agent


def two_users(letta: Letta, identities: dict[str, str]) -> str:
    """An agent that belongs to two people: whose its memories are, messages alone can say."""
    owners = [identities["alice"], identities["bob"]]
    agent = letta.agent("two-users", identity_ids=owners)
    letta.remember(agent, "One of the two likes skiing.")
    for owner in owners:
        letta.say(agent, "It is me.", sender_id=owner)
    return agent


def forgetful(letta: Letta) -> str:
    """An agent whose messages were reset: they are out of its mind and still there."""
    agent = letta.agent("forgetful")
    for number in range(3):
        letta.say(agent, f"Soon forgotten no. {number}")
    letta.patch(f"/v1/agents/{agent}/reset-messages", add_default_initial_messages=False)
    return agent


def one_moment(letta: Letta) -> str:
    """130 passages of one moment: a cursor by time alone does not get through."""
    agent = letta.agent("one-moment", metadata={"user_id": "frank"})
    for number in range(130):
        letta.remember(agent, f"Of one moment no. {number}", created_at=ONE_MOMENT)
    return agent


def asks_first(letta: Letta) -> str:
    """An agent with a secret that wants its tool approved: it asks, and is told no."""
    agent = letta.agent(
        "asks-first", tools=["archival_memory_insert"], secrets={"CRM_PASSWORD": SECRET}
    )
    letta.patch(f"/v1/agents/{agent}/tools/approval/archival_memory_insert", requires_approval=True)
    letta.say(agent, 'USE archival_memory_insert {"content": "Not without asking."}')
    said = letta.get(f"/v1/agents/{agent}/messages", order="asc")
    (asked,) = (one for one in said if one["message_type"] == "approval_request_message")
    refusal = {
        "type": "approval",
        "tool_call_id": asked["tool_call"]["tool_call_id"],
        "approve": False,
        "reason": "Not now.",
    }
    no = {"type": "approval", "approvals": [refusal]}
    letta.post(f"/v1/agents/{agent}/messages", messages=[no])
    return agent


def old_hand(letta: Letta) -> str:
    """The oldest kind of agent, with its boot messages."""
    agent = letta.agent("old-hand", agent_type="memgpt_agent", embedding=EMBEDDING)
    letta.say(agent, "Good old times.")
    return agent


def shared_archive(letta: Letta, *agents: str) -> str:
    """Passages of two agents at once."""
    archive = letta.post("/v1/archives/", name="kb-shared", embedding=EMBEDDING)["id"]
    texts = [{"text": f"Known to both no. {number}", "tags": ["kb"]} for number in range(3)]
    letta.post(f"/v1/archives/{archive}/passages/batch", passages=texts)
    for agent in agents:
        letta.patch(f"/v1/agents/{agent}/archives/attach/{archive}")
    return str(archive)


def unattached_archive(letta: Letta) -> str:
    """Passages of no agent."""
    archive = letta.post("/v1/archives/", name="kb-unattached", embedding=EMBEDDING)["id"]
    letta.post(f"/v1/archives/{archive}/passages", text="Nobody's passage", metadata={"page": 1})
    return str(archive)


def deleted_agent(letta: Letta) -> str:
    """What outlives an agent: its block, its archive, and 130 passages of one moment in it."""
    agent = letta.agent("gone")
    for number in range(130):
        letta.remember(agent, f"Left behind no. {number}", created_at=ONE_MOMENT)
    letta.remember(agent, "Left behind later", created_at="2024-03-01T12:00:00Z")
    archive = letta.archive_of(agent)
    letta.delete(f"/v1/agents/{agent}")
    return archive


def conversations_of(letta: Letta, agent: str) -> dict[str, str]:
    """One that was compacted, one forked from another, one that was deleted."""
    made = {"compacted": conversation(letta, agent, 17, "Many things")}
    letta.post(f"/v1/conversations/{made['compacted']}/compact")
    made["trip"] = conversation(
        letta, agent, 3, "Trip planning", isolated_block_labels=["project_notes"]
    )
    made["fork"] = letta.post(f"/v1/conversations/{made['trip']}/fork")["id"]
    letta.say_in(made["fork"], "The other plan")
    made["deleted"] = conversation(letta, agent, 1, "Soon deleted")
    letta.delete(f"/v1/conversations/{made['deleted']}")
    return made


def conversation(letta: Letta, agent: str, turns: int, summary: str, **more: Any) -> str:
    """Turns under a heading."""
    made = letta.post(f"/v1/conversations/?agent_id={agent}", summary=summary, **more)["id"]
    for number in range(turns):
        letta.say_in(made, f"{summary} no. {number}")
    return str(made)


def folder(letta: Letta, agent: str) -> None:
    """A file that an agent can open."""
    made = letta.post("/v1/folders/", name="documents", embedding=EMBEDDING)["id"]
    letta.upload(f"/v1/folders/{made}/upload", "notes.txt", b"Alice likes hiking.\n")
    letta.patch(f"/v1/agents/{agent}/folders/attach/{made}")
    for _ in range(60):
        (file,) = letta.get(f"/v1/folders/{made}/files")
        if file["processing_status"] in ("completed", "error"):
            return
        time.sleep(0.5)
    raise RuntimeError("the file is not read in")


def other_organization(letta: Letta, base_url: str) -> str:
    """Somebody else's agent, on the same server; its passages have embeddings."""
    organization = letta.post("/v1/admin/orgs/", name=OTHER_ORGANIZATION)["id"]
    user = letta.post("/v1/admin/users/", name="other", organization_id=organization)["id"]
    other = Letta(base_url, str(user))
    other.post("/v1/tools/add-base-tools")
    agent = other.agent("of-the-others", embedding=EMBEDDING)
    for number in range(2):
        other.remember(agent, f"Not for everybody no. {number}")
    other.say(agent, "Only among us.")
    return str(user)


@click.command()
@click.argument("base_url")
def main(base_url: str) -> None:
    """Fill the server at BASE_URL."""
    click.echo(json.dumps(asdict(seed(base_url)), indent=2))


if __name__ == "__main__":
    main()
