"""Where a run is, for whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .ledger import Books


@dataclass(slots=True)
class Progress:
    """Counters of one run in records, updated by the pipeline and read by displays.

    ``expected`` is the number of records that the source announced, or None; ``foreseen`` is
    what the partitions begun so far will give, judged by how far the current one was read.
    ``to_confirm`` and ``confirmed`` count documents, once the load is done and they are followed.
    ``to_undo`` and ``undone`` count documents that are rolled back, ``to_verify`` and ``verified``
    those that are searched for.
    ``in_flight`` batches are under way, at most ``pace`` a second where that was learned.
    ``waiting`` says what the run waits for and until when (monotonic seconds).
    """

    expected: int | None = None
    foreseen: int | None = None
    reading_done: bool = False
    exported: int = 0
    planned: int = 0
    loaded: int = 0
    already_there: int = 0
    held: int = 0
    rejected: int = 0
    to_confirm: int = 0
    confirmed: int = 0
    to_undo: int = 0
    undone: int = 0
    to_verify: int = 0
    verified: int = 0
    in_doubt: int = 0
    in_flight: int = 0
    pace: float | None = None
    waiting: str = ""
    waiting_until: float = 0.0
    stopping: bool = False

    def go_on_from(self, books: Books) -> None:
        """Count on from what earlier runs of the job did."""
        self.exported = books.exported
        self.loaded = books.loaded
        self.already_there = books.already_there
        self.held = books.held_total
        self.rejected = books.rejected_total
        self.in_doubt = books.in_doubt

    @property
    def finished(self) -> int:
        """Records that have their final state."""
        return self.loaded + self.already_there + self.held + self.rejected + self.in_doubt


class ReadSoFar(NamedTuple):
    """How far a partition was read (0 to 1) when so many records were exported."""

    fraction: float
    exported: int


def foresee(begun: ReadSoFar, now: ReadSoFar) -> int | None:
    """How many records there will be at the partition's end, judged by two moments of reading.

    Two, because a resumed partition begins in its middle.
    """
    if now.fraction <= begun.fraction:
        return None
    share = (1 - now.fraction) / (now.fraction - begun.fraction)
    return now.exported + round((now.exported - begun.exported) * share)
