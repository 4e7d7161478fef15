"""What parts of a run found, kept for the commands after it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from synap_import.sources import Finding, Severity

from .staging import storable
from .values import Origin

if TYPE_CHECKING:
    from .database import Connection, Transaction


class Findings:
    """What parts of a run found. Every method is one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def keep(self, found: Sequence[Finding], origin: Origin = Origin.RECONCILE) -> None:
        """Keep what a part of a run found, in the place of what it found before."""
        with self._transaction("keep_findings") as db:
            keep(db, found, origin)

    def kept(self, origin: Origin | None = None) -> list[Finding]:
        """What was kept last, of one part or of all."""
        with self._transaction() as db:
            return _kept(db, origin)


def keep(db: Connection, found: Sequence[Finding], origin: str) -> None:
    """Put these in the place of what this part found before."""
    db.execute("DELETE FROM findings WHERE origin = ?", (origin,))
    db.executemany(
        "INSERT INTO findings (severity, code, message, remedy, count, examples, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.severity.value,
                one.code,
                storable(one.message),
                storable(one.remedy),
                one.count,
                json.dumps(one.examples),
                origin,
            )
            for one in found
        ],
    )


def _kept(db: Connection, origin: str | None) -> list[Finding]:
    """What was found last (by a part), in its order."""
    rows = db.execute(
        "SELECT severity, code, message, remedy, count, examples FROM findings"
        " WHERE origin = coalesce(?, origin) ORDER BY place",
        (origin,),
    )
    return [
        Finding(Severity(severity), code, message, remedy, count, tuple(json.loads(examples)))
        for severity, code, message, remedy, count, examples in rows
    ]
