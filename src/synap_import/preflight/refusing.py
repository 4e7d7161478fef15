"""Which findings stop a load, and the error that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from synap_import.errors import PreflightError, SynapImportError, UserMapError
from synap_import.ledger import Origin
from synap_import.planning import Hold, Unmapped
from synap_import.records import ScopeKind
from synap_import.sources import Severity

if TYPE_CHECKING:
    from synap_import.ledger import Ledger
    from synap_import.planning import PlanRules
    from synap_import.sources import Finding

_EXAMPLES = 5
_WAYS = (
    (
        {ScopeKind.USER},
        "--unmapped hold keeps users back, --unmapped identity keeps their ids",
    ),
    (
        {ScopeKind.AGENT, ScopeKind.SESSION, ScopeKind.APP},
        "--agents-as hold keeps back what has no user, --agents-as users makes users of them",
    ),
    (
        {ScopeKind.GROUP},
        "a group may be several people, so only rows of the map decide: see docs/user-map.md",
    ),
)


def refuses_unmapped(rules: PlanRules, accepted: frozenset[str]) -> bool:
    """Whether users that are not in the user map stop the load."""
    return rules.unmapped is Unmapped.FAIL and Hold.UNMAPPED_USER not in accepted


def refusal(ledger: Ledger, rules: PlanRules, accepted: frozenset[str]) -> SynapImportError | None:
    """Why nothing may be sent, by what the pre-flight found; None when it may."""
    if refuses_unmapped(rules, accepted):
        owners = ledger.accounting.held_owners(Hold.UNMAPPED_USER)
        if owners:
            return unmapped_error(owners)
    found = [*ledger.findings.kept(Origin.CHECK), *ledger.findings.kept(Origin.PREFLIGHT)]
    errors = unaccepted(found, accepted)
    return _error_of(errors) if errors else None


def accept(findings: Iterable[Finding], accepted: frozenset[str]) -> Iterator[Finding]:
    """The findings, with errors that were accepted as the warnings that they are now."""
    for one in findings:
        is_accepted = one.severity is Severity.ERROR and one.code in accepted
        yield replace(one, severity=Severity.WARNING) if is_accepted else one


def unaccepted(findings: Sequence[Finding], accepted: frozenset[str]) -> list[Finding]:
    """The errors among the findings that nobody said to go on with."""
    return [one for one in findings if one.severity is Severity.ERROR and one.code not in accepted]


def _error_of(errors: Sequence[Finding]) -> PreflightError:
    first = errors[0]
    shown = f" ({'; '.join(first.examples[:_EXAMPLES])})" if first.examples else ""
    others = ", ".join(one.code for one in errors[1:])
    also = f" There is also: {others}." if others else ""
    accept = " ".join(f"--accept {one.code}" for one in errors)
    return PreflightError(
        f"{first.message.rstrip('.')}{shown}.{also} Nothing was sent.",
        remedy=f"{first.remedy} Or, if it is meant so: {accept}. More about it: "
        f"synap-import explain {first.code}",
    )


def unmapped_error(owners: list[tuple[str, str, int]]) -> UserMapError:
    """The sentence for users of the source that the user map does not know."""
    shown = ", ".join(f"{kind} {owner!r} ({count})" for kind, owner, count in owners[:_EXAMPLES])
    more = f", and {len(owners) - _EXAMPLES} more" if len(owners) > _EXAMPLES else ""
    records = sum(count for *_, count in owners)
    kinds = {kind for kind, *_ in owners}
    remedies = "; ".join(way for of, way in _WAYS if not kinds.isdisjoint(of))
    return UserMapError(
        f"{len(owners)} ids of the source are not in the user map, with {records} records: "
        f"{shown}{more}. None of them was sent.",
        remedy=f"Add rows for them, or say what becomes of them: {remedies}.",
    )
