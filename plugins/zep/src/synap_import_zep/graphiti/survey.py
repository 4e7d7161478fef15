"""What is in all graphs, before anything is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from .records import is_default_group

if TYPE_CHECKING:
    from .reader import Count, GraphReader
    from .sorts import Sort


@dataclass(frozen=True)
class GraphSight:
    """What one look over a graph tells."""

    name: str
    counts: Mapping[Sort, Count]
    groups: Counter[str] = field(default_factory=Counter)
    """Items by group; those of the default group are under ''."""
    silent: int = 0
    doubled: int = 0

    @property
    def items(self) -> int:
        """All that can be read."""
        return sum(count.keyed for count in self.counts.values())

    @property
    def version(self) -> str:
        """Differs when something was added, or a fact came to its end."""
        changed = "\n".join(f"{sort} {count.changed}" for sort, count in self.counts.items())
        return sha256(changed.encode()).hexdigest()[:16]

    @property
    def strays(self) -> int:
        """Items of other groups than the graph is named after, where each has its own."""
        own = "" if self.name == "default_db" else self.name
        return sum(items for group, items in self.groups.items() if group not in {own, ""})


async def look_at(reader: GraphReader) -> GraphSight:
    """Counts, groups, and what is odd."""
    counts = {sort: await reader.count(sort) for sort in reader.sorts}
    if not any(count.items for count in counts.values()):
        return GraphSight(reader.graph, counts)
    groups: Counter[str] = Counter()
    for sort in reader.sorts:
        for group, items in (await reader.groups(sort)).items():
            groups["" if is_default_group(group) else str(group)] += items
    return GraphSight(
        reader.graph,
        counts,
        groups,
        await reader.silent_episodes(),
        await reader.doubled_messages(),
    )


def all_groups(sights: Sequence[GraphSight]) -> Counter[str]:
    """Items by group over all graphs."""
    total: Counter[str] = Counter()
    for sight in sights:
        total.update(sight.groups)
    return total
