"""The part of the pre-flight that needs no records: the source's own word, user map, instance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from synap_import.errors import UserMapError
from synap_import.events import FindingSeen
from synap_import.identity import apply_isolation_rule
from synap_import.identity.isolation import B2C
from synap_import.planning import moved_owners

from .codes import CATALOG
from .marks import Marker
from .privacy import Privacy, is_installed

if TYPE_CHECKING:
    from synap_import.destinations import Destination
    from synap_import.events import Event, Listener
    from synap_import.ledger import Ledger
    from synap_import.planning import PlanRules
    from synap_import.sources import Finding


@dataclass(slots=True)
class FindingsSaid:
    """What was found before the source is read: told at once, and kept."""

    tell: Listener
    findings: list[Finding] = field(default_factory=list)

    @property
    def codes(self) -> set[str]:
        """The codes of what was found."""
        return {finding.code for finding in self.findings}

    def hear(self, event: Event) -> None:
        """Pass an event on, and keep the finding in it."""
        if isinstance(event, FindingSeen):
            self.findings.append(event.finding)
        self.tell(event)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Some more."""
        for finding in findings:
            self.hear(FindingSeen(finding))


def marker_for(rules: PlanRules) -> Marker:
    """What looks at records; also for secrets, where the extra for it is installed.

    Raises ConfigurationError when ``--redact`` needs it, and it is not.
    """
    return Marker(Privacy().scan) if rules.redact or is_installed() else Marker()


def rules_for(
    destination: Destination, rules: PlanRules, said: FindingsSaid, *, is_dry: bool
) -> PlanRules:
    """The rules with customers as the instance wants them.

    Raises UserMapError when Synap would refuse documents; in a dry run that is a finding.
    """
    isolation = destination.identity.isolation if destination.identity else None
    if isolation is None:
        said.extend([CATALOG["isolation-not-checked"].found(1)])
    try:
        user_map = apply_isolation_rule(
            rules.user_map, isolation=isolation, customer_id=rules.customer_id
        )
    except UserMapError as error:
        if not is_dry:
            raise
        code = "b2c-with-customer" if isolation == B2C else "b2b-without-customer"
        said.extend([CATALOG[code].found(1, message=error.message)])
        return rules
    return replace(rules, user_map=user_map)


def moved_owner_findings(ledger: Ledger, rules: PlanRules) -> Iterator[Finding]:
    """The owners whose records are in Synap under other ids than the rules say now."""
    moved = moved_owners(ledger.accounting.loaded_targets(), rules)
    if moved:
        yield CATALOG["moved-owners"].found(len(moved), moved)
