"""A re-sync of 100 changes in 100,000 records, beside reading the source alone.

    make bench-resync
    python benchmarks/resync.py --records 100000 --rounds 5

Reading alone is a process that has the adapter yield every page, and does nothing with them. The
re-sync is the command, from its start to its end, against a server that answers at once: as far
as that everything is accepted, and then with following what was sent and deleting what was
replaced. All are run in turn, so that a busy moment of the machine hits them alike.
Prints Markdown for docs/resync.md; the progress goes to standard error.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from lean_http import own_process, response
from mem0_platform import Platform as _Platform
from processes import Usage, measured
from records import record
from server import Model, counters, model_synap
from tables import markdown_table

_CHANGES = 100

Lines = Iterator[str]


class Variant(NamedTuple):
    """A way in which the file changes; ``documents`` are to be sent then."""

    name: str
    change: Callable[[int], Lines]
    documents: int = _CHANGES


def _line(number: int, content: str | None = None) -> str:
    changes = {} if content is None else {"content": content}
    return json.dumps({**record(number), **changes}) + "\n"


def _changed(count: int, changes: int) -> Lines:
    """So many records, with changes spread evenly over them."""
    step = count // changes
    for number in range(count):
        yield _line(number, f"changed {number}" if number % step == step // 2 else None)


def _in_place(count: int) -> Lines:
    yield from _changed(count, _CHANGES)


def _and_appended(count: int) -> Lines:
    yield from _changed(count, 60)
    yield from (_line(count + number) for number in range(40))


def _and_gone(count: int) -> Lines:
    lines = _changed(count, _CHANGES)
    # Ten at the beginning, so that all others come on other pages than before.
    for _ in range(10):
        next(lines)
    yield from lines


VARIANTS = (
    Variant("nothing", lambda count: (_line(number) for number in range(count)), 0),
    Variant("100 changed", _in_place),
    Variant("60 changed, 40 appended", _and_appended),
    Variant("100 changed, the first 10 gone", _and_gone),
)


@dataclass(slots=True)
class Measured:
    """What the runs of a variant took."""

    reading: list[Usage] = field(default_factory=list)
    sending: list[Usage] = field(default_factory=list)
    whole: list[Usage] = field(default_factory=list)


class Bench:
    """A job that loaded the file once, and copies of it that are synced."""

    def __init__(self, folder: Path, url: str, count: int) -> None:
        self._folder = folder
        self._url = url
        self._count = count
        self._file = folder / "records.jsonl"
        self._write(VARIANTS[0])
        self._import(folder / "base", "--confirm", "sample")

    def measure(self, variant: Variant, took: Measured) -> None:
        """Each once."""
        self._write(variant)
        reading = [sys.executable, __file__, "--read", str(self._file)]
        took.reading.append(measured(reading, self._folder))
        took.sending.append(self._sync(variant, "--confirm", "none", "--keep-replaced"))
        took.whole.append(self._sync(variant))

    def _sync(self, variant: Variant, *options: str) -> Usage:
        work = self._folder / "work"
        shutil.copytree(self._folder / "base", work)
        before = counters(self._url).documents
        usage = self._import(work, "--resync", *options)
        sent = counters(self._url).documents - before
        shutil.rmtree(work)
        if sent != variant.documents:
            raise SystemExit(f"{sent} documents were sent for {variant.name}: {usage.said}")
        return usage

    def _import(self, work: Path, *options: str) -> Usage:
        command = [sys.executable, "-m", "synap_import", "json", str(self._file)]
        command += ["--user-map", "identity", "--synap-url", self._url, "--workdir", str(work)]
        return measured([*command, *options], self._folder)

    def _write(self, variant: Variant) -> None:
        with self._file.open("w") as file:
            file.writelines(variant.change(self._count))


def _row(variant: Variant, took: Measured) -> list[str]:
    reading = _median(took.reading)
    return [
        variant.name,
        str(variant.documents),
        f"{reading.seconds:.2f}",
        *_beside(_median(took.sending), reading),
        *_beside(_median(took.whole), reading),
        f"{max(one.peak_megabytes for one in took.sending):.0f}",
    ]


def _beside(usage: Usage, reading: Usage) -> list[str]:
    return [
        f"{usage.seconds:.2f}",
        f"{usage.seconds / reading.seconds:.2f}",
        f"{usage.cpu_seconds / reading.cpu_seconds:.2f}",
    ]


def _median(some: list[Usage]) -> Usage:
    seconds = statistics.median(one.seconds for one in some)
    cpu = statistics.median(one.cpu_seconds for one in some)
    return Usage(seconds, cpu, 0.0, "")


class _Account(_Platform):
    """A Mem0 Platform on which so many memories change once ``/change`` was asked for."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self._step = 0
        self._of = count // _CHANGES

    async def answer(self, request: bytes, body: bytes) -> bytes:
        if request.startswith(b"GET /change "):
            self._step = self._of
            return response(b"{}")
        return await super().answer(request, body)

    def _memory(self, number: int) -> dict[str, Any]:
        memory = super()._memory(number)
        if self._step and number % self._step == self._step // 2:
            memory["memory"] += " It changed."
        return memory


def _measure_mem0(folder: Path, synap: str, count: int, rounds: int) -> Measured:
    """The same beside reading a Mem0 Platform that takes 50 ms for each answer."""
    took = Measured()
    with own_process(_Account, count) as url:
        command = [sys.executable, "-m", "synap_import", "mem0", "--api-key", "m0-bench"]
        command += ["--api-url", url, "--user-map", "identity", "--synap-url", synap]
        measured([*command, "--workdir", str(folder / "mem0")], folder)
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/change")
        connection.getresponse().read()
        for _ in range(rounds):
            reading = [sys.executable, __file__, "--read-mem0", url]
            took.reading.append(measured(reading, folder))
            for runs, options in (
                (took.sending, ("--confirm", "none", "--keep-replaced")),
                (took.whole, ()),
            ):
                work = folder / "mem0-work"
                shutil.copytree(folder / "mem0", work)
                before = counters(synap).documents
                usage = measured([*command, "--workdir", str(work), "--resync", *options], folder)
                runs.append(usage)
                shutil.rmtree(work)
                if (sent := counters(synap).documents - before) != _CHANGES:
                    raise SystemExit(f"{sent} documents were sent: {usage.said}")
    return took


def _read(adapter: str, **config: Any) -> None:
    """Every page of a source, thrown away."""
    import anyio  # noqa: PLC0415 - the benchmark itself imports nothing large

    from synap_import.host import open_source  # noqa: PLC0415
    from synap_import.plugins import discover  # noqa: PLC0415

    async def read() -> int:
        count = 0
        implementation = discover().sources[adapter].load()
        async with open_source(implementation, implementation.Config(**config)) as source:
            await source.check()
            async for partition in source.partitions():
                async for page in source.pages(partition, None):
                    count += len(page.records)
        return count

    gc.set_threshold(5_000, 5, 3)  # as the command does
    print(anyio.run(read))


def main() -> None:
    """Measure each variant."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, for the median")
    parser.add_argument("--read", metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--read-mem0", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        _read("json", files=(options.read,))
        return
    if options.read_mem0:
        _read("mem0", api_key="m0-bench", api_url=options.read_mem0)
        return
    took = {variant.name: Measured() for variant in VARIANTS}
    with tempfile.TemporaryDirectory() as name, model_synap(Model()) as url:
        bench = Bench(Path(name), url, options.records)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            for variant in VARIANTS:
                bench.measure(variant, took[variant.name])
        mem0 = _measure_mem0(Path(name), url, options.records, min(options.rounds, 2))
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}\n")
    head = [f"{options.records:,} records, of which", "documents sent", "reading s"]
    head += ["until accepted s", "of reading", "CPU of reading"]
    head += ["followed and removed s", "of reading", "CPU of reading", "peak MB"]
    rows = [_row(variant, took[variant.name]) for variant in VARIANTS]
    rows.append(
        _row(VARIANTS[1]._replace(name="100 changed, Mem0 Platform, 50 ms an answer"), mem0)
    )
    print(markdown_table(head, rows))


if __name__ == "__main__":
    main()
