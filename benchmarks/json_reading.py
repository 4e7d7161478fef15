"""Reading and mapping of JSON files: lines by dotted paths and by JMESPath, and a large array.

    make bench-json
    python benchmarks/json_reading.py --records 1000000 --rounds 1

Each measurement is a process of its own that has the source yield all pages and counts the records.
Records are of about 700 bytes: nested scopes and times, tags as objects, metadata of three levels.
Prints Markdown; the progress goes to standard error.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import anyio
from tables import markdown_table

from synap_import_json.source import JsonConfig, JsonSource

_WORDS = ("prefers", "coffee", "dark", "roast", "meeting", "Lisbon", "naïve", "peanuts", "日本語")
_FIELDS = {
    "id": "id",
    "user": "owner.user_id",
    "session": "owner.run.id",
    "content": "memory",
    "created_at": "timestamps.created",
    "updated_at": "timestamps.updated",
    "tags": "tags[].name",
    "metadata": "metadata",
}


class Case(NamedTuple):
    """A file, how its fields are named, and how fast it should be."""

    name: str
    file: str
    mapping: str
    wanted: int


_CASES = (
    Case("JSON Lines, dotted paths", "records.jsonl", "path", 60_000),
    Case("JSON Lines, JMESPath", "records.jsonl", "jmespath", 20_000),
    Case("one array in an object, dotted paths", "records.json", "path", 40_000),
)


def record(number: int, chance: random.Random) -> dict[str, Any]:
    """A record as people's own exports have them."""
    created = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=37 * number)
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "memory": " ".join(chance.choices(_WORDS, k=chance.randint(6, 60))),
        "hash": f"{chance.getrandbits(128):032x}",
        "owner": {"user_id": f"user_{number % 5000}", "run": {"id": f"run_{number % 999}"}},
        "timestamps": {
            "created": created.isoformat(),
            "updated": (created + timedelta(hours=5)).timestamp() if number % 2 else None,
        },
        "metadata": {"source": "slack", "score": chance.random(), "nested": {"a": [1, 2, 3]}},
        "tags": [{"name": chance.choice(_WORDS), "w": 1} for _ in range(number % 4)],
        "categories": ["food", "travel"][: number % 3],
    }


def write_files(folder: Path, count: int) -> None:
    """The same records as lines and as an array."""
    chance = random.Random(7)
    with (
        (folder / "records.jsonl").open("w") as lines,
        (folder / "records.json").open("w") as array,
    ):
        array.write('{"exported_at": "2026-11-21T00:00:00Z", "memories": [')
        for number in range(count):
            text = json.dumps(record(number, chance), ensure_ascii=False)
            lines.write(f"{text}\n")
            array.write(f",{text}" if number else text)
        array.write("]}")
    for way in ("path", "jmespath"):
        rows = [f"{name}: {{{way}: '{path}'}}" for name, path in _FIELDS.items()]
        (folder / f"{way}.yaml").write_text("\n".join(["version: 1", *rows, ""]))


async def _read(file: str, mapping: str) -> int:
    context: Any = SimpleNamespace(exported=SimpleNamespace(knows=lambda _: False))
    source = JsonSource(JsonConfig(files=(file,), mapping=Path(mapping)), context)
    count = 0
    async for partition in source.partitions():
        async for page in source.pages(partition, None):
            count += len(page.records)
    return count


def read_alone(file: str, mapping: str) -> None:
    """What a process of its own does; prints the figures as JSON."""
    gc.set_threshold(5_000, 5, 3)  # as the command line does
    began, busy = time.perf_counter(), time.process_time()
    count = anyio.run(_read, file, mapping)
    figures = {
        "records": count,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - busy,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures))


def measured(folder: Path, case: Case) -> dict[str, float]:
    """The figures of one process."""
    paths = [str(folder / case.file), str(folder / f"{case.mapping}.yaml")]
    command = [sys.executable, __file__, "--read", *paths]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        read_alone(*given.read)
        return
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, given.records)
        for case in _CASES:
            size = (folder / case.file).stat().st_size
            runs = [measured(folder, case) for _ in range(given.rounds)]
            best = min(runs, key=lambda run: run["seconds"])
            print(f"{case.name}: {best}", file=sys.stderr)
            rows.append(
                [
                    case.name,
                    f"{size / 2**20:,.0f} MB",
                    f"{best['records'] / best['seconds']:,.0f}",
                    f"{best['records'] / best['cpu']:,.0f}",
                    f"{case.wanted:,}",
                    f"{best['mb']:,.0f} MB",
                ]
            )
    print(f"{given.records:,} records, Python {platform.python_version()}, {platform.machine()}.\n")
    head = ["reading", "file", "records/s", "records per CPU second", "wanted", "most memory"]
    print(markdown_table(head, rows))


if __name__ == "__main__":
    main()
