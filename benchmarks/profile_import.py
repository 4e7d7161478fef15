"""Where the time of an import goes: microseconds per record, by module and by function.

    make profile
    python benchmarks/profile_import.py --records 20000 --top 40

Measured by cProfile, which makes small functions look dearer than they are: good for
finding costs and comparing them, not for their sum. What C code takes counts for the
module that calls it. Only the main thread is seen, which is where an import works. A
coroutine counts as called each time it goes on.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from records import write_records
from server import Model, model_synap

_BUILT_IN = "~"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_ROOT = re.compile(r".*/(?:site-packages|src|lib/python3\.\d+)/")


class Cost(NamedTuple):
    """What one function took, in seconds: by itself, and with what it called."""

    module: str
    function: str
    calls: int
    own: float
    total: float


def profiled_import(folder: Path, count: int) -> pstats.Stats:
    """One import under the profiler, in this process."""
    records = folder / "records.jsonl"
    write_records(records, count)
    os.environ.update(SYNAP_API_KEY="synap_bench", NO_PROXY="127.0.0.1")
    from synap_import.cli.main import main as command  # noqa: PLC0415 - not in the server

    profile = cProfile.Profile()
    with (
        model_synap(Model()) as url,
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        source = ["json", str(records), "--user-map", "identity", "--confirm", "none"]
        place = ["--synap-url", url, "--workdir", str(folder), "--json"]
        try:
            profile.runcall(command, [*source, *place])
        except SystemExit as ended:
            if ended.code:
                raise
    return pstats.Stats(profile)


def costs(stats: pstats.Stats) -> list[Cost]:
    """The functions of a profile."""
    entries: dict[Any, Any] = vars(stats)["stats"]
    return [
        Cost(_module(path), name, calls, own, total)
        for (path, _, name), (_, calls, own, total, _) in entries.items()
    ]


def module_costs(stats: pstats.Stats) -> Counter[str]:
    """Seconds that each module took by itself, with the C code that it called."""
    entries: dict[Any, Any] = vars(stats)["stats"]
    seconds: Counter[str] = Counter()
    for (path, _, name), (_, _, own, _, callers) in entries.items():
        if path != _BUILT_IN or not callers:
            seconds[_module(path)] += own
            continue
        if "select." in name:
            seconds["(waiting for the server)"] += own
            continue
        for (caller, _, _), (_, _, part, _) in callers.items():
            seconds[_module(caller)] += part
    return seconds


def _module(path: str) -> str:
    if path == _BUILT_IN:
        return "built-in"
    return _ROOT.sub("", path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _packages(modules: Counter[str]) -> Counter[str]:
    packages: Counter[str] = Counter()
    for module, seconds in modules.items():
        packages[module.partition(".")[0]] += seconds
    return packages


def _print_counter(title: str, seconds: Counter[str], count: int, top: int) -> None:
    print(f"| {title} | µs/record | share |\n| --- | ---: | ---: |")
    for name, own in seconds.most_common(top):
        print(f"| {name} | {own * 1e6 / count:.1f} | {own / seconds.total():.1%} |")
    print()


def _print_functions(title: str, some: Iterable[Cost], count: int) -> None:
    print(f"| {title} | itself, µs/record | with what it calls | calls/record |")
    print("| --- | ---: | ---: | ---: |")
    for cost in some:
        figures = f"{cost.own * 1e6 / count:.2f} | {cost.total * 1e6 / count:.1f}"
        name = _ADDRESS.sub("", f"{cost.module}: {cost.function}")
        print(f"| {name} | {figures} | {cost.calls / count:.2f} |")
    print()


def main() -> None:
    """Profile an import and print its costs."""
    parser = argparse.ArgumentParser(description="Where the time of an import goes.")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--top", type=int, default=25)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        stats = profiled_import(Path(name), options.records)
    modules, functions = module_costs(stats), costs(stats)
    ours = [cost for cost in functions if cost.module.startswith("synap_import")]
    by_own = sorted(functions, key=lambda cost: -cost.own)
    by_total = sorted(ours, key=lambda cost: -cost.total)
    print(f"{options.records:,} records, Python {sys.version.split()[0]}\n")
    _print_counter("package", _packages(modules), options.records, options.top)
    _print_counter("module", modules, options.records, options.top)
    _print_functions("function", by_own[: options.top], options.records)
    _print_functions("our function", by_total[: options.top], options.records)


if __name__ == "__main__":
    main()
