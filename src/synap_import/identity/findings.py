"""What the pre-flight says about a user map that can be used, and yet may surprise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synap_import.records import ScopeKind
from synap_import.sources import Finding, Severity

from .cells import ANY, excerpt
from .user_map import SOURCE_ID, Row, Target, Verdict

if TYPE_CHECKING:
    from .user_map import UserMap

_EXAMPLES = 5


@dataclass(slots=True)
class _Tally:
    """Rows of one sort: all counted, the first ones named."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.count += 1
        if self.count <= _EXAMPLES:
            who = ANY if row.source_id is None else excerpt(row.source_id)
            self.examples.append(f"line {row.line}: {who} ({row.kind})")

    def warning(self, code: str, message: str, remedy: str) -> Finding:
        examples = tuple(self.examples)
        return Finding(Severity.WARNING, code, message, remedy, self.count, examples)


def user_map_findings(user_map: UserMap) -> tuple[Finding, ...]:
    """Warnings: rows without decision, users merged by a rule, memories seen by many."""
    undecided, merged, wide = _Tally(), _Tally(), _Tally()
    for row in user_map.rows():
        if row.decision is Verdict.UNDECIDED:
            undecided.add(row)
        elif isinstance(row.decision, Target) and row.decision.user_id is None:
            wide.add(row)
        elif _merges_users(row):
            merged.add(row)
    found = (
        undecided.warning(
            "user-map-undecided",
            "Rows of the user map have no decision; their records are held.",
            "Fill user_id, or choose an action.",
        ),
        merged.warning(
            "user-map-merges-users",
            "One Synap user gets the memories of all users that have no row of their own.",
            f"If they are different people, use {SOURCE_ID} in user_id, or the action keep.",
        ),
        wide.warning(
            "user-map-wide-visibility",
            "Rows of the user map make memories readable by more than one user.",
            "If that is not wanted, map these rows to users or skip them.",
        ),
    )
    return tuple(finding for finding in found if finding.count)


def _merges_users(row: Row) -> bool:
    target = row.decision
    return (
        row.kind is ScopeKind.USER
        and row.source_id is None
        and isinstance(target, Target)
        and SOURCE_ID not in (target.user_id or "")
    )
