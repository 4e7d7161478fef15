"""What both dialects of Zep Cloud can be asked, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from synap_import import Scope

if TYPE_CHECKING:
    from .answers import Listed


class Order(StrEnum):
    """How a list is sorted."""

    STABLE = "stable"
    NEWEST = "newest"
    LAST_CHANGED = "last-changed"


class Part(StrEnum):
    """What a graph holds; the order is that of reading.

    Episodes first, so that it is known which texts there are; hyperedges before the edges that
    repeat them.
    """

    EPISODES = "episodes"
    HYPEREDGES = "hyperedges"
    FACTS = "edges"
    ENTITIES = "nodes"
    OBSERVATIONS = "observations"
    THREAD_SUMMARIES = "thread-summaries"
    DOCUMENT_SUMMARIES = "document-summaries"
    USER_SUMMARY = "user-summary"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody; ``id`` is the developer's own, or Zep's UUID where there is none."""

    uuid: str
    id: str
    graph_uuid: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation; ``changed`` tells one state of it from another."""

    uuid: str
    id: str
    user: str | None
    user_uuid: str | None
    changed: str = ""

    @property
    def scope(self) -> Scope:
        """Whose its messages are."""
        return Scope(user=self.user, session=self.id)


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph of a user, or one that belongs to nobody: then it is an app's."""

    uuid: str
    id: str
    user: User | None = None
    name: str = ""
    changed: str = ""

    @property
    def scope(self) -> Scope:
        """Whose its facts are."""
        return Scope(user=self.user.id) if self.user else Scope(app=self.id)

    @property
    def label(self) -> str:
        """For people, and stable."""
        return f"user {self.user.id}" if self.user else f"graph {self.id}"


class Dialect(Protocol):
    """A way to speak to a project. Lists are given a page at a time, from a cursor on.

    Raises RefusedError, UnaddressableError, and what the answers raise.
    """

    name: ClassVar[str]

    async def project(self) -> Mapping[str, Any]:
        """The project that the key opens."""
        ...

    async def ontology(self) -> Mapping[str, Any]:
        """The project's own types of entities and facts."""
        ...

    async def users(self, cursor: str | None, order: Order) -> Listed:
        """All users."""
        ...

    async def threads(self, cursor: str | None, order: Order) -> Listed:
        """The threads of all users, and of none."""
        ...

    async def graphs(self, cursor: str | None) -> Listed:
        """The graphs that are listed; those of users need not be among them."""
        ...

    async def messages(self, thread: Thread, cursor: str | None) -> Listed:
        """The messages of a thread, first ones first."""
        ...

    async def part(self, graph: Graph, part: Part, cursor: str | None, order: Order) -> Listed:
        """What a graph holds of one sort."""
        ...

    def parts(self, graph: Graph) -> Sequence[Part]:
        """What can be asked about a graph."""
        ...
