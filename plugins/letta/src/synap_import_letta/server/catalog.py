"""What must be known before the first memory is read: agents, identities, who shares what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import anyio

from synap_import_letta.people import (
    Agent,
    Identity,
    People,
    agent_of,
    identity_of,
    text,
    texts,
)

from .refusals import NotThereError
from .walking import every, in_all

if TYPE_CHECKING:
    from .api import LettaApi

T = TypeVar("T")

_TOGETHER = 8
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class Version(NamedTuple):
    """Of a server; the Cloud has none and knows everything."""

    major: int
    minor: int
    patch: int = 0

    @property
    def orders_messages(self) -> bool:
        """Whether messages can be asked for oldest first."""
        return self >= (0, 12)

    @property
    def has_conversations(self) -> bool:
        """Whether messages can be asked for by conversation; older servers ignore the filter."""
        return self >= (0, 16, 2)


NEWEST = Version(99, 0)


class Conversation(NamedTuple):
    """One of an agent's conversations beside its default one."""

    id: str
    agent: str
    title: str
    state: str
    """Another one when there is more in it."""
    blocks: tuple[str, ...]


class Archive(NamedTuple):
    """A store of passages, and the agents that have it."""

    id: str
    name: str
    agents: tuple[str, ...] = ()


@dataclass(slots=True)
class Catalog:
    """Agents and identities of what is read, and what shows who else has a block."""

    version: Version
    people: People
    projects: Sequence[str | None] = (None,)
    conversations: Mapping[str, Sequence[Conversation]] = field(default_factory=dict)
    agents_of_block: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def agents(self) -> Mapping[str, Agent]:
        """All of them, by id."""
        return self.people.agents


def version_in(health: Any) -> Version | None:
    """The version that a server says it has."""
    said = health.get("version") if isinstance(health, Mapping) else None
    found = _NUMBERS.match(said) if isinstance(said, str) else None
    return Version(*(int(part or 0) for part in found.groups())) if found else None


async def take_catalog(
    api: LettaApi,
    version: Version,
    projects: Sequence[str | None],
    chosen: Mapping[str, str | None],
) -> Catalog:
    """List agents, identities and conversations: a request for each hundred."""
    identities = await _identities(api, projects)
    agents = {agent.id: agent async for agent in _agents(api, projects, identities)}
    conversations = await _conversations(api, version, projects)
    people = People(agents.values(), identities.values(), chosen)
    shared = _agents_of_blocks(agents.values(), conversations)
    return Catalog(version, people, projects, conversations, shared)


async def all_agents(
    api: LettaApi, projects: Sequence[str | None]
) -> AsyncGenerator[tuple[dict[str, Any], str | None], None]:
    """The agents of all projects as they come, with the project they came from."""
    async for item, project in in_all(api.agents, projects):
        yield item, project


async def take_archives(
    api: LettaApi, agents: Iterable[str], projects: Sequence[str | None]
) -> dict[str, Archive]:
    """The archives and who has them; none on servers that do not show archives."""
    try:
        archives = {
            item["id"]: Archive(item["id"], text(item.get("name")))
            async for item, _ in in_all(api.archives, projects)
        }
    except NotThereError:
        return {}
    attached: dict[str, list[str]] = defaultdict(list)

    async def ask(agent: str) -> None:
        async for item in every(lambda after: api.archives_of(agent, after)):
            archives.setdefault(item["id"], Archive(item["id"], text(item.get("name"))))
            attached[item["id"]].append(agent)

    if archives:
        await side_by_side(ask, agents)
    return {
        archive.id: archive._replace(agents=tuple(sorted(attached[archive.id])))
        for archive in archives.values()
    }


async def side_by_side(ask: Callable[[T], Any], things: Iterable[T]) -> None:
    """Ask for many small things, some at once; the first error ends it."""
    left = iter(list(things))

    async def work() -> None:
        for thing in left:
            await ask(thing)

    try:
        async with anyio.create_task_group() as tasks:
            for _ in range(_TOGETHER):
                tasks.start_soon(work)
    except ExceptionGroup as group:
        raise first_of(group) from None


def first_of(group: ExceptionGroup[Exception]) -> Exception:
    """The first error of several."""
    error: Exception = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _agents(
    api: LettaApi, projects: Sequence[str | None], known: Mapping[str, Identity]
) -> AsyncGenerator[Agent, None]:
    async for item, project in all_agents(api, projects):
        yield agent_of(item, known, project)


async def _identities(api: LettaApi, projects: Sequence[str | None]) -> dict[str, Identity]:
    try:
        return {item["id"]: identity_of(item) async for item, _ in in_all(api.identities, projects)}
    except NotThereError:
        return {}


async def _conversations(
    api: LettaApi, version: Version, projects: Sequence[str | None]
) -> dict[str, list[Conversation]]:
    found: dict[str, list[Conversation]] = defaultdict(list)
    if not version.has_conversations:
        return found
    try:
        async for item, _ in in_all(api.conversations, projects):
            one = _conversation_of(item)
            found[one.agent].append(one)
    except NotThereError:
        found.clear()
    return found


def _conversation_of(item: Mapping[str, Any]) -> Conversation:
    shown = texts(item.get("in_context_message_ids"))
    return Conversation(
        id=item["id"],
        agent=text(item.get("agent_id")),
        title=text(item.get("summary")) or text(item.get("description")),
        state=f"{text(item.get('last_message_at'))}.{shown[-1] if shown else ''}",
        blocks=texts(item.get("isolated_block_ids")),
    )


def _agents_of_blocks(
    agents: Iterable[Agent], conversations: Mapping[str, Sequence[Conversation]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for agent in agents:
        for block in agent.blocks:
            found[block].add(agent.id)
    for several in conversations.values():
        for conversation in several:
            for block in conversation.blocks:
                found[block].add(conversation.agent)
    return {block: tuple(sorted(owners)) for block, owners in found.items()}
