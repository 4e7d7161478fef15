"""Who and what is in the project: users, threads, graphs, listed page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from synap_import import SourceError

from .dialect import Dialect, Graph, Order, Thread, User
from .items import word_of
from .times import moment
from .walking import MARGIN, Place, Walk, recent

if TYPE_CHECKING:
    from .answers import Listed
    from .notes import Notes


@dataclass(slots=True)
class Roster:
    """Keeps of each user and thread only what tells whose something is.

    ``unread`` are the threads whose messages Zep did not give, ``changed`` is when the last
    thread of a user was changed, ``graphs`` the state of those that are listed.
    """

    dialect: Dialect
    notes: Notes
    users: dict[str, User] = field(default_factory=dict)
    thread_uuids: set[str] = field(default_factory=set)
    thread_ids: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    changed: dict[str, datetime] = field(default_factory=dict)
    graphs: dict[str, str] = field(default_factory=dict)

    async def take_users(self, since: datetime | None = None) -> list[User]:
        """All users, or those created since; returns those that were not known."""
        new = []
        walk = Walk(self.dialect.users)
        async for item in self._items("users", walk, recent(since) if since else Place()):
            user = user_of(item)
            if user.uuid not in self.users:
                self.users[user.uuid] = user
                new.append(user)
        return new

    async def each_thread(self) -> AsyncGenerator[Thread, None]:
        """All threads, each once."""
        async with aclosing(self._threads(Walk(self.dialect.threads), Place())) as threads:
            async for thread, is_known in threads:
                if not is_known:
                    yield thread

    async def threads_since(self, since: datetime) -> AsyncGenerator[Thread, None]:
        """The threads that were created or changed since, as far as Zep tells."""
        walk = Walk(self.dialect.threads, again=Order.LAST_CHANGED)
        async with aclosing(self._threads(walk, recent(since))) as threads:
            async for thread, is_known in threads:
                changed = moment(thread.changed)
                if not is_known or (changed and changed > since - MARGIN):
                    yield thread

    async def each_graph(self) -> AsyncGenerator[Graph, None]:
        """The graphs of all users, then those that belong to nobody, each once."""
        for user in list(self.users.values()):
            yield self.graph_of(user)
        async with aclosing(self.listed_graphs()) as listed:
            async for graph in listed:
                yield graph

    async def listed_graphs(self) -> AsyncGenerator[Graph, None]:
        """Those that Zep lists and that are new or changed, but for those of known users.

        Zep does not say whether it lists the graphs of users.
        """

        async def fetch(cursor: str | None, _: Order) -> Listed:
            return await self.dialect.graphs(cursor)

        async for item in self._items("graphs", Walk(fetch, catches_up=False), Place()):
            graph = self._graph(item)
            of_known_user = graph.user is not None and graph.user.uuid in self.users
            if not of_known_user and self.graphs.get(graph.uuid) != graph.changed:
                self.graphs[graph.uuid] = graph.changed
                yield graph

    def has_thread_of(self, episode: Mapping[str, Any]) -> bool:
        """Whether the episode is a message of a thread whose messages are read."""
        uuid, own = word_of(episode, "thread_uuid"), word_of(episode, "thread_id")
        is_listed = uuid in self.thread_uuids or own in self.thread_ids
        return is_listed and not {uuid, own} & self.unread

    def miss(self, thread: Thread) -> None:
        """Zep gives no messages of this thread: its episodes are all there is of it."""
        self.unread |= {thread.uuid, thread.id}

    def graph_of(self, user: User) -> Graph:
        """A user's graph, which the user's UUID names too."""
        changed = self.changed.get(user.uuid)
        uuid = user.graph_uuid or user.uuid
        return Graph(uuid, user.id, user, changed=changed.isoformat() if changed else "")

    async def _threads(self, walk: Walk, start: Place) -> AsyncGenerator[tuple[Thread, bool], None]:
        """The threads of a walk, each with whether it was seen before."""
        async for item in self._items("threads", walk, start):
            thread = self._thread(item)
            is_known = thread.uuid in self.thread_uuids
            self.thread_uuids.add(thread.uuid)
            self.thread_ids.add(thread.id)
            time = moment(thread.changed)
            if time and thread.user_uuid:
                before = self.changed.get(thread.user_uuid)
                self.changed[thread.user_uuid] = max(before, time) if before else time
            yield thread, is_known

    def _thread(self, item: Mapping[str, Any]) -> Thread:
        own, owner = word_of(item, "thread_id"), word_of(item, "user_uuid")
        uuid = word_of(item, "uuid", "uuid_") or own
        if uuid is None:
            raise _nameless("threads")
        known = self.users.get(owner) if owner else None
        # A user who is not listed, because of a policy or a deletion, has an id nevertheless.
        user = known.id if known else word_of(item, "user_id") or owner
        return Thread(uuid, own or uuid, user, owner, _changed(item))

    def _graph(self, item: Mapping[str, Any]) -> Graph:
        own, owner = word_of(item, "graph_id"), word_of(item, "user_uuid")
        uuid = word_of(item, "canonical_graph_uuid", "uuid", "uuid_") or own
        if uuid is None:
            raise _nameless("graphs")
        user = None
        if owner or item.get("type") == "user":
            owner = owner or uuid
            user = self.users.get(owner) or User(owner, owner, uuid)
        return Graph(uuid, own or uuid, user, word_of(item, "name") or "", _changed(item))

    async def _items(
        self, what: str, walk: Walk, start: Place
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        async with aclosing(walk.steps(start)) as steps:
            async for step in steps:
                for item in step.items:
                    if isinstance(item, Mapping):
                        yield item
                if step.problem:
                    self.notes.holes.append(f"{what} of the project: {step.problem}")


def user_of(item: Mapping[str, Any]) -> User:
    """A user, who may have no id of the developer's."""
    own = word_of(item, "user_id")
    uuid = word_of(item, "uuid", "uuid_") or own
    if uuid is None:
        raise _nameless("users")
    names = " ".join(filter(None, (word_of(item, "first_name"), word_of(item, "last_name"))))
    note = ", ".join(filter(None, (names, word_of(item, "email"))))
    return User(uuid, own or uuid, word_of(item, "graph_uuid"), note)


def _changed(item: Mapping[str, Any]) -> str:
    changed = word_of(item, "updated_at")
    return changed if changed and moment(changed) else ""


def _nameless(what: str) -> SourceError:
    return SourceError(
        f"One of the {what} of the project has no id.", remedy="Ask Zep's support about it."
    )
