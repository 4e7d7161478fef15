"""What only a ledger in a PostgreSQL has to promise: it is shared, and far away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from threading import Thread

import psycopg
import pytest
from alembic.script import ScriptDirectory
from hypothesis import example, given
from hypothesis import strategies as st

from support.sources import record
from synap_import.errors import ConfigurationError, JobLockedError, LedgerError
from synap_import.ledger import Answer, DocumentState, PlannedDocument, postgres
from synap_import.ledger.postgres import PostgresLedger, jobs_in, locked, without_secrets
from synap_import.ledger.postgres.bulk import as_json, kinds_of, over_all
from synap_import.ledger.postgres.placeholders import numbered
from synap_import.ledger.postgres.schema import NEWEST
from synap_import.ledger.postgres.text import restored, storable
from synap_import.ledger.remote import open_ledger_at, with_password
from synap_import.sources import Page, Partition

WHOLE = Partition("p", "a partition")


class Shared:
    """One job, which any number of workers may open."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.job = f"job-{token_hex(6)}"
        self._opened: list[PostgresLedger] = []

    def open(self, worker: str = "") -> PostgresLedger:
        ledger = PostgresLedger(self.address, self.job, worker)
        self._opened.append(ledger)
        return ledger

    def close(self) -> None:
        for ledger in self._opened:
            ledger.close()


@pytest.fixture
def shared(ledger_database: str) -> Iterator[Shared]:
    """A job of its own in the database of all tests."""
    shared = Shared(ledger_database)
    yield shared
    shared.close()


def load(ledger: PostgresLedger, records: int) -> None:
    """Plan so many documents."""
    ledger.reading.open_partition(WHOLE)
    ledger.reading.stage(WHOLE, Page([record(i) for i in range(records)], None))
    staged = ledger.planning.unplanned(records)
    ledger.planning.plan(
        [PlannedDocument((one.number,), f"doc-{one.number}", "ada", None) for one in staged], []
    )


def test_two_workers_never_take_the_same_document(shared: Shared) -> None:
    load(shared.open(), 300)
    taken: dict[str, list[int]] = {}

    def work(name: str) -> None:
        ledger = PostgresLedger(shared.address, shared.job, name)
        taken[name] = []
        while claimed := ledger.sending.claim(7):
            taken[name] += [one.number for one in claimed]
            ledger.sending.answer(
                [Answer(one.number, DocumentState.LOADED, "i") for one in claimed]
            )
        ledger.close()

    workers = [Thread(target=work, args=(f"w{number}",)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    numbers = [number for one in taken.values() for number in one]
    assert sorted(numbers) == list(range(1, 301))
    assert shared.open().books().loaded == 300


def test_a_claim_passes_by_what_another_one_is_just_taking(shared: Shared) -> None:
    one, other = shared.open("one"), shared.open("other")
    load(one, 4)
    with one._database.transaction("claim") as db:
        assert [row[0] for row in one._database.claim(db, 2, 0)] == [1, 2]
        assert [claimed.number for claimed in other.sending.claim(10)] == [3, 4]


def test_what_a_dead_worker_had_in_hand_is_taken_back_and_nothing_else(shared: Shared) -> None:
    alive, dead = shared.open("alive"), shared.open("dead")
    load(alive, 6)
    kept = [one.number for one in alive.sending.claim(2)]
    lost = [one.number for one in dead.sending.claim(3)]
    dead.sending.answer([Answer(lost[0], DocumentState.LOADED, "i")])
    assert alive.sending.take_back("dead") == 2
    assert [one.number for one in alive.sending.claim(10)] == [*lost[1:], 6]
    assert all(alive.sending.is_doubted(number) for number in lost[1:])
    assert not any(alive.sending.is_doubted(number) for number in kept)


def test_pages_of_two_workers_with_the_same_ids_are_one_set_of_records(shared: Shared) -> None:
    ledgers = [shared.open(f"w{number}") for number in range(2)]
    slices = [Partition(f"p{number}", "a slice") for number in range(2)]
    for ledger, part in zip(ledgers, slices, strict=True):
        ledger.reading.open_partition(part)

    def read(number: int) -> None:
        for page in range(10):
            records = [record(100 * page + i) for i in range(100)]
            ledgers[number].reading.stage(slices[number], Page(records, str(page)))

    readers = [Thread(target=read, args=(number,)) for number in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    books = ledgers[0].books()
    assert (books.exported, books.seen_again) == (1000, 1000)


def test_only_one_import_works_on_a_job(shared: Shared) -> None:
    with (
        locked(shared.address, shared.job),
        pytest.raises(JobLockedError, match="working on job"),
        locked(shared.address, shared.job),
    ):
        pass
    with locked(shared.address, shared.job):
        pass


def test_other_jobs_are_not_kept_from_working(shared: Shared) -> None:
    with locked(shared.address, shared.job), locked(shared.address, f"{shared.job}-2"):
        pass


def test_a_database_tells_which_jobs_it_has(shared: Shared) -> None:
    assert shared.job not in jobs_in(shared.address)
    shared.open()
    assert shared.job in jobs_in(shared.address)


def test_a_ledger_of_a_newer_version_is_refused_and_not_touched(shared: Shared) -> None:
    shared.open()
    with psycopg.connect(shared.address, autocommit=True) as connection:
        connection.execute(f'SET search_path TO "synap_import:{shared.job}"')
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="newer synap-import"):
        shared.open()


def test_the_newest_version_is_the_last_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(Path(postgres.__file__).parent / "migrations"))
    assert scripts.get_current_head() == NEWEST


def test_a_name_too_long_for_a_schema_is_refused(ledger_database: str) -> None:
    with pytest.raises(LedgerError, match="too long"):
        PostgresLedger(ledger_database, "x" * 60)


def test_a_database_that_does_not_answer_is_a_sentence() -> None:
    with pytest.raises(LedgerError, match=r"does not answer .*127\.0\.0\.1"):
        PostgresLedger("postgresql://ada@127.0.0.1:1/none", "job")


def test_a_wrong_password_is_named_and_not_shown(ledger_database: str) -> None:
    address = ledger_database.replace("owner:", "owner:wrong-")
    with pytest.raises(LedgerError, match="PGPASSWORD") as caught:
        PostgresLedger(address, "job")
    assert "wrong-" not in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://host/db", "host=here dbname=there", "ledger.sqlite"])
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="must begin with postgresql://"):
        open_ledger_at(address, "job")


def test_an_address_that_cannot_be_read_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="cannot be understood") as caught:
        without_secrets("postgresql://ada:hunter2@[host/db")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ada:secret@host:5433/db", "postgresql://ada@host:5433/db"),
        ("postgres://host/db?sslmode=require&password=x", "postgresql://host/db?sslmode=require"),
        ("postgresql://ada@[::1]:5432/db", "postgresql://ada@[::1]:5432/db"),
        ("postgresql:///db", "postgresql:///db"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


def test_the_environment_gives_the_password_of_the_same_address_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = "postgresql://ada:secret@host/db"
    monkeypatch.setenv("SYNAP_IMPORT_LEDGER", whole)
    assert with_password("postgresql://ada@host/db") == whole
    assert with_password("postgresql://ada@elsewhere/db") == "postgresql://ada@elsewhere/db"


@example("\0\ufdd0\ufdd1\ufdd0\ufdd2\0\0")
@given(st.text(st.sampled_from("a\0\ufdd0\ufdd1\ufdd2é") | st.characters(), max_size=20))
def test_every_text_comes_back_as_it_was_kept(text: str) -> None:
    kept = storable(text)
    assert "\0" not in kept
    assert restored(kept) == text


def test_many_values_go_as_one_statement() -> None:
    rows = [(1, b"\x01", None, "a"), (2, b"\xff", None, None)]
    kinds = kinds_of(rows)
    assert kinds == (int, bytes, type(None), str)
    insert = over_all(
        "INSERT INTO t (a, b, c, d) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", kinds
    )
    assert insert is not None
    assert insert.startswith(
        "INSERT INTO t (a, b, c, d) SELECT v.p1, v.p2, NULL, v.p4 FROM (SELECT"
    )
    assert insert.endswith(" ON CONFLICT DO NOTHING")
    assert as_json(rows, kinds) == '[[1,"01",null,"a"],[2,"ff",null,null]]'


def test_what_may_write_a_row_twice_goes_row_by_row() -> None:
    upsert = "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET b = excluded.b"
    assert over_all(upsert, (int,)) is None
    assert over_all("DELETE FROM t WHERE a = ?", (int,)) is None


def test_marks_are_numbered_and_what_is_in_quotes_is_left_alone() -> None:
    assert numbered("SELECT ? WHERE a = '?' AND b = ?") == "SELECT $1 WHERE a = '?' AND b = $2"
    assert numbered("SET a = ?2, b = ?2 WHERE c = ?1") == "SET a = $2, b = $2 WHERE c = $1"
    assert numbered("x = 'it''s ?' AND y = ?") == "x = 'it''s ?' AND y = $1"
