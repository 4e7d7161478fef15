"""Rows of a PostgreSQL into records, beside the bare cursor that reads the same rows.

    make bench-sql

Starts a PostgreSQL of its own (Debian: apt-get install postgresql) with a table of messages of 190
bytes, and reads it in processes of their own. ``rows into records`` is the first reading as an
import does it, without the ledger; ``last pass`` is the look over all keys at the end of each run,
when nothing is new. Prints Markdown for docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from processes import measured
from tables import markdown_table

_MAKE = """CREATE TABLE messages (
    id bigint PRIMARY KEY, conversation_id uuid, user_id text, role text, content text,
    created_at timestamptz, metadata jsonb
)"""
_FILL = """INSERT INTO messages SELECT n, md5((n / 10)::text)::uuid, 'user-' || n / 1000,
    CASE WHEN n % 2 = 0 THEN 'user' ELSE 'assistant' END,
    'Message ' || n || ': ' || repeat('the user said something worth keeping. ', 4),
    timestamptz '2025-01-01' + n * interval '1 second', jsonb_build_object('topic', 't' || n % 7)
FROM generate_series(1, {count}) n"""
_FETCHED_AT_ONCE = 500
_HEAD = ["PostgreSQL", "rows", "rows/s", "CPU µs/row", "peak MB of the process"]


def main() -> None:
    """One reading in this process, or all of them in others."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--read", choices=["cursor", "records"], help=argparse.SUPPRESS)
    parser.add_argument("--dsn", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read is None:
        _measure(given.rows)
    else:
        read = _read_cursor if given.read == "cursor" else _read_records
        print(json.dumps(read(given.dsn)))


def _measure(counts: Sequence[int]) -> None:
    from support.postgres_server import READER, postgres_server  # noqa: PLC0415 - not in children

    lines: list[list[str]] = []
    with postgres_server() as server, server.database() as database:
        for count in counts:
            server.run(
                database,
                "DROP TABLE IF EXISTS messages",
                _MAKE,
                _FILL.format(count=count),
                f"GRANT SELECT ON messages TO {READER}",
                "VACUUM ANALYZE messages",
            )
            for read in ("cursor", "records"):
                lines += _measured(read, server.address(database), count)
    print(markdown_table(_HEAD, lines))


def _measured(read: str, dsn: str, count: int) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).resolve()), "--read", read, "--dsn", dsn]
        usage = measured(command, Path(folder))
    return [
        [
            name,
            f"{count:,}",
            f"{count / seconds:,.0f}",
            f"{cpu_seconds * 1e6 / count:.1f}",
            f"{usage.peak_megabytes:,.0f}",
        ]
        for name, (seconds, cpu_seconds) in json.loads(usage.said).items()
    ]


class _Clock:
    """Seconds on the wall and of the processor since it was made."""

    def __init__(self) -> None:
        self._begin = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._begin[0], time.process_time() - self._begin[1]


def _read_cursor(dsn: str) -> dict[str, tuple[float, float]]:
    import psycopg  # noqa: PLC0415 - only in this child

    clock = _Clock()
    with psycopg.connect(dsn) as connection, connection.cursor("bench") as cursor:
        cursor.execute("SELECT * FROM messages ORDER BY id")
        while cursor.fetchmany(_FETCHED_AT_ONCE):
            pass
    return {"bare cursor, psycopg": clock.read()}


def _read_records(dsn: str) -> dict[str, tuple[float, float]]:
    import anyio  # noqa: PLC0415 - only in this child
    from pydantic import SecretStr  # noqa: PLC0415

    from synap_import.testing import reading_context  # noqa: PLC0415
    from synap_import_sql.config import SqlConfig  # noqa: PLC0415
    from synap_import_sql.source import SqlSource  # noqa: PLC0415

    class EverythingExported:
        def scopes(self) -> object:
            return iter(())

        def missing(self, system: str, ids: Sequence[str]) -> list[str]:
            return []

    async def read() -> dict[str, tuple[float, float]]:
        took = {}
        async with reading_context(EverythingExported()) as context:  # type: ignore[arg-type]
            source = SqlSource(SqlConfig(dsn=SecretStr(dsn), table="messages"), context)
            await source.check()
            names = iter(("rows into records", "last pass"))
            async for partition in source.partitions():
                clock = _Clock()
                async for _ in source.pages(partition, None):
                    pass
                took[next(names)] = clock.read()
        return took

    return anyio.run(read)


if __name__ == "__main__":
    main()
