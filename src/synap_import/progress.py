"""Where a run is, for whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Counters of one run in records, updated by the pipeline and read by displays.

    ``expected`` is the number of records that the source announced, or None;
    ``fraction_read`` (0 to 1) stands in where it did not. ``waiting`` says what the run
    waits for and until when (monotonic seconds).
    """

    expected: int | None = None
    fraction_read: float | None = None
    reading_done: bool = False
    exported: int = 0
    planned: int = 0
    loaded: int = 0
    already_there: int = 0
    held: int = 0
    rejected: int = 0
    waiting: str = ""
    waiting_until: float = 0.0
    stopping: bool = False

    @property
    def finished(self) -> int:
        """Records that have their final state."""
        return self.loaded + self.already_there + self.held + self.rejected
