"""What is known of a server before its memories are read."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from .entities import (
    LIST_LIMIT,
    SCAN_LIMIT,
    Entity,
    Item,
    owners,
    rows_at_least,
    rows_at_most,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .behind import StoreBehind
    from .dialect import Dialect

_NAMED = 5


class Unscoped(NamedTuple):
    """The list without any id: the only one that shows memories which carry none."""

    items: tuple[Item, ...] = ()
    visible: bool = True

    @property
    def ended_by_itself(self) -> bool:
        """Whether the list ended before its limit."""
        return self.visible and len(self.items) < LIST_LIMIT

    @property
    def without_owner(self) -> int:
        """How many carry no id at all."""
        return sum(not owners(item) for item in self.items)

    def digest(self) -> str:
        """Differs when something was added, changed or taken away."""
        known = sorted(json.dumps([one.get("id"), one.get("updated_at")]) for one in self.items)
        return sha256("\n".join(known).encode()).hexdigest()[:16]


class Survey(NamedTuple):
    """The answers to the first questions."""

    dialect: Dialect
    store: StoreBehind
    entities: tuple[Entity, ...]
    unscoped: Unscoped

    @property
    def listed(self) -> tuple[Entity, ...]:
        """The entities whose own list is worth asking for."""
        if not self.dialect.has_top_k:
            return ()
        return tuple(one for one in self.entities if one.can_be_asked_for)

    @property
    def oversized(self) -> tuple[Entity, ...]:
        """Those with more memories than one list shows."""
        return tuple(one for one in self.listed if one.total > LIST_LIMIT)

    @property
    def shows_everything(self) -> bool:
        """Whether the list of all is complete, and not just cut short by the store's driver."""
        counted = rows_at_least(self.entities)
        return self.unscoped.ended_by_itself and counted <= len(self.unscoped.items)

    @property
    def expected(self) -> int | None:
        """The number of memories, where the answers tell."""
        if self.shows_everything:
            return len(self.unscoped.items)
        at_least = rows_at_least(self.entities)
        return at_least if at_least == rows_at_most(self.entities) else None

    @property
    def has_doubtful_totals(self) -> bool:
        """Whether the server may have counted a part only."""
        return not self.shows_everything and rows_at_most(self.entities) >= SCAN_LIMIT


def names_of(entities: Sequence[Entity]) -> str:
    """Whose they are and how many, for a sentence."""
    shown = ", ".join(f"{one.title} ({one.total})" for one in entities[:_NAMED])
    more = len(entities) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
