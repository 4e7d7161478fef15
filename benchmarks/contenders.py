"""Who is measured, and one run of each."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from processes import measured
from records import write_records, write_user_map
from server import Counters, Model, counters, model_synap

IN_FLIGHT = 8
_HERE = Path(__file__).resolve().parent
_DLT_PYTHON = _HERE.parent / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Task:
    """What one run has to load, and where to."""

    url: str
    count: int
    records: Path
    users: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took, and what the server saw of it."""

    count: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    seen: Counters

    @property
    def speed(self) -> float:
        """Records per second."""
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to load the records.

    ``sequential`` ones send a batch after the other, so they get fewer records where each
    batch takes long. A bare loop tells its own time, without its start; what a person would
    run as a command is timed from start to end.
    """

    name: str
    command: Callable[[Task], list[str]]
    sequential: bool = False
    tells_its_time: bool = False


def _loop(kind: str, in_flight: int) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        script = str(_HERE / "loops.py")
        return [sys.executable, script, kind, task.url, str(task.count), str(in_flight)]

    return command


def _dlt(files: int) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        script = str(_HERE / "dlt_pipeline.py")
        settings = [str(task.count), str(files), str(task.folder)]
        return [str(_DLT_PYTHON), script, str(task.records), task.url, *settings]

    return command


def _import(user_map: Callable[[Task], str]) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        return [
            *(sys.executable, "-m", "synap_import", "json", str(task.records)),
            *("--user-map", user_map(task), "--synap-url", task.url),
            # The others do not ask what became of what was accepted.
            *("--confirm", "none", "--workdir", str(task.folder), "--json"),
        ]

    return command


PUMP = Contender("bare httpx pump, 8 in flight", _loop("pump", IN_FLIGHT), tells_its_time=True)
SDK_LOOP = Contender("bare SDK loop, 8 in flight", _loop("sdk", IN_FLIGHT), tells_its_time=True)
SCRIPT = Contender(
    "the documentation's script", _loop("sdk", 1), sequential=True, tells_its_time=True
)
DLT = Contender("dlt, as it comes", _dlt(1), sequential=True)
DLT_FILES = Contender("dlt, 8 files side by side", _dlt(IN_FLIGHT))
IMPORT = Contender("synap-import, identity map", _import(lambda _: "identity"))
IMPORT_USERS = Contender("synap-import, users.csv", _import(lambda task: str(task.users)))


def available(*wanted: Contender) -> list[Contender]:
    """Those that can run here: dlt only where its environment was made."""
    if _DLT_PYTHON.exists():
        return list(wanted)
    print("dlt is left out: `make bench` makes its environment.", file=sys.stderr)
    return [contender for contender in wanted if contender not in (DLT, DLT_FILES)]


class Track:
    """Where runs happen: the files that are read, written once, and a folder for each run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._users = folder / "users.csv"
        write_user_map(self._users)

    def run(self, contender: Contender, model: Model, count: int) -> Run:
        """One run against a fresh server, which must have got every record."""
        records = self._records(count)
        with (
            tempfile.TemporaryDirectory(dir=self._folder) as name,
            model_synap(model) as url,
        ):
            task = Task(url, count, records, self._users, Path(name))
            usage = measured(contender.command(task), Path(name))
            seen = counters(url)
        if seen.documents != count:
            raise SystemExit(f"{contender.name}: {seen.documents} documents of {count} records")
        seconds = float(usage.said) if contender.tells_its_time else usage.seconds
        run = Run(count, seconds, usage.cpu_seconds, usage.peak_megabytes, seen)
        print(f"  {contender.name}: {run.speed:,.0f} records/s", file=sys.stderr, flush=True)
        return run

    def _records(self, count: int) -> Path:
        path = self._folder / f"records-{count}.jsonl"
        if not path.exists():
            write_records(path, count)
        return path
