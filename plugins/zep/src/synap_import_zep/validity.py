"""Whether a fact of Graphiti or Zep still holds: the world's time, not the store's.

Graphiti stamps ``expired_at`` with the present on every fact that has an end, also on one
that ends in the future, so it says by itself nothing about the truth.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Validity(NamedTuple):
    """From when to when a fact is true, and when the store stopped to count on it."""

    valid_at: datetime | None
    invalid_at: datetime | None
    expired_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it is true at that moment, as far as the source knows."""
        if self.invalid_at is not None:
            return self.invalid_at > now
        return self.expired_at is None

    def dated(self, fact: str) -> str:
        """The fact with its time in words: read as plain text it would be the present."""
        if self.invalid_at is None:
            since = f" since {_day(self.expired_at)}" if self.expired_at else ""
            return f"{fact} (no longer held to be true{since})"
        beginning = f" from {_day(self.valid_at)}" if self.valid_at else ""
        return f"{fact} (was true{beginning} until {_day(self.invalid_at)})"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
