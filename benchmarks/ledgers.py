"""What a record costs in the ledger: SQLite beside PostgreSQL, in CPU time and on disk.

One process stages pages, plans, claims batches of 100 and answers them, as an import does, and
does nothing else. CPU is that of this process, and for PostgreSQL also that of the server.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString, NamedTuple

import psycopg

from support.postgres_server import OWNER, PostgresServer, postgres_server
from synap_import.ledger import Answer, DocumentState, Ledger, PlannedDocument, SqliteLedger
from synap_import.ledger.postgres import PostgresLedger
from synap_import.records import Kind, MemoryRecord, Scope
from synap_import.sources import Page, Partition

PAGE, BATCH = 500, 100
_WHOLE = Partition("whole", "everything")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Microseconds per record, bytes per record, and seconds."""

    ledger: str
    records: int
    client_us: float
    server_us: float
    staged_per_second: int
    bytes_per_record: int
    count_seconds: float
    peak_mb: int


class Used(NamedTuple):
    """Seconds: CPU of the client, and of the clock for staging and for counting."""

    records: int
    client: float
    staging: float
    counting: float


def pages(records: int) -> Iterator[Page]:
    for start in range(0, records, PAGE):
        numbers = range(start, min(start + PAGE, records))
        last = numbers[-1] + 1 == records
        yield Page([_record(number) for number in numbers], None if last else str(start))


def _record(number: int) -> MemoryRecord:
    return MemoryRecord(
        system="bench",
        id=f"memory-{number}",
        kind=Kind.FACT,
        text=f"Likes the number {number} and walks to work along the river every other day.",
        scope=Scope(user=f"user-{number % 997}"),
        metadata={"category": "habit", "score": number % 10},
    )


def measure(ledger: Ledger, made: list[Page], *, load: bool) -> tuple[float, float]:
    """Seconds of CPU of this process, and of the clock for staging."""
    begun, staging = time.process_time(), 0.0
    ledger.reading.open_partition(_WHOLE)
    for page in made:
        before = time.perf_counter()
        ledger.reading.stage(_WHOLE, page)
        staging += time.perf_counter() - before
        if load:
            _plan_and_load(ledger)
    return time.process_time() - begun, staging


def _plan_and_load(ledger: Ledger) -> None:
    while staged := ledger.planning.unplanned(250):
        ledger.planning.plan(
            [
                PlannedDocument((one.number,), f"legacy_bench_{one.record.id}", "ada", None)
                for one in staged
            ],
            [],
        )
    while claimed := ledger.sending.claim(BATCH):
        ledger.sending.answer(
            [Answer(one.number, DocumentState.LOADED, f"ingestion-{one.number}") for one in claimed]
        )


def server_cpu(pid: int) -> float:
    """Seconds that a server and its children have computed."""
    total = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(folder.name) == pid or int(fields[1]) == pid:
                # Of processes that ended, their parent has the time.
                own = 4 if int(folder.name) == pid else 2
                total += sum(map(int, fields[11 : 11 + own]))
    return total / _TICKS


def of_sqlite(records: int, *, load: bool) -> Cost:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with closing(SqliteLedger(path)) as ledger:
            used = _run(ledger, records, load=load)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    return _cost("SQLite", used, 0.0, size)


def of_postgres(server: PostgresServer, records: int, *, load: bool) -> Cost:
    with server.database() as name:
        address = server.address(name, OWNER)
        with psycopg.connect(address) as asking:
            pid = _one(asking, "SELECT pg_backend_pid()")
        parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        before = server_cpu(parent)
        with closing(PostgresLedger(address, "bench")) as ledger:
            used = _run(ledger, records, load=load)
        # What the server writes behind is part of the price.
        time.sleep(1.0)
        server_seconds = server_cpu(parent) - before
        with psycopg.connect(address) as asking:
            size = _one(asking, "SELECT pg_database_size(current_database())")
        return _cost("PostgreSQL", used, server_seconds, size)


def _one(connection: psycopg.Connection[tuple[int]], query: LiteralString) -> int:
    [row] = connection.execute(query).fetchall()
    return row[0]


def _run(ledger: Ledger, records: int, *, load: bool) -> Used:
    client = staging = 0.0
    made: list[Page] = []
    for page in pages(records):
        made.append(page)
        if len(made) == 20 or page.cursor is None:
            cpu, clock = measure(ledger, made, load=load)
            client, staging, made = client + cpu, staging + clock, []
    before = time.perf_counter()
    books = ledger.books()
    assert books.exported == records, books
    assert books.loaded == (records if load else 0), books
    return Used(records, client, staging, time.perf_counter() - before)


def _cost(name: str, used: Used, server: float, size: int) -> Cost:
    return Cost(
        name,
        used.records,
        client_us=round(used.client / used.records * 1e6, 1),
        server_us=round(server / used.records * 1e6, 1),
        staged_per_second=round(used.records / used.staging),
        bytes_per_record=round(size / used.records),
        count_seconds=round(used.counting, 2),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--only-stage", action="store_true", help="Neither plan nor load.")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    given = parser.parse_args()
    load = not given.only_stage
    if given.only != "postgres":
        print(json.dumps(asdict(of_sqlite(given.records, load=load))))
    if given.only != "sqlite":
        with postgres_server() as server:
            print(json.dumps(asdict(of_postgres(server, given.records, load=load))))


if __name__ == "__main__":
    main()
