"""synap-import beside other ways to load the same records, as ratios measured in one run.

    make bench
    python benchmarks/throughput.py instant latency limited scale
    python benchmarks/throughput.py limited --limited-records 30000

instant   a server that answers at once, against a bare loop over the SDK
latency   one that takes 100 ms or 500 ms a batch, against the documentation's script
limited   one that lets 600 requests a minute through
scale     time and memory of the import by the number of records

Prints Markdown for docs/performance.md; the progress goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import signal
import sys
import tempfile
from pathlib import Path

from contenders import (
    DLT,
    DLT_FILES,
    IMPORT,
    IMPORT_USERS,
    PUMP,
    SCRIPT,
    SDK_LOOP,
    Contender,
    Run,
    Track,
    available,
)
from records import BATCH
from server import Model
from tables import limited_table, scale_table, speed_table

_SEQUENTIAL_SECONDS = 10


def measure_instant(track: Track, options: argparse.Namespace) -> list[str]:
    """All contenders against a server that answers at once."""
    contenders = available(PUMP, SDK_LOOP, SCRIPT, DLT, DLT_FILES, IMPORT, IMPORT_USERS)
    plan = dict.fromkeys(contenders, options.records)
    runs = _rounds(track, Model(), plan, options.rounds)
    return [speed_table("instant server", runs, SDK_LOOP)]


def measure_latency(track: Track, options: argparse.Namespace) -> list[str]:
    """All contenders against servers that take their time."""
    contenders = available(PUMP, SDK_LOOP, SCRIPT, DLT, DLT_FILES, IMPORT, IMPORT_USERS)
    tables = []
    for delay, records, rounds in (
        (0.1, options.records, options.rounds),
        (0.5, options.records // 2, 1),
    ):
        few = min(records, round(_SEQUENTIAL_SECONDS / delay) * BATCH)
        plan = {one: few if one.sequential else records for one in contenders}
        runs = _rounds(track, Model(delay), plan, rounds)
        tables.append(speed_table(f"{delay * 1000:.0f} ms a batch", runs, SCRIPT))
    return tables


def measure_limited(track: Track, options: argparse.Namespace) -> list[str]:
    """The import with a small and a large burst; others with a third of the records."""
    some, few = options.limited_records, options.limited_records // 3
    narrow, wide = Model(per_minute=600, burst=10), Model(per_minute=600, burst=50)
    plan = [(IMPORT, narrow, some), (IMPORT, wide, some)]
    plan += [(one, narrow, few) for one in available(SCRIPT, DLT_FILES)]
    runs = [(one, model, track.run(one, model, count)) for one, model, count in plan]
    return [limited_table("600 requests a minute", runs)]


def measure_scale(track: Track, options: argparse.Namespace) -> list[str]:
    """The import of more and more records. A million once: it is long enough."""
    runs = [
        [track.run(IMPORT, Model(), count) for _ in range(1 if count > 500_000 else options.rounds)]
        for count in sorted(options.scale)
    ]
    return [scale_table("records", runs)]


def _rounds(
    track: Track, model: Model, plan: dict[Contender, int], rounds: int
) -> dict[Contender, list[Run]]:
    """Each contender in each round, so that a busy moment of the machine hits them alike."""
    runs: dict[Contender, list[Run]] = {contender: [] for contender in plan}
    for number in range(rounds):
        print(f"{model}, round {number + 1} of {rounds}", file=sys.stderr)
        for contender, count in plan.items():
            runs[contender].append(track.run(contender, model, count))
    return runs


_MEASUREMENTS = {
    "instant": measure_instant,
    "latency": measure_latency,
    "limited": measure_limited,
    "scale": measure_scale,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wanted", nargs="*", metavar="measurement", help=", ".join(_MEASUREMENTS))
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, for the median")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--limited-records", type=int, default=150_000)
    parser.add_argument("--scale", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    if unknown := set(options.wanted) - set(_MEASUREMENTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return options


def main() -> None:
    """Measure what is asked for, or everything."""
    options = _options()
    # So that a contender does not outlive the benchmark.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as name:
        track = Track(Path(name))
        for wanted in options.wanted or _MEASUREMENTS:
            for table in _MEASUREMENTS[wanted](track, options):
                print(table, end="\n\n", flush=True)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"No peak can be below that of the benchmark itself, {own / 1024:.0f} MB.")


if __name__ == "__main__":
    main()
