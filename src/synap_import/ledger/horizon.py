"""How far planning and sending have come, so that neither looks at what is behind it."""

from __future__ import annotations


class Horizon:
    """Numbers up to which nothing is undecided, or unsent, as far as this process knows.

    Where others write to the same tables, it cannot know: both stay at the beginning.
    """

    def __init__(self, *, is_shared: bool) -> None:
        self._is_shared = is_shared
        self.planned: float = 0
        self.claimed: float = 0

    def has_planned(self, up_to: int) -> None:
        """All records up to this one are decided."""
        if not self._is_shared:
            self.planned = up_to

    def has_claimed(self, up_to: int) -> None:
        """All documents up to this one were taken for sending."""
        if not self._is_shared:
            self.claimed = up_to

    def plan_from(self, number: float) -> None:
        """What comes from this record on may be undecided again."""
        self.planned = min(self.planned, number - 1)

    def claim_from(self, number: float) -> None:
        """What comes from this document on may be there to be sent."""
        self.claimed = min(self.claimed, number - 1)
