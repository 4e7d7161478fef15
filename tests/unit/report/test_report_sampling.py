"""A run leaves samples of where it was, and they are never what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import anyio

from synap_import.ledger import Books, Ledger, SqliteLedger
from synap_import.progress import Progress
from synap_import.sampling import keep_samples


@dataclass
class Run:
    """A run that has come so far."""

    ledger: Ledger
    progress: Progress

    async def run(self) -> Books:
        return self.ledger.books()

    def stop(self) -> None:
        """It has nothing in hand."""


def watch(run: Run) -> None:
    async def watched() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(keep_samples, run)
            await anyio.wait_all_tasks_blocked()
            run.progress.loaded = 40
            run.progress.in_flight = 0
            tasks.cancel_scope.cancel()

    anyio.run(watched)


def test_a_run_of_a_moment_leaves_its_beginning_and_its_end(ledger: Ledger) -> None:
    watch(Run(ledger, Progress(loaded=10, in_flight=3, pace=2.5)))
    first, last = ledger.samples.kept()
    assert (first.loaded, first.in_flight, first.pace) == (10, 3, 2.5)
    assert (last.loaded, last.in_flight) == (40, 0)
    assert first.run == last.run <= first.at <= last.at


def test_a_ledger_that_takes_no_samples_does_not_end_the_run(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "closed.sqlite")
    ledger.close()
    watch(Run(ledger, Progress()))
