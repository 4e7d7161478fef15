"""Which filters reach every memory, whatever filters mean for the ids that they do not mention.

Documents of different dates disagree: a filter on ``user_id`` either constrains the user alone,
or also wants the other three ids to be absent. So every combination of ids is counted, and
those are read that bring something new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Any

from synap_import import Scope, ScopeKind

Subset = tuple[str, ...]

KINDS: Mapping[str, ScopeKind] = {
    "user_id": ScopeKind.USER,
    "agent_id": ScopeKind.AGENT,
    "app_id": ScopeKind.APP,
    "run_id": ScopeKind.SESSION,
}
SUBSETS: tuple[Subset, ...] = tuple(
    subset for length in range(1, len(KINDS) + 1) for subset in combinations(KINDS, length)
)
"""The 15 combinations of ids, single ones first."""

_ANY = "*"


class Reading(Enum):
    """What a filter means for the ids that it does not mention."""

    OPEN = "they may be there"
    CLOSED = "they must be absent"
    UNKNOWN = "it does not show"


@dataclass(frozen=True, slots=True)
class Probe:
    """What a list says of itself: its length, where it tells, and one of its items."""

    count: int | None
    item: Mapping[str, Any] | None = None

    @property
    def at_least(self) -> int:
        """How many there are for sure."""
        return self.count if self.count is not None else int(self.item is not None)


def filters_of(subset: Subset, **named: str) -> dict[str, Any]:
    """The filter for memories that carry all these ids: any, or the ones named."""
    return {"AND": [{name: named.get(name, _ANY)} for name in subset]}


def subset_of(scope: Scope) -> Subset:
    """The ids that a scope carries."""
    return tuple(name for name, kind in KINDS.items() if getattr(scope, kind.value) is not None)


def ids_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The ids that an item carries, named as filters name them; older items say ``run_id``."""
    named = {**item, "run_id": item.get("session_id") or item.get("run_id")}
    return {name: str(named[name]) for name in KINDS if named.get(name)}


def by_subset(scopes: Iterable[tuple[Scope, int]]) -> Counter[Subset]:
    """How many records carry exactly these ids."""
    counts: Counter[Subset] = Counter()
    for scope, records in scopes:
        counts[subset_of(scope)] += records
    return counts


def reached(subset: Subset, exactly: Mapping[Subset, int], reading: Reading) -> int:
    """How many of the records counted by subset the filter of ``subset`` should have counted."""
    if reading is Reading.CLOSED:
        return exactly.get(subset, 0)
    wanted = set(subset)
    return sum(records for ids, records in exactly.items() if wanted <= set(ids))


def may_bring_new(
    subset: Subset, probe: Probe, exactly: Mapping[Subset, int], reading: Reading
) -> bool:
    """Whether a list may hold something that did not come out of the lists before it.

    ``exactly`` is what came out so far, counted by the ids that it carries.
    """
    if not probe.at_least:
        return False
    if len(subset) == 1 or reading is Reading.CLOSED or probe.count is None:
        return True
    return probe.count > reached(subset, exactly, reading)


def reading_that_shows(probes: Mapping[Subset, Probe]) -> Reading:
    """The reading, where the counts or an item give it away."""
    if any(set(ids_of(probe.item or {})) - set(subset) for subset, probe in probes.items()):
        return Reading.OPEN
    if any(len(subset) > 1 and probe.at_least for subset, probe in probes.items()):
        return Reading.CLOSED if min(_exactly(probes).values()) < 0 else Reading.UNKNOWN
    # Nothing carries two ids: both readings are the same.
    return Reading.OPEN


def total(probes: Mapping[Subset, Probe], reading: Reading) -> int | None:
    """How many memories there are in all; None when the reading decides and is not known."""
    if any(probe.count is None for probe in probes.values()):
        return None
    if reading is Reading.CLOSED:
        return sum(probe.at_least for probe in probes.values())
    if reading is Reading.OPEN:
        return sum(_exactly(probes).values())
    return None


def _exactly(probes: Mapping[Subset, Probe]) -> dict[Subset, int]:
    """How many carry exactly these ids, if the filters are open: inclusion and exclusion."""
    return {
        subset: sum(
            (-1) ** (len(larger) - len(subset)) * probe.at_least
            for larger, probe in probes.items()
            if set(subset) <= set(larger)
        )
        for subset in probes
    }
