"""One agent file: its forms, and what they hold, under ids that other files do not have."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synap_import import SourceError
from synap_import_letta.people import Agent, agent_of, text

LARGEST_BYTES = 1024 * 1024 * 1024
_DIGITS = 16
_REMEDY = (
    "An agent file is what `client.agents.export_file(agent_id)` gives, or the download of the "
    "Agent Development Environment; for memories from other files there is `synap-import json`."
)


@dataclass(frozen=True, slots=True)
class AgentFile:
    """What an agent file holds; ``digest`` is of its bytes and begins every id."""

    path: Path
    digest: str
    form: str
    agents: list[dict[str, Any]]
    blocks: list[dict[str, Any]]
    files: list[dict[str, Any]]
    passages: list[dict[str, Any]]
    groups: list[dict[str, Any]] = field(default_factory=list)

    def people(self) -> Iterator[Agent]:
        """The agents, with what tells whose they are; identities are not in the file."""
        for agent in self.agents:
            blocks = [{"id": one} for one in agent.get("block_ids") or () if isinstance(one, str)]
            sources = [{"id": one} for one in agent.get("source_ids") or () if isinstance(one, str)]
            known = {
                "blocks": blocks,
                "sources": sources,
                "metadata": agent.get("metadata") or agent.get("metadata_"),
                "managed_group": self._group_of(agent["id"]),
            }
            yield agent_of({**agent, **known}, {}, None)

    def _group_of(self, agent: str) -> dict[str, Any] | None:
        """The agents that work for this one in the background."""
        for group in self.groups:
            config = group.get("manager_config")
            if isinstance(config, Mapping) and self._id(config.get("manager_agent_id")) == agent:
                workers = [self._id(one) for one in group.get("agent_ids") or ()]
                return {"manager_type": config.get("manager_type"), "agent_ids": workers}
        return None

    def _id(self, own: Any) -> str:
        return f"{self.digest}/{own}"


def read_agent_file(path: Path) -> AgentFile:
    """The agent file at a path. Raises SourceError when it is none."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SourceError(f"{path.name} is larger than an agent file can be.", remedy=_REMEDY)
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error}.", remedy="Check the path."
        ) from None
    digest = hashlib.sha256(content).hexdigest()[:_DIGITS]
    return _file_of(path, digest, _parsed(content, path.name))


def _parsed(content: bytes, name: str) -> Any:
    """The JSON; the official client gives a text, so that many files hold JSON in a JSON string."""
    value: Any = content
    for _ in range(3):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise SourceError(f"{name} is not JSON, or breaks off.", remedy=_REMEDY) from None
        if not isinstance(value, str):
            return value
    return value


def _file_of(path: Path, digest: str, content: Any) -> AgentFile:
    if isinstance(content, Mapping) and isinstance(content.get("agents"), list):
        return AgentFile(
            path,
            digest,
            "agent file",
            [_named(one, digest, "agent", n) for n, one in _objects(content["agents"])],
            [_named(one, digest, "block", n) for n, one in _objects(content.get("blocks"))],
            [_named(one, digest, "file", n) for n, one in _objects(content.get("files"))],
            [],
            [dict(one) for _, one in _objects(content.get("groups"))],
        )
    if isinstance(content, Mapping) and isinstance(content.get("core_memory"), list):
        return _of_one_agent(path, digest, content)
    if isinstance(content, list) and content and all(map(_is_passage, content)):
        return AgentFile(path, digest, "list of passages", [], [], [], content)
    raise SourceError(f"{path.name} is JSON, but no agent file.", remedy=_REMEDY)


def _of_one_agent(path: Path, digest: str, content: Mapping[str, Any]) -> AgentFile:
    """The form before 0.10: an agent with its blocks in it, and nothing has an id."""
    blocks = [
        _named(one, digest, "block", number) for number, one in _objects(content["core_memory"])
    ]
    tags = [
        one.get("tag") if isinstance(one, Mapping) else one for one in content.get("tags") or ()
    ]
    agent = {
        **content,
        "id": f"{digest}/agent-0",
        "tags": [one for one in tags if isinstance(one, str)],
        "block_ids": [block["id"] for block in blocks],
        "messages": [
            _named(one, digest, "message", number)
            for number, one in _objects(content.get("messages"))
        ],
    }
    return AgentFile(path, digest, "agent file of one agent", [agent], blocks, [], [])


def _named(item: Mapping[str, Any], digest: str, kind: str, number: int) -> dict[str, Any]:
    """The object under an id of this file: its own ids (``block-0``) are in every file."""
    own = text(item.get("id")) or f"{kind}-{number}"
    named = {**item, "id": f"{digest}/{own}"}
    for name in ("block_ids", "source_ids"):
        if isinstance(item.get(name), list):
            named[name] = [f"{digest}/{one}" for one in item[name] if isinstance(one, str)]
    if text(item.get("source_id")):
        named["source_id"] = f"{digest}/{item['source_id']}"
    if isinstance(item.get("messages"), list) and kind == "agent":
        named["messages"] = [
            _named(one, digest, "message", n) for n, one in _objects(item["messages"])
        ]
    return named


def _objects(items: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping):
            yield number, item


def _is_passage(item: Any) -> bool:
    return (
        isinstance(item, Mapping)
        and text(item.get("id")).startswith("passage-")
        and isinstance(item.get("text"), str)
    )
