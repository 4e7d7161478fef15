"""Whose memories a server says that it holds, and what its totals are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from synap_import import ScopeKind, SourceError

LIST_LIMIT = 1000
"""More than this no list answers, and it does not say so (server/main.py, August 2026)."""
SCAN_LIMIT = 10_000
"""So many rows the server looks at to make its totals (server/routers/entities.py)."""

# In the order in which they decide whose a memory is.
_FIELDS = {"user": "user_id", "agent": "agent_id", "run": "run_id"}
_SCOPE_KINDS = {"user": ScopeKind.USER, "agent": ScopeKind.AGENT, "run": ScopeKind.SESSION}

Item = Mapping[str, Any]
Filters = Mapping[str, str]


class Entity(NamedTuple):
    """A user, an agent or a run with the number of memories that carry its id."""

    kind: str
    id: str
    total: int
    updated_at: str = ""

    @property
    def field(self) -> str:
        """Its name in items and in the parameters of a list."""
        return _FIELDS[self.kind]

    @property
    def scope_kind(self) -> ScopeKind:
        """Its kind in records."""
        return _SCOPE_KINDS[self.kind]

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.kind} {self.id!r}"

    @property
    def can_be_asked_for(self) -> bool:
        """The library under the server refuses ids with white space, which old ones have."""
        return not any(char.isspace() for char in self.id)


def read_entities(answer: Any) -> tuple[Entity, ...]:
    """The entities of an answer, users first. Raises SourceError when it is none."""
    try:
        if not isinstance(answer, list):
            raise TypeError
        entities = [
            Entity(one["type"], one["id"], one["total_memories"], one.get("updated_at") or "")
            for one in answer
        ]
        entities.sort(key=lambda one: (list(_FIELDS).index(one.kind), one.id))
    except (TypeError, KeyError, ValueError, AttributeError):
        raise SourceError(
            "The server's list of entities does not look like Mem0's.",
            remedy="Check --base-url.",
        ) from None
    return tuple(entities)


def owners(item: Item) -> list[tuple[str, str]]:
    """Kind and id of those whose an item is, the deciding one first."""
    named = ((kind, item.get(field)) for kind, field in _FIELDS.items())
    return [(kind, str(owner)) for kind, owner in named if owner]


def narrower(
    filters: Filters, items: Iterable[Item], entities: Sequence[Entity]
) -> list[dict[str, str]]:
    """The lists that together hold what a list has of items with a further id.

    Those that are known to hold something come first.
    """
    seen = Counter(owner for item in items for owner in owners(item))
    further = [one for one in entities if one.field not in filters and one.can_be_asked_for]
    further.sort(key=lambda one: -seen[one.kind, one.id])
    return [{**filters, one.field: one.id} for one in further]


def rows_at_least(entities: Iterable[Entity]) -> int:
    """How many memories there are at least: each carries one id of a kind."""
    return max(_by_kind(entities).values(), default=0)


def rows_at_most(entities: Iterable[Entity]) -> int:
    """How many memories with an id there are at most: each may carry one of each kind."""
    return sum(_by_kind(entities).values())


def reachable_of(entity: Entity, entities: Iterable[Entity]) -> int:
    """How many memories of an entity lists can show at most, its own and with a further id."""
    others = (one.total for one in entities if one.kind != entity.kind)
    return min(entity.total, LIST_LIMIT + sum(others))


def _by_kind(entities: Iterable[Entity]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for entity in entities:
        totals[entity.kind] += entity.total
    return totals
