"""Who will see whose memories in Synap, compared with who could in the source.

The one kind of mistake that cannot be taken back quietly, so rules that were not written for a
user by name are not taken for the owner's word about that user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synap_import.identity import Target, merges_users
from synap_import.planning import target_of
from synap_import.records import ScopeKind

from .codes import CATALOG

if TYPE_CHECKING:
    from synap_import.identity import Row
    from synap_import.identity.patterns import Pattern
    from synap_import.ledger import PlannedOwner
    from synap_import.planning import PlanRules
    from synap_import.sources import Finding

_EXAMPLES = 5


@dataclass(slots=True)
class _Tally:
    """Some of one sort: all counted, the first ones named."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, count: int, example: str) -> None:
        self.count += count
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)


@dataclass(slots=True)
class Owners:
    """All owners of what is planned, looked at one by one; ``targets`` are whose they become.

    The first source user of each is kept, and of those that got more than one, which.
    """

    rules: PlanRules
    targets: dict[Target, str | None] = field(default_factory=dict)
    _merged: dict[Target, _Tally] = field(default_factory=dict)
    _by_rule: set[Target] = field(default_factory=set)
    _merging: set[str | Pattern | None] = field(init=False)
    _alike: dict[str, tuple[str, Target]] = field(default_factory=dict)
    _wider: _Tally = field(default_factory=_Tally)
    _visible: _Tally = field(default_factory=_Tally)
    _look_alikes: _Tally = field(default_factory=_Tally)

    def __post_init__(self) -> None:
        self._merging = {
            row.source_id
            for row in self.rules.user_map.rows()
            if row.kind is ScopeKind.USER and merges_users(row)
        }

    @classmethod
    def of(cls, owners: Iterable[PlannedOwner], rules: PlanRules) -> Owners:
        """All of these."""
        seen = cls(rules)
        for owner in owners:
            seen.add(owner)
        return seen

    @property
    def users(self) -> int:
        """How many users of Synap they become."""
        return sum(target.user_id is not None for target in self.targets)

    def add(self, owner: PlannedOwner) -> None:
        """Take one more owner in."""
        if owner.kind is None or owner.id is None:
            target = target_of(None, self.rules)
            if isinstance(target, Target):
                self._visible.add(owner.records, "records of nobody")
                self.targets.setdefault(target, None)
            return
        kind = ScopeKind(owner.kind)
        target = target_of((kind, owner.id), self.rules)
        if not isinstance(target, Target):
            return
        if target.user_id is None:
            self._tally_of_visible(kind, owner.id).add(
                owner.records,
                f"{kind} {owner.id} ({owner.records:,} record{'' if owner.records == 1 else 's'})",
            )
        if kind is ScopeKind.USER:
            self._compare(owner.id, target)
            self._join(owner.id, target)
        else:
            self.targets.setdefault(target, None)

    def _tally_of_visible(self, kind: ScopeKind, owner: str) -> _Tally:
        by_name = isinstance(self.rules.user_map.row_for((kind, owner)), str)
        return self._visible if by_name or kind is not ScopeKind.USER else self._wider

    def _join(self, user: str, target: Target) -> None:
        first = self.targets.get(target)
        if first is None:
            self.targets[target] = user
        elif target.user_id is not None:
            merged = self._merged.setdefault(target, _Tally(1, [first]))
            merged.add(1, user)
        if self._merging and self.rules.user_map.row_for((ScopeKind.USER, user)) in self._merging:
            self._by_rule.add(target)

    def _compare(self, user: str, target: Target) -> None:
        folded = " ".join(user.split()).casefold()
        other, its_target = self._alike.setdefault(folded, (user, target))
        if its_target != target:
            self._look_alikes.add(1, f"{other!r} and {user!r}")

    def findings(self) -> Iterable[Finding]:
        """What there is to say about them."""
        by_rule, by_rows = _Tally(), _Tally()
        for target, users in self._merged.items():
            tally = by_rule if target in self._by_rule else by_rows
            more = ", …" if users.count > _EXAMPLES else ""
            tally.add(users.count, f"{target.user_id} from {', '.join(users.examples)}{more}")
        for code, tally in (
            ("wider-than-source", self._wider),
            ("merged-by-rule", by_rule),
            ("merged-users", by_rows),
            ("visible-to-many", self._visible),
            ("look-alike-users", self._look_alikes),
        ):
            if tally.count:
                yield CATALOG[code].found(tally.count, tally.examples)


def may_be_refused(rules: PlanRules, accepted: frozenset[str]) -> bool:
    """Whether reading the source may show a rule to merge or to expose users.

    The source is then read to its end before the first document is sent.
    """
    return any(
        row.kind is ScopeKind.USER and _code_of_rule(row) not in {None, *accepted}
        for row in rules.user_map.rows()
    )


def _code_of_rule(row: Row) -> str | None:
    if isinstance(row.source_id, str) or not isinstance(row.decision, Target):
        return None
    if row.decision.user_id is None:
        return "wider-than-source"
    return "merged-by-rule" if merges_users(row) else None
