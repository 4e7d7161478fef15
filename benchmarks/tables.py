"""Markdown tables of what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from contenders import Contender, Run

if TYPE_CHECKING:
    from server import Model

Runs = Mapping[Contender, Sequence[Run]]

_SPEED_NOTE = """

Medians. The bare loops and the script are timed without their start, dlt and synap-import from
the start of the process to its end; CPU and memory are those of the whole process."""

_LIMITED_NOTE = """

Seconds run from the first request to the last one accepted, by the server's clock. Allowed is
what the bucket held at the start and what came into it in these seconds."""

_SCALE_NOTE = """

A further record is one more than in the row above: the time to start is not in it."""


def speed_table(title: str, runs: Runs, reference: Contender) -> str:
    """Records per second of each contender, as ratios to one of them, and what it cost."""
    middle = {name: _median(runs[name], lambda run: run.speed) for name in runs}
    rows = [
        [
            contender.name,
            f"{some[0].count:,}",
            f"{middle[contender]:,.0f}",
            f"{min(run.speed for run in some):,.0f} to {max(run.speed for run in some):,.0f}",
            f"{middle[contender] / middle[reference]:.2f}",
            f"{_median(some, lambda run: run.cpu_seconds * 1e6 / run.count):,.0f}",
            f"{_median(some, lambda run: run.peak_megabytes):,.0f}",
        ]
        for contender, some in runs.items()
    ]
    head = [title, "records", "records/s", "range", f"of {reference.name}"]
    return markdown_table([*head, "CPU µs/record", "peak MB"], rows) + _SPEED_NOTE


def limited_table(title: str, runs: Sequence[tuple[Contender, Model, Run]]) -> str:
    """How much of the allowed rate was used, and how often the server had to refuse."""
    rows = [
        [
            contender.name,
            str(model.burst),
            f"{run.seen.accepted:,}",
            f"{run.seen.loading_seconds:.1f}",
            f"{run.seen.accepted / run.seen.loading_seconds:.2f}",
            f"{run.seen.accepted / run.seen.allowed(model):.1%}",
            f"{run.seen.throttled / run.seen.batches:.2%}",
        ]
        for contender, model, run in runs
    ]
    head = [title, "burst", "batches", "seconds", "batches/s", "of the allowed", "answered 429"]
    return markdown_table(head, rows) + _LIMITED_NOTE


def scale_table(title: str, runs: Sequence[Sequence[Run]]) -> str:
    """Time and memory by the number of records."""
    rows = []
    shorter: tuple[int, float] = (0, 0.0)
    for some in runs:
        count = some[0].count
        seconds = _median(some, lambda run: run.seconds)
        further = (seconds - shorter[1]) / (count - shorter[0])
        shorter = (count, seconds)
        rows.append(
            [
                f"{count:,}",
                f"{seconds:.1f}",
                f"{seconds * 1e6 / count:.1f}",
                f"{further * 1e6:.1f}",
                f"{_median(some, lambda run: run.cpu_seconds):.1f}",
                f"{_median(some, lambda run: run.peak_megabytes):.1f}",
            ]
        )
    head = [title, "seconds", "µs/record", "µs/further record", "CPU seconds", "peak MB"]
    return markdown_table(head, rows) + _SCALE_NOTE


def _median(runs: Sequence[Run], figure: Callable[[Run], float]) -> float:
    return statistics.median(map(figure, runs))


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    align = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, align, *rows])
