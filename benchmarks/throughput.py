"""Records per second, as ratios measured in one run against a Synap on loopback.

(a) 100,000 JSON Lines records end to end, against a bare loop over the SDK's batch_create;
(b) the same with 100 ms per batch, against the sequential script of Synap's documentation;
(c) peak memory at 1,000,000 records, against 10,000.

    make bench
"""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from maximem_synap import CreateMemoryRequest, MaximemSynapSDK, SDKConfig
from server import instant_synap

_ENVIRONMENT = {**os.environ, "SYNAP_API_KEY": "synap_bench", "NO_PROXY": "127.0.0.1"}
_USERS = 1000


def _text(number: int) -> str:
    return f"Memory {number}: " + "the user said something worth keeping. " * 4


def write_records(path: Path, count: int) -> None:
    """Records of about 300 bytes, of 1,000 users."""
    with path.open("w") as file:
        for number in range(count):
            file.write(
                f'{{"id": "m-{number:08d}", "user_id": "user-{number % _USERS}", '
                f'"content": "{_text(number)}", '
                f'"created_at": "2025-06-01T12:00:{number % 60:02d}Z", '
                f'"metadata": {{"topic": "t{number % 7}"}}}}\n'
            )


def write_user_map(path: Path) -> None:
    """A row for each user."""
    rows = "".join(f"user-{n},u-{n},\n" for n in range(_USERS))
    path.write_text("source_id,user_id,customer_id\n" + rows)


def run_import(records: Path, user_map: str, url: str, workdir: Path) -> tuple[float, int]:
    """Seconds and peak kilobytes of one import in a process of its own."""
    command = [
        *(sys.executable, "-m", "synap_import", "json", str(records), "--user-map", user_map),
        *("--synap-url", url, "--workdir", str(workdir), "--json"),
    ]
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        raise SystemExit(f"the import failed with status {status}")
    return seconds, usage.ru_maxrss


def _document(number: int) -> dict[str, object]:
    """What an import makes of a record of :func:`write_records`."""
    document_id = f"legacy_json_m-{number:08d}"
    return {
        "document": _text(number),
        "document_type": "document",
        "document_id": document_id,
        "document_created_at": f"2025-06-01T12:00:{number % 60:02d}Z",
        "user_id": f"user-{number % _USERS}",
        "metadata": {
            "source": "migration",
            "document_id": document_id,
            "original_system": "json",
            "original_id": f"m-{number:08d}",
            "original_kind": "fact",
            "original_created_at": f"2025-06-01T12:00:{number % 60:02d}+00:00",
            "original_user_id": f"user-{number % _USERS}",
            "source_metadata": {"topic": f"t{number % 7}"},
        },
    }


def bare_sdk_loop(url: str, count: int, in_flight: int) -> float:
    """Documents per second of a loop over batch_create and nothing else."""

    async def run() -> float:
        sdk = MaximemSynapSDK(
            api_key="synap_bench",
            config=SDKConfig(
                api_base_url=url, cache_backend=None, history_search_model=None, retry_policy=None
            ),
            _force_new=True,
        )
        await sdk.initialize()
        numbers = iter(range(0, count, 100))

        async def work() -> None:
            for start in numbers:
                await sdk.memories.batch_create(
                    [CreateMemoryRequest(**_document(n)) for n in range(start, start + 100)]
                )

        begin = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        seconds = time.perf_counter() - begin
        await sdk.shutdown()
        return count / seconds

    return asyncio.run(run())


def repeated(times: int, measure: Callable[[], float]) -> list[float]:
    """The figures of several runs."""
    return [measure() for _ in range(times)]


def median_row(name: str, figures: list[float], reference: float | None = None) -> str:
    """A row of the table: median, spread, ratio."""
    middle = statistics.median(figures)
    spread = f"{min(figures):,.0f} to {max(figures):,.0f}"
    ratio = f"{middle / reference:.2f}" if reference else ""
    return f"| {name} | {middle:,.0f} | {spread} | {ratio} |"


def measure_throughput(folder: Path, times: int) -> list[str]:
    """Tables (a) and (b)."""
    records, count = folder / "records.jsonl", 100_000
    write_records(records, count)
    users = folder / "users.csv"
    write_user_map(users)
    rows = ["| run | records/s, median | range | ratio |", "|---|---|---|---|"]

    def imported(url: str, user_map: str) -> Callable[[], float]:
        def run() -> float:
            with tempfile.TemporaryDirectory(dir=folder) as workdir:
                return count / run_import(records, user_map, url, Path(workdir))[0]

        return run

    ways = {"identity map": "identity", "users.csv": str(users)}
    with instant_synap() as url:
        bare = repeated(times, lambda: bare_sdk_loop(url, count, 8))
        rows.append(median_row("(a) bare SDK loop, 8 in flight", bare))
        for name, user_map in ways.items():
            figures = repeated(times, imported(url, user_map))
            rows.append(median_row(f"(a) import, {name}", figures, statistics.median(bare)))
    with instant_synap(0.1) as url:
        script = repeated(1, lambda: bare_sdk_loop(url, 10_000, 1))
        rows.append(median_row("(b) 100 ms: sequential script", script))
        for name, user_map in ways.items():
            figures = repeated(times, imported(url, user_map))
            rows.append(median_row(f"(b) import, {name}", figures, statistics.median(script)))
    return rows


def measure_memory(folder: Path) -> list[str]:
    """Table (c)."""
    rows = ["| records | seconds | peak memory, MB |", "|---|---|---|"]
    records = folder / "records.jsonl"
    with instant_synap() as url:
        for count in (10_000, 1_000_000):
            write_records(records, count)
            with tempfile.TemporaryDirectory(dir=folder) as workdir:
                seconds, kilobytes = run_import(records, "identity", url, Path(workdir))
            rows.append(f"| {count:,} | {seconds:.1f} | {kilobytes / 1024:.1f} |")
    return rows


def main() -> None:
    """Measure what is asked for: throughput, memory, or both."""
    wanted = sys.argv[1:] or ["throughput", "memory"]
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as name:
        if "throughput" in wanted:
            print("\n".join(measure_throughput(Path(name), times=3)), end="\n\n", flush=True)
        if "memory" in wanted:
            print("\n".join(measure_memory(Path(name))))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\n(the benchmark itself: {own / 1024:.0f} MB)")


if __name__ == "__main__":
    main()
