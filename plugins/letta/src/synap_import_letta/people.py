"""Who the end user is: Letta has no user on memories, so this reads the signals it does have.

Strongest first, and it is always told which one decided and how sure that is. ``created_by_id``
is none of them: it is the account that owns the API key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from synap_import import Scope

_USER_TAG = "user:"
_USER_FIELD = "user_id"
_BACKGROUND = "sleeptime"


class Identity(NamedTuple):
    """Somebody whom the application told Letta about; ``key`` is the application's own id."""

    id: str
    key: str
    name: str
    type: str

    @property
    def is_user(self) -> bool:
        """Whether it is a person, not an organization."""
        return self.type == "user"


class Signal(StrEnum):
    """What told whose something is, with how sure that is."""

    CHOSEN = "given with --agent-user (sure)"
    IDENTITY = "identity in Letta (sure)"
    TAG = "tag user:… (likely)"
    METADATA = "metadata user_id (likely)"
    AMBIGUOUS = "ambiguous"
    NONE = "no user named in Letta"


class Owner(NamedTuple):
    """Whose an agent or a block is; ``candidates`` are what an ambiguous signal names."""

    user: str | None
    signal: Signal
    candidates: tuple[str, ...] = ()


NOBODY = Owner(None, Signal.NONE)


@dataclass(frozen=True, slots=True)
class Agent:
    """What decides about an agent's memories, and finds them; the rest of it is not kept."""

    id: str
    name: str
    type: str = ""
    project: str | None = None
    state: str = ""
    """Another one when the agent was changed or talked to."""
    tags: tuple[str, ...] = ()
    metadata_user: str = ""
    identities: tuple[Identity, ...] = ()
    blocks: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    """Sleeptime agents that work for it."""

    @property
    def is_background(self) -> bool:
        """Whether it rereads another agent's conversation instead of having its own."""
        return _BACKGROUND in self.type


def agent_of(item: Mapping[str, Any], known: Mapping[str, Identity], project: str | None) -> Agent:
    """The agent in an object of the API or of an agent file."""
    group = item.get("managed_group")
    return Agent(
        id=str(item["id"]),
        name=text(item.get("name")),
        type=text(item.get("agent_type")),
        project=text(item.get("project_id")) or project,
        state=f"{text(item.get('updated_at'))}.{_newest_message(item)}",
        tags=texts(item.get("tags")),
        metadata_user=user_in(item.get("metadata")),
        identities=_identities(item, known),
        blocks=_ids(item.get("blocks")),
        folders=_ids(item.get("sources")),
        background=_background(group) if isinstance(group, Mapping) else (),
    )


def identity_of(item: Mapping[str, Any]) -> Identity:
    """The identity in an object of the API."""
    names = (item.get(name) for name in ("id", "identifier_key", "name", "identity_type"))
    return Identity(*map(text, names))


def owner_of_agent(agent: Agent, chosen: Mapping[str, str | None]) -> Owner:
    """Whose the agent is, by the strongest signal that there is."""
    if agent.id in chosen:
        return Owner(chosen[agent.id], Signal.CHOSEN)
    people = [one.key for one in agent.identities if one.is_user and one.key]
    return (
        _one_of(people, Signal.IDENTITY)
        or _one_of(users_in_tags(agent.tags), Signal.TAG)
        or _one_of([agent.metadata_user], Signal.METADATA)
        or NOBODY
    )


def owner_of_detached(
    tags: Iterable[str], metadata: Any, identities: Iterable[Identity] = ()
) -> Owner:
    """Whose a block without an agent is."""
    people = [one.key for one in identities if one.is_user and one.key]
    return (
        _one_of(people, Signal.IDENTITY)
        or _one_of(users_in_tags(tags), Signal.TAG)
        or _one_of([user_in(metadata)], Signal.METADATA)
        or NOBODY
    )


def users_in_tags(tags: Iterable[str]) -> list[str]:
    """The users that tags such as ``user:alice`` name."""
    named = (tag[len(_USER_TAG) :].strip() for tag in tags if tag.lower().startswith(_USER_TAG))
    return [name for name in named if name]


def user_in(metadata: Any) -> str:
    """The user that an object's metadata names."""
    value = metadata.get(_USER_FIELD) if isinstance(metadata, Mapping) else None
    return str(value).strip() if isinstance(value, str | int) and value is not True else ""


class People:
    """Whose everything is, once all agents are known."""

    def __init__(
        self,
        agents: Iterable[Agent],
        identities: Iterable[Identity],
        chosen: Mapping[str, str | None],
    ) -> None:
        self.agents = {agent.id: agent for agent in agents}
        self.identities = {one.id: one for one in identities}
        for agent in self.agents.values():
            self.identities.update({one.id: one for one in agent.identities})
        self._host = {
            worker: agent.id for agent in self.agents.values() for worker in agent.background
        }
        self._owners = {
            agent.id: owner_of_agent(agent, chosen)
            for agent in self.agents.values()
            if agent.id not in self._host
        }

    def host(self, agent_id: str) -> str:
        """The agent itself, or the one that it works for in the background."""
        return self._host.get(agent_id, agent_id)

    def is_copy(self, agent_id: str) -> bool:
        """Whether the agent's conversation repeats another agent's."""
        agent = self.agents.get(agent_id)
        return agent_id in self._host or (agent is not None and agent.is_background)

    def owner(self, agent_id: str) -> Owner:
        """Whose the agent is."""
        return self._owners.get(self.host(agent_id), NOBODY)

    def sender(self, identity_id: str) -> str | None:
        """The user behind the sender of a message, where Letta knows one."""
        one = self.identities.get(identity_id)
        return one.key if one is not None and one.is_user and one.key else None

    def ambiguous(self) -> list[tuple[Agent, Owner]]:
        """The agents that several users could own."""
        return [
            (self.agents[agent_id], owner)
            for agent_id, owner in self._owners.items()
            if owner.signal is Signal.AMBIGUOUS
        ]

    def scope_of(self, agent_id: str) -> Scope:
        """Whose an agent's own memories are."""
        return Scope(user=self.owner(agent_id).user, agent=self.host(agent_id))

    def scope_of_shared(self, thing: str, agents: Sequence[str]) -> Scope:
        """Whose something is that agents have in common.

        Where they are not all of one user it is a group's, under the id of the thing: only a row
        of the user map that names it gives it to anybody.
        """
        hosts = {self.host(agent) for agent in agents}
        if len(hosts) == 1:
            return self.scope_of(hosts.pop())
        users = {self.owner(host).user for host in hosts}
        user = users.pop() if len(users) == 1 else None
        return Scope(group=thing) if user is None else Scope(user=user)


def note_of(owners: Sequence[tuple[Agent, Owner]]) -> str:
    """What the user map says beside a user: which signal, how sure, and whose agents."""
    signals = dict.fromkeys(_shown_signal(owner) for _, owner in owners)
    names = sorted({agent.name or agent.id for agent, _ in owners})
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{'; '.join(signals)}: {'agent' if len(names) == 1 else 'agents'} {shown}"


def _shown_signal(owner: Owner) -> str:
    named = f" ({', '.join(owner.candidates)})" if owner.candidates else ""
    return f"{owner.signal}{named}"


def _one_of(users: Iterable[str], signal: Signal) -> Owner | None:
    """The one user that is named; several are no answer, and no reason to look further."""
    named = tuple(dict.fromkeys(user for user in users if user))
    if not named:
        return None
    return Owner(named[0], signal) if len(named) == 1 else Owner(None, Signal.AMBIGUOUS, named)


def _identities(item: Mapping[str, Any], known: Mapping[str, Identity]) -> tuple[Identity, ...]:
    given = item.get("identities")
    full = {
        one["id"]: identity_of(one)
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    }
    named = texts(item.get("identity_ids"))
    return (*full.values(), *(known[one] for one in named if one in known and one not in full))


def _background(group: Mapping[str, Any]) -> tuple[str, ...]:
    is_background = _BACKGROUND in text(group.get("manager_type"))
    return texts(group.get("agent_ids")) if is_background else ()


def _newest_message(item: Mapping[str, Any]) -> str:
    return (texts(item.get("message_ids")) or ("",))[-1]


def _ids(items: Any) -> tuple[str, ...]:
    found = items if isinstance(items, list) else []
    return tuple(
        one["id"] for one in found if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    )


def text(value: Any) -> str:
    """A text, empty where there is none."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
