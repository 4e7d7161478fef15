"""What a comparison of the export with the source found, kept for the commands after it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from synap_import.sources import Finding, Severity

from .staging import storable


def keep(db: sqlite3.Connection, found: Sequence[Finding]) -> None:
    """Put these in the place of what was found before."""
    db.execute("DELETE FROM findings")
    db.executemany(
        "INSERT INTO findings (severity, code, message, remedy, count, examples)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                one.severity.value,
                one.code,
                storable(one.message),
                storable(one.remedy),
                one.count,
                json.dumps(one.examples),
            )
            for one in found
        ],
    )


def kept(db: sqlite3.Connection) -> list[Finding]:
    """What was found last, in its order."""
    rows = db.execute(
        "SELECT severity, code, message, remedy, count, examples FROM findings ORDER BY place"
    )
    return [
        Finding(Severity(severity), code, message, remedy, count, tuple(json.loads(examples)))
        for severity, code, message, remedy, count, examples in rows
    ]
