"""What parts of a run found, kept for the commands after it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from synap_import.sources import Finding, Severity

from .staging import storable

if TYPE_CHECKING:
    from .database import Connection


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


def kept(db: Connection, origin: str | None = None) -> list[Finding]:
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
