"""The checks of plugins, run in the pre-flight once everything was read and planned.

One that fails is named in the finding ``check-failed``. That is an error where the check may stop a
load, since nobody knows what it would have found; otherwise a warning, and the load goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synap_import.preflight.codes import CATALOG
from synap_import.sources import Finding, Severity

from .faults import WrongAnswerError, described
from .looking import LedgerView

if TYPE_CHECKING:
    from synap_import.hookspecs import CheckDeclaration
    from synap_import.ledger import Ledger
    from synap_import.plugins import InstalledHook


@dataclass(frozen=True, slots=True)
class Checks:
    """All that are installed, for a job of this source to this destination."""

    installed: Mapping[str, InstalledHook[CheckDeclaration]]
    source: str
    destination: str

    @property
    def may_stop(self) -> bool:
        """Whether one of them may have nothing sent."""
        return any(one.declaration.may_stop for one in self.installed.values())

    async def run(self, ledger: Ledger) -> list[Finding]:
        """What they find."""
        view = LedgerView(ledger, self.source, self.destination)
        found: list[Finding] = []
        for one in self.installed.values():
            try:
                check = one.load()
                found += [_valid(one.declaration, finding) for finding in await check(view)]
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                found.append(_failed(one, error))
        return found


def _valid(declaration: CheckDeclaration, finding: Finding) -> Finding:
    if not finding.code.startswith(f"{declaration.name}-"):
        raise WrongAnswerError(f"the code {finding.code} does not begin with {declaration.name}-")
    if finding.severity is Severity.ERROR and not declaration.may_stop:
        return replace(finding, severity=Severity.WARNING)
    return finding


def _failed(one: InstalledHook[CheckDeclaration], error: Exception) -> Finding:
    name = f"{one.declaration.name} ({one.origin}): {described(error)}"
    finding = CATALOG["check-failed"].found(1, [name])
    return replace(finding, severity=Severity.ERROR) if one.declaration.may_stop else finding
