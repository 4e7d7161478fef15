"""What a Letta server holds: rows of its database, made in a line each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Item = dict[str, Any]
ORGANIZATION = "org-00000000-0000-4000-8000-000000000000"
ACCOUNT = "user-00000000-0000-4000-8000-000000000000"


@dataclass
class Data:
    """What one organization holds, each list in the order in which it was made."""

    organization: str = ORGANIZATION
    agents: list[Item] = field(default_factory=list)
    blocks: list[Item] = field(default_factory=list)
    identities: list[Item] = field(default_factory=list)
    archives: list[Item] = field(default_factory=list)
    passages: list[Item] = field(default_factory=list)
    conversations: list[Item] = field(default_factory=list)
    messages: list[Item] = field(default_factory=list)
    folders: list[Item] = field(default_factory=list)
    files: list[Item] = field(default_factory=list)
    memory_files: dict[str, dict[str, str]] = field(default_factory=dict)
    attached: set[tuple[str, str]] = field(default_factory=set)
    """(agent, archive)"""
    connected: set[tuple[str, str]] = field(default_factory=set)
    """(identity, block)"""
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def new_id(self, kind: str) -> str:
        return f"{kind}-00000000-0000-4000-8000-{next(self._numbers):012d}"

    def agent(self, name: str, **fields: Any) -> Item:
        """An agent with a system message, as each has."""
        one = {
            "id": self.new_id("agent"),
            "name": name,
            "agent_type": "letta_v1_agent",
            "system": "You are an agent.",
            "created_by_id": ACCOUNT,
            "created_at": "2026-11-21T05:15:53.645406Z",
            "updated_at": "2026-11-21T05:16:28.621321Z",
            "message_ids": [],
            "metadata": None,
            "tags": [],
            "blocks": [],
            "identities": [],
            "identity_ids": [],
            "sources": [],
            "managed_group": None,
            "hidden": None,
            "project_id": None,
            "tools": [],
            "secrets": [],
            "tool_exec_environment_variables": [],
            **fields,
        }
        self.agents.append(one)
        self.row(one, "system", "You are an agent. <memory_blocks>a copy</memory_blocks>")
        return one

    def block(self, label: str, value: str, *agents: Item, **fields: Any) -> Item:
        one = {
            "id": self.new_id("block"),
            "label": label,
            "value": value,
            "description": None,
            "limit": 100000,
            "read_only": False,
            "is_template": False,
            "metadata": {},
            "tags": [],
            "hidden": None,
            "created_by_id": ACCOUNT,
            **fields,
        }
        self.blocks.append(one)
        for agent in agents:
            agent["blocks"].append(one)
        return one

    def identity(self, key: str, *agents: Item, type: str = "user", **fields: Any) -> Item:  # noqa: A002
        one = {
            "id": self.new_id("identity"),
            "identifier_key": key,
            "name": key.split("@", maxsplit=1)[0].title(),
            "identity_type": type,
            "organization_id": self.organization,
            "properties": [],
            "agent_ids": [],
            "block_ids": [],
            **fields,
        }
        self.identities.append(one)
        for agent in agents:
            agent["identities"].append(one)
            agent["identity_ids"].append(one["id"])
        return one

    def archive(self, name: str, *agents: Item) -> Item:
        one = {
            "id": self.new_id("archive"),
            "name": name,
            "created_at": "2026-11-21T05:15:54.843455Z",
            "organization_id": self.organization,
            "embedding_config": None,
        }
        self.archives.append(one)
        self.attached |= {(agent["id"], one["id"]) for agent in agents}
        return one

    def passage(self, archive: Item, text: str, created_at: str, **fields: Any) -> Item:
        one = {
            "id": self.new_id("passage"),
            "text": text,
            "created_at": created_at,
            "updated_at": "2026-11-21T05:15:54.868220Z",
            "archive_id": archive["id"],
            "source_id": None,
            "file_id": None,
            "file_name": None,
            "metadata": {},
            "tags": None,
            "is_deleted": False,
            "organization_id": self.organization,
            "created_by_id": ACCOUNT,
            "embedding": None,
            "embedding_config": None,
            **fields,
        }
        self.passages.append(one)
        return one

    def conversation(self, agent: Item, summary: str | None = None, **fields: Any) -> Item:
        one = {
            "id": self.new_id("conv"),
            "agent_id": agent["id"],
            "summary": summary,
            "created_at": "2026-11-21T05:16:27.176637Z",
            "last_message_at": "2026-11-21T05:16:27.894238Z",
            "in_context_message_ids": [],
            "isolated_block_ids": [],
            **fields,
        }
        self.conversations.append(one)
        return one

    def row(self, agent: Item, role: str, text: str | None = None, **fields: Any) -> Item:
        """A stored message. ``thought`` and ``calls`` are what an assistant has beside words."""
        one = {
            "id": self.new_id("message"),
            "agent_id": agent["id"],
            "conversation_id": None,
            "role": role,
            "text": text,
            "thought": None,
            "calls": [],
            "date": "2026-11-21T05:16:01+00:00",
            "name": None,
            "sender_id": None,
            **fields,
        }
        self.messages.append(one)
        if one["conversation_id"] is None:
            agent["message_ids"].append(one["id"])
        return one

    def exchange(self, agent: Item, number: int, **fields: Any) -> None:
        self.row(agent, "user", f"question {number}", **fields)
        self.row(agent, "assistant", f"answer {number}", **fields)

    def memgpt_exchange(self, agent: Item, question: str, answer: str) -> None:
        """As agents before letta_v1_agent have it: a thought, a call that speaks, its return."""
        self.row(agent, "user", question)
        self.row(agent, "assistant", thought="a private thought", calls=[speaking(answer)])
        self.row(agent, "tool", "Sent message successfully.", name="send_message")


def speaking(words: str) -> Item:
    return called("send_message", message=words)


def called(tool: str, **arguments: Any) -> Item:
    return {"name": tool, "arguments": json.dumps(arguments), "tool_call_id": f"call_{tool}"}


def notice(type: str, **fields: Any) -> str:  # noqa: A002
    """What the server writes to its agents as if a user had."""
    return json.dumps({"type": type, **fields, "time": "2026-11-21 05:15:53 AM UTC+0000"}, indent=2)


def sleeptime_pair(data: Data, host: Item) -> Item:
    """An agent that rereads the host's conversation in the background."""
    worker = data.agent(f"{host['name']}-sleeptime", agent_type="sleeptime_agent")
    worker["blocks"] = list(host["blocks"])
    host["managed_group"] = {
        "id": data.new_id("group"),
        "manager_type": "sleeptime",
        "manager_agent_id": host["id"],
        "agent_ids": [worker["id"]],
    }
    return worker


def items_of(row: Mapping[str, Any], agent_type: str, *, assistant_tool: bool) -> list[Item]:
    """The 0 to n items as which a stored message is served (schemas/message.py, 0.16.8)."""
    base = {
        "id": row["id"],
        "date": row["date"],
        "name": row["name"],
        "otid": None,
        "sender_id": row["sender_id"],
    }
    if row["role"] in ("user", "summary"):
        return [{**base, "message_type": "user_message", "content": row["text"]}]
    if row["role"] == "system":
        return [{**base, "message_type": "system_message", "content": row["text"]}]
    if row["role"] == "tool":
        returned = {"tool_return": row["text"], "status": "success"}
        return [{**base, "message_type": "tool_return_message", **returned}]
    if row["role"] != "assistant":
        return [{**base, "message_type": row["role"], "content": row["text"]}]
    items = []
    if row["thought"]:
        items.append({**base, "message_type": "reasoning_message", "reasoning": row["thought"]})
    if row["text"] is not None:
        speaks = agent_type == "letta_v1_agent"
        words = {"content": row["text"]} if speaks else {"reasoning": row["text"]}
        kind = "assistant_message" if speaks else "reasoning_message"
        items.append({**base, "message_type": kind, **words})
    return items + _calls(row["calls"], base, assistant_tool=assistant_tool)


def _calls(calls: Sequence[Item], base: Item, *, assistant_tool: bool) -> list[Item]:
    silent = [one for one in calls if not (assistant_tool and one["name"] == "send_message")]
    items = [
        {
            **base,
            "message_type": "assistant_message",
            "content": json.loads(one["arguments"])["message"],
        }
        for one in calls
        if one not in silent
    ]
    if silent:
        kind = {"message_type": "tool_call_message"}
        items.append({**base, **kind, "tool_call": silent[0], "tool_calls": silent})
    return items
