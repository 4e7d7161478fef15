"""Shows a run while it goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from .terminal import duration, is_watched, number, say

if TYPE_CHECKING:
    from synap_import.progress import Progress
    from synap_import.watching import Run

_REDRAW_SECONDS = 0.2
_LINE_SECONDS = 5.0
_RATE_WINDOW_SECONDS = 15.0


@dataclass(slots=True)
class Pace:
    """How fast records get their final state, measured over the last seconds."""

    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def update(self, now: float, finished: int) -> float:
        """Note where the run is; returns records per second."""
        self._samples.append((now, finished))
        while now - self._samples[0][0] > _RATE_WINDOW_SECONDS:
            self._samples.popleft()
        first_time, first_count = self._samples[0]
        elapsed = now - first_time
        return (finished - first_count) / elapsed if elapsed > 0 else 0.0


def estimated_total(progress: Progress) -> int | None:
    """How many records there will be: known, announced, or judged by what was read so far."""
    if progress.reading_done:
        return progress.exported
    if progress.expected is not None:
        return max(progress.expected, progress.exported)
    return progress.foreseen


def describe(progress: Progress, rate: float, now: float) -> str:
    """The run in one line."""
    if progress.to_undo:
        done, of = number(progress.undone), number(progress.to_undo)
        parts = [f"rolled back {done} of {of} documents"]
    elif progress.to_verify:
        done, of = number(progress.verified), number(progress.to_verify)
        parts = [f"verified {done} of {of} documents"]
    else:
        parts = _confirmed(progress) if progress.to_confirm else _loaded(progress, rate)
    if progress.waiting:
        left = max(0.0, progress.waiting_until - now)
        parts.append(f"waiting for {progress.waiting}: {duration(left)}")
    if progress.stopping:
        parts.append("finishing what is in flight")
    return " · ".join(parts)


def _completed(progress: Progress) -> int:
    if progress.to_undo:
        return progress.undone
    if progress.to_verify:
        return progress.verified
    return progress.confirmed if progress.to_confirm else progress.finished


def _confirmed(progress: Progress) -> list[str]:
    return [f"confirmed {number(progress.confirmed)} of {number(progress.to_confirm)} documents"]


def _loaded(progress: Progress, rate: float) -> list[str]:
    parts = [
        f"exported {number(progress.exported)}",
        f"loaded {number(progress.loaded)}",
        f"held {number(progress.held)}",
        f"rejected {number(progress.rejected)}",
    ]
    # As long as it only reads, what finishes are the held ones: no measure of the load to come.
    is_sending = bool(progress.loaded or progress.already_there or progress.in_flight)
    if is_sending:
        parts.append(f"{number(round(rate))}/s")
    if progress.already_there:
        parts.insert(2, f"already there {number(progress.already_there)}")
    if progress.in_doubt:
        parts.append(f"in doubt {number(progress.in_doubt)}")
    total = estimated_total(progress)
    if total is not None and is_sending and rate >= 1 and total > progress.finished:
        parts.append(f"about {duration((total - progress.finished) / rate)} left")
    return parts


async def show(run: Run) -> None:
    """Show the run until cancelled."""
    await (_show_bar(run.progress) if is_watched() else _show_lines(run.progress))


async def _show_lines(progress: Progress) -> None:
    pace = Pace()
    shown = ""
    while True:
        pace.update(anyio.current_time(), progress.finished)
        await anyio.sleep(_LINE_SECONDS)
        now = anyio.current_time()
        line = describe(progress, pace.update(now, progress.finished), now)
        if line != shown:
            say(line)
            shown = line


async def _show_bar(progress: Progress) -> None:
    from rich.console import Console  # noqa: PLC0415 - only where a bar is drawn
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    pace = Pace()
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        update: Callable[..., None] = bar.update
        while True:
            now = anyio.current_time()
            line = describe(progress, pace.update(now, progress.finished), now)
            update(
                task,
                description=line,
                total=progress.to_undo
                or progress.to_verify
                or progress.to_confirm
                or estimated_total(progress),
                completed=_completed(progress),
            )
            await anyio.sleep(_REDRAW_SECONDS)
