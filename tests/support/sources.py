"""Records and sources that a test writes down."""

from __future__ import annotations

from datetime import UTC, datetime

from synap_import import MemoryRecord, Scope
from synap_import.testing.fakes import FakeSource, NoConfig, Slice

__all__ = ["FakeSource", "NoConfig", "Slice", "record"]


def record(number: int, user: str | None = "ada", **changes: object) -> MemoryRecord:
    """A fact of a user; every test changes only what it is about."""
    fields: dict[str, object] = {
        "system": "fake",
        "id": str(number),
        "text": f"memory {number}",
        "scope": Scope(user=user),
        "created_at": datetime(2025, 6, 1, 12, tzinfo=UTC),
    }
    return MemoryRecord(**{**fields, **changes})
