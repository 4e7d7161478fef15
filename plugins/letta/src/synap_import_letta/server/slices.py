"""The partitions of a server: what is read, in which order, and when it is read anew."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from synap_import import Partition
from synap_import_letta.people import Agent, text

from .catalog import Archive, Catalog, side_by_side
from .refusals import NotThereError
from .walking import in_all

if TYPE_CHECKING:
    from .api import LettaApi

AGENTS, IDENTITIES, BLOCKS, TEMPLATES, ATTACHED = (
    "agents",
    "identities",
    "blocks",
    "templates",
    "attached-blocks",
)
PASSAGES, ARCHIVE, MESSAGES, FOLDER, MEMORY = "passages", "archive", "messages", "folder", "memory"
DEFAULT, REST = "default", "rest"
"""Messages outside conversations, and those that no conversation showed."""


class Slice(NamedTuple):
    """What a partition's id says."""

    kind: str
    thing: str = ""
    part: str = ""
    last: str = ""
    """The newest passage when the partition was made, from its version."""

    @classmethod
    def of(cls, partition: Partition) -> Slice:
        """From the id of :meth:`id`."""
        kind, thing, part, *_ = (*partition.id.split(" "), "", "")
        last = partition.version.rpartition(" ")[2] if kind == PASSAGES else ""
        return cls(kind, thing, part, last)

    def id(self) -> str:
        """The partition's id; ids of Letta have no spaces."""
        return " ".join(filter(None, (self.kind, self.thing, self.part)))


async def slices(
    api: LettaApi,
    catalog: Catalog,
    archives: Mapping[str, Archive],
    *,
    now: str,
    with_files: bool,
    with_memory_files: bool,
) -> AsyncGenerator[Partition, None]:
    """Agents and identities, blocks, passages, messages, files.

    What an agent has is read anew when the agent changed or is somebody else's; ``now`` is the
    version of what has no times, and so is read on each run.
    """
    agents = catalog.agents.values()
    state = _digest(_state(agent, catalog) for agent in agents)
    yield Partition(AGENTS, "agents", state, len(agents))
    yield Partition(IDENTITIES, "identities", now)
    yield Partition(BLOCKS, "blocks", now)
    yield Partition(TEMPLATES, "template blocks", now)
    yield Partition(ATTACHED, "blocks that no list shows", now)
    readers = list(passage_readers(agents, archives))
    newest = await _newest_passages(api, readers)
    for agent in readers:
        version = f"{_state(agent, catalog)} {newest.get(agent.id, '')}"
        yield _slice(Slice(PASSAGES, agent.id), f"passages of {_shown(agent)}", version)
    for archive in archives.values():
        if not archive.agents:
            title = f"passages of archive {archive.name}, which no agent has"
            yield _slice(Slice(ARCHIVE, archive.id), title, "")
    for agent in agents:
        for partition in _conversations(agent, catalog):
            yield partition
    if with_memory_files:
        for agent in agents:
            yield _slice(Slice(MEMORY, agent.id), f"memory files of {_shown(agent)}", now)
    if with_files:
        async for folder, _ in in_all(api.folders, catalog.projects):
            title = f"files of folder {text(folder.get('name'))}"
            yield _slice(Slice(FOLDER, folder["id"]), title, now)


def passage_readers(agents: Iterable[Agent], archives: Mapping[str, Archive]) -> Iterator[Agent]:
    """The agents through which all attached archives are read, shared ones not once per agent."""
    of_agent: dict[str, set[str]] = {}
    for archive in archives.values():
        for agent_id in archive.agents:
            of_agent.setdefault(agent_id, set()).add(archive.id)
    read: set[str] = set()
    for agent in agents:
        own = of_agent.get(agent.id, set())
        if not own or not own <= read:
            read |= own
            yield agent


async def _newest_passages(api: LettaApi, agents: Iterable[Agent]) -> dict[str, str]:
    """The newest passage of each agent: another one when something was added."""
    newest: dict[str, str] = {}

    async def ask(agent: Agent) -> None:
        try:
            found = await api.passages(agent.id, None, limit=1, newest_first=True)
        except NotThereError:
            return
        if found and isinstance(found[0], dict):
            newest[agent.id] = text(found[0].get("id"))

    await side_by_side(ask, agents)
    return newest


def _conversations(agent: Agent, catalog: Catalog) -> Iterator[Partition]:
    conversations = catalog.conversations.get(agent.id, ())
    title, state = f"messages of {_shown(agent)}", _state(agent, catalog)
    if not conversations:
        yield _slice(Slice(MESSAGES, agent.id), title, state)
        return
    yield _slice(Slice(MESSAGES, agent.id, DEFAULT), title, state)
    user = _user(agent, catalog)
    for one in conversations:
        where = f"{title}, conversation {one.title or one.id}"
        yield _slice(Slice(MESSAGES, agent.id, one.id), where, _digest((one.state, user)))
    states = _digest((state, *(f"{one.id}.{one.state}" for one in conversations)))
    yield _slice(Slice(MESSAGES, agent.id, REST), f"other {title}", states)


def _state(agent: Agent, catalog: Catalog) -> str:
    return _digest((agent.state, _user(agent, catalog)))


def _user(agent: Agent, catalog: Catalog) -> str:
    return catalog.people.owner(agent.id).user or ""


def _slice(which: Slice, title: str, version: str) -> Partition:
    return Partition(which.id(), title, version)


def _shown(agent: Agent) -> str:
    return agent.name or agent.id


def _digest(parts: Iterable[str]) -> str:
    joined = "\n".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:16]
