"""Notes down how a run goes, so that a report can draw it afterwards."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from .errors import LedgerError
from .ledger import Sample

if TYPE_CHECKING:
    from .progress import Progress
    from .watching import Run

_SECONDS = 1.0


async def keep_samples(run: Run) -> None:
    """Keep where the run is once a second, and at its end, until cancelled.

    A ledger that cannot take it any more tells the run itself, which knows what to do about it.
    """
    begun, clock = time.time(), time.monotonic()

    def keep() -> None:
        run.ledger.samples.keep(sample_of(run.progress, begun, begun + time.monotonic() - clock))

    with suppress(LedgerError):
        try:
            while True:
                keep()
                await anyio.sleep(_SECONDS)
        finally:
            keep()


def sample_of(progress: Progress, run: float, at: float) -> Sample:
    """Where the run that began then is now."""
    return Sample(
        run=run,
        at=at,
        exported=progress.exported,
        loaded=progress.loaded,
        already_there=progress.already_there,
        held=progress.held,
        rejected=progress.rejected,
        in_doubt=progress.in_doubt,
        confirmed=progress.confirmed,
        in_flight=progress.in_flight,
        pace=progress.pace,
    )
