"""What a job keeps about itself: one value under each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .database import Connection

NOTE = (
    "INSERT INTO job (key, value) VALUES (?, ?)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def note(db: Connection, key: str, value: str) -> None:
    """Keep a value in the place of what was kept under this key."""
    db.execute(NOTE, (key, value))


def noted(db: Connection, key: str) -> str | None:
    """What was last kept under this key."""
    row = db.execute("SELECT value FROM job WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None
