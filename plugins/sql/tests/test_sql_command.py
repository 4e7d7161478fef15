"""The first-time path, as somebody with years of conversation in a database goes it."""

from __future__ import annotations

import csv
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg

from sql_support.databases import Database
from sql_support.tables import messages
from support.commands import Finished, run, sandbox, start
from support.postgres_server import OWNER, PostgresServer

UUID_OF_CHAT = "5b796045-62c0-4b48-a077-070d81e9ac8d"


def imported(database: Database, tmp_path: Path, *options: str) -> Finished:
    return run(
        *("sql", "--table", "messages", "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", tmp_path / "work", "--json", *options),
        SYNAP_IMPORT_SQL_DSN=database.dsn,
    )


def test_a_table_of_messages_becomes_exchanges_and_the_account_adds_up(
    database: Database, tmp_path: Path
) -> None:
    messages(database, 20)
    done = imported(database, tmp_path)
    assert done.code == 0, done.err
    result = done.result
    assert (result["exported"], result["loaded"], result["documents"]) == (20, 20, 10)
    assert result["unaccounted"] == 0
    secret = urlsplit(database.dsn).password or "a file has no password"
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret not in done.out + done.err
    assert secret.encode() not in kept


def test_new_rows_come_with_the_same_command_and_edited_ones_with_a_resync(
    postgres: Database, tmp_path: Path
) -> None:
    messages(postgres, 8)
    assert imported(postgres, tmp_path).code == 0
    messages(postgres, 4, begin=9)
    done = imported(postgres, tmp_path)
    assert (done.code, done.result["exported"], done.result["documents"]) == (0, 12, 6)
    postgres.run("UPDATE messages SET content = 'edited' WHERE id = 3")
    postgres.run("DELETE FROM messages WHERE id = 1")
    done = imported(postgres, tmp_path, "--resync", "--yes")
    assert done.code == 0, done.err
    assert done.result["exported"] == 12
    assert (done.result["gone"], sum(done.result["replaced"].values())) == (1, 1), done.out


def test_conversations_keep_their_uuid_or_get_a_stable_one(
    sqlite: Database, tmp_path: Path
) -> None:
    messages(sqlite)
    rows = [
        (17, UUID_OF_CHAT, "ada", "user", "Which tea?", "2026-01-15T10:30:00Z"),
        (18, UUID_OF_CHAT, "ada", "assistant", "Green.", "2026-01-15T10:30:05Z"),
        (19, "main", "ada", "user", "I like it.", "2026-01-15T10:31:00Z"),
        (20, "main", "bob", "user", "Not me.", "2026-01-15T10:32:00Z"),
    ]
    sqlite.add("messages", *rows)
    with sandbox(tmp_path) as there:
        done = run(
            *("sql", "--table", "messages", "--user-map", "identity", "--synap-url", there.url),
            *("--workdir", tmp_path / "work", "--json", "--confirm", "none"),
            SYNAP_IMPORT_SQL_DSN=sqlite.dsn,
            SYNAP_API_KEY="synap_test",
        )
        assert done.code == 0, done.err
        first, *others = sorted(there.documents(), key=lambda one: one["document"], reverse=True)
    assert first["document_id"] == f"backfill:{UUID_OF_CHAT}:17"
    assert first["document"] == "User: Which tea?\nAssistant: Green."
    assert first["document_type"] == "ai-chat-conversation"
    assert first["metadata"]["original_session_id"] == UUID_OF_CHAT
    conversations = {one["metadata"]["conversation_id"] for one in others}
    assert len({UUID(one) for one in conversations}) == 2
    assert {one["metadata"]["original_session_id"] for one in others} == {"main"}


def test_whole_conversations_are_one_option_away(sqlite: Database, tmp_path: Path) -> None:
    messages(sqlite, 8)
    done = imported(sqlite, tmp_path, "--turns-per-document", "100")
    assert (done.code, done.result["documents"]) == (0, 2)


def test_who_is_there_is_listed(postgres: Database, tmp_path: Path) -> None:
    messages(postgres, 12)
    listed = tmp_path / "users.csv"
    done = run(
        *("users", "sql", "--table", "messages", "-o", listed), SYNAP_IMPORT_SQL_DSN=postgres.dsn
    )
    assert done.code == 0, done.err
    with listed.open(newline="") as file:
        rows = {row["source_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"u0", "u1"}


@dataclass
class Writers:
    """Connections that insert, some of which commit late: their numbers are behind the reader."""

    address: str
    added: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._insert, args=(n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _insert(self, writer: int) -> None:
        with psycopg.connect(self.address) as connection:
            for turn in range(200):
                row = "nextval('numbers'), %s, %s, 'user', %s, '2026-02-01T00:00:00Z'"
                values = (f"w{writer}", f"w{writer}", f"turn {turn}")
                connection.execute(f"INSERT INTO messages VALUES ({row})", values)
                self._stop.wait(0.02 * (turn % 7))
                connection.commit()
                self.added += 1
                if self._stop.is_set():
                    return


def test_killed_and_run_again_while_others_insert_each_row_is_there_once(
    postgres: Database, tmp_path: Path, postgres_running: PostgresServer
) -> None:
    """Some of the others commit late: their numbers are smaller than what was read already."""
    messages(postgres, 1500)
    command = (
        *("sql", "--table", "messages", "--user-map", "identity", "--page-size", "50"),
        *("--workdir", tmp_path / "work", "--json", "--confirm", "none"),
    )
    postgres.run("CREATE SEQUENCE numbers START 1501")
    writers = Writers(postgres_running.address(postgres.dsn.rpartition("/")[2], OWNER))
    with sandbox(tmp_path) as there:
        environment = {"SYNAP_IMPORT_SQL_DSN": postgres.dsn, "SYNAP_API_KEY": "synap_test"}
        target = ("--synap-url", there.url)
        with writers.at_work():
            for share in (1, 2):
                _kill_when(
                    partial(_read_rows, tmp_path, share * 500), command + target, environment
                )
        done = run(*command, *target, **environment)
        assert done.code == 0, done.err
        sent = there.documents()
    expected = {row[0] for row in postgres.connection.execute("SELECT id::text FROM messages")}
    assert len(expected) == 1500 + writers.added
    assert writers.added > 0
    ids = [one for document in sent for one in document["metadata"]["original_ids"]]
    assert sorted(ids) == sorted(expected)
    assert done.result["exported"] == len(expected)


def _kill_when(
    reached: Callable[[], bool], command: tuple[str | Path, ...], environment: dict[str, str]
) -> None:
    process = start(*command, **environment)
    deadline = time.monotonic() + 30
    while not reached() and process.poll() is None:
        assert time.monotonic() < deadline, "the import does not get on"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGKILL, "it was done before it was killed"


def _read_rows(tmp_path: Path, count: int) -> bool:
    """Whether the ledger has so many records."""
    for path in tmp_path.glob("work/jobs/*/ledger.sqlite"):
        with closing(sqlite3.connect(path)) as ledger, suppress(sqlite3.Error):
            return ledger.execute("SELECT count(*) FROM records").fetchone()[0] >= count
    return False
