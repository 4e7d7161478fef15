"""What the pre-flight says about a user map that can be used, and yet may surprise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synap_import.records import ScopeKind
from synap_import.sources import Finding, Severity

from .cells import ANY, excerpt
from .overlaps import overlaps
from .patterns import Pattern, names_in_braces
from .user_map import SOURCE_ID, Row, Target

if TYPE_CHECKING:
    from .user_map import UserMap

_EXAMPLES = 5


@dataclass(slots=True)
class _Tally:
    """Rows of one sort: all counted, the first ones named."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, row: Row, more: str = "") -> None:
        self.count += 1
        if self.count <= _EXAMPLES:
            who = ANY if row.source_id is None else excerpt(str(row.source_id))
            self.examples.append(f"line {row.line}: {who} ({row.kind}){more}")

    def finding(
        self, code: str, message: str, remedy: str, severity: Severity = Severity.WARNING
    ) -> Finding:
        return Finding(severity, code, message, remedy, self.count, tuple(self.examples))


def user_map_findings(user_map: UserMap) -> tuple[Finding, ...]:
    """Warnings: rows without decision, users merged by a rule, memories seen by many.

    Where there are patterns, also how many, and which of them come too late.
    """
    found = (*_decision_findings(user_map), *_pattern_findings(user_map))
    return tuple(finding for finding in found if finding.count)


def _decision_findings(user_map: UserMap) -> tuple[Finding, ...]:
    undecided, merged, wide = _Tally(), _Tally(), _Tally()
    for row in user_map.undecided():
        undecided.add(row)
    for row in user_map.rows():
        if isinstance(row.decision, Target) and row.decision.user_id is None:
            wide.add(row)
        elif merges_users(row):
            merged.add(row)
    return (
        undecided.finding(
            "user-map-undecided",
            "Rows of the user map have no decision; their records are held.",
            "Fill user_id, or choose an action.",
        ),
        merged.finding(
            "user-map-merges-users",
            "One Synap user gets the memories of all users that a rule or a pattern fits.",
            f"If they are different people, use {SOURCE_ID} or the pattern's parts in user_id.",
        ),
        wide.finding(
            "user-map-wide-visibility",
            "Rows of the user map make memories readable by more than one user.",
            "If that is not wanted, map these rows to users or skip them.",
        ),
    )


def _pattern_findings(user_map: UserMap) -> tuple[Finding, ...]:
    late, patterns = _Tally(), _Tally()
    for row, earlier in overlaps(user_map):
        late.add(row, f", after line {earlier.line}")
    for row in user_map.rows():
        if isinstance(row.source_id, Pattern):
            patterns.add(row)
    return (
        late.finding(
            "user-map-late-patterns",
            "Ids that fit these patterns also fit one that stands before, which decides.",
            "Put the more particular pattern first.",
        ),
        patterns.finding(
            "user-map-patterns",
            "Rows of the user map are patterns for many ids.",
            "",
            Severity.INFO,
        ),
    )


def merges_users(row: Row) -> bool:
    """Whether different users, or users of different customers, become one."""
    target = row.decision
    if not isinstance(target, Target) or target.user_id is None or SOURCE_ID in target.user_id:
        return False
    if isinstance(row.source_id, Pattern):
        return _leaves_people_out(row.source_id, row.kind, target)
    return row.kind is ScopeKind.USER and row.source_id is None


def _leaves_people_out(pattern: Pattern, kind: ScopeKind, target: Target) -> bool:
    """Whether ids that differ in user or customer give the same ids in Synap."""
    kept = set(names_in_braces(target.user_id or "")) & set(pattern.names)
    kept_in_both = kept | set(names_in_braces(target.customer_id or ""))
    if kind is ScopeKind.USER and not kept:
        return True
    loses_user = "user" in pattern.names and "user" not in kept
    return loses_user or ("customer" in pattern.names and "customer" not in kept_in_both)
