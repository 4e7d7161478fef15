"""Stores of the TypeScript library are read whole while it may be writing, and left alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime

import pytest

from mem0_support.local_stores import (
    DATA,
    VECTORS,
    assert_resumes_everywhere,
    make_database,
    open_file,
    payload,
    read,
    typescript_database,
    unchanged,
)
from synap_import import SourceError, SourceUnavailableError, State
from synap_import_mem0.stores.databases import ReadOnlyDatabase
from synap_import_mem0.stores.typescript import TypeScriptDatabase

TYPESCRIPT = TypeScriptDatabase()
REAL = DATA / "oss-ts-3.3.1"
STORE = REAL / "vector_store.db"
INSERT = "INSERT INTO vectors VALUES (?, x'00', ?)"


@pytest.fixture
def store(tmp_path):
    """Writes a store with these payloads."""
    return lambda rows: typescript_database(tmp_path / "vector_store.db", rows)


def test_a_store_of_a_real_release_is_read_whole():
    reading = read(TYPESCRIPT, STORE)
    assert sorted(reading.texts) == sorted(
        [
            *(f"Alice likes tea number {number}." for number in range(3)),
            "Grüße aus Köln 🦊",
            "The concierge answers briefly.",
            "This run is about invoices.",
            "Nested.",
            "The trial ends in spring.",
            "Alice lives in Bergen.",
        ]
    )
    assert reading.file.title == "TypeScript store, 9 memories"
    assert reading.file.expected == 9


def test_its_times_and_owners_are_read():
    record = read(TYPESCRIPT, STORE).one("Alice lives in Bergen.")
    assert record.scope.user == "alice"
    assert record.created_at == datetime(2026, 11, 25, 12, 51, 42, 492_000, UTC)
    assert record.updated_at == datetime(2026, 11, 25, 12, 51, 42, 526_000, UTC)
    assert record.metadata == {"k": "v"}


def test_agents_and_runs_are_owners_too():
    reading = read(TYPESCRIPT, STORE)
    assert reading.one("The concierge answers briefly.").scope.agent == "concierge"
    assert reading.one("This run is about invoices.").scope.session == "run-7"
    both = reading.one("Grüße aus Köln 🦊").scope
    assert (both.user, both.agent) == ("bob", "concierge")


def test_an_expired_memory_says_so():
    assert read(TYPESCRIPT, STORE).one("The trial ends in spring.").state is State.EXPIRED


def test_scopes_are_read_in_both_spellings(store):
    rows = {"new": {"data": "new", "user_id": "ada"}, "old": {"data": "old", "userId": "bob"}}
    assert [one.scope.user for one in read(TYPESCRIPT, store(rows)).records] == ["ada", "bob"]


def test_the_index_of_entities_holds_no_memories():
    reading = read(TYPESCRIPT, REAL / "vector_store_entities.db", with_history=True)
    assert reading.records == []
    assert reading.file.expected == 0
    assert {code: one.count for code, one in reading.findings.items()} == {"entity-rows": 2}


def test_entities_in_the_table_of_the_memories_are_left_out(store):
    entity = {"data": "Oslo", "entityType": "PROPER", "linkedMemoryIds": ["a"], "user_id": "ada"}
    identity = {"user_id": "somebody", "type": "user_identity"}
    reading = read(TYPESCRIPT, store({"a": payload("A memory."), "b": entity, "c": identity}))
    assert reading.texts == ["A memory."]
    assert reading.file.expected == 1
    assert {code: one.count for code, one in reading.findings.items()} == {
        "entity-rows": 1,
        "user-identity-rows": 1,
    }


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE memories (id TEXT, vector BLOB, payload TEXT)",
        "CREATE TABLE vectors (id TEXT, embedding BLOB)",
    ],
)
def test_another_database_is_none(tmp_path, statement):
    assert not TYPESCRIPT.recognises(make_database(tmp_path / "a.db", statement))


def test_what_is_no_database_is_none(tmp_path):
    (tmp_path / "text").write_text("vectors")
    assert not TYPESCRIPT.recognises(tmp_path / "text")
    assert not TYPESCRIPT.recognises(tmp_path)
    assert not TYPESCRIPT.recognises(tmp_path / "missing")


def test_what_cannot_be_a_record_is_told_and_the_others_go_on(store):
    reading = read(
        TYPESCRIPT,
        store(
            {
                "good": payload("Good."),
                "no json": "{",
                "list": "[1]",
                "null": None,
                "bytes": b"\xff",
                "deep": "[" * 200_000,
                "wordless": {"user_id": "alice"},
                "digits": '{"data": "x", "n": ' + "9" * 5000 + "}",
                "also good": payload("Also good."),
            }
        ),
    )
    assert reading.texts == ["Good.", "Also good."]
    assert {item.where: item.reason for item in reading.unreadable} == {
        "vector_store.db:no json": "payload: is not JSON",
        "vector_store.db:list": "payload: is not an object",
        "vector_store.db:null": "payload: is missing",
        "vector_store.db:bytes": "payload: is not JSON",
        "vector_store.db:deep": "payload: is nested too deeply",
        "vector_store.db:wordless": "memory: is missing",
        "vector_store.db:digits": "payload: is not JSON",
    }
    assert all(len(item.raw) <= 200 for item in reading.unreadable)


def test_a_row_without_an_id_is_told_with_its_number(tmp_path):
    text = json.dumps(payload())
    path = make_database(tmp_path / "a.db", VECTORS, *[(INSERT, (None, text))] * 2)
    reading = read(TYPESCRIPT, path)
    assert [item.where for item in reading.unreadable] == ["a.db:row 1", "a.db:row 2"]
    assert {item.reason for item in reading.unreadable} == {"id: is missing"}


def test_strange_values_are_kept(store):
    text = '{"data": "\\ud800 alone", "nan": NaN, "user_id": "ada"}'
    record = read(TYPESCRIPT, store({"a": text})).records[0]
    assert record.text == "\ud800 alone"
    assert repr(record.metadata) == "{'nan': nan}"


def test_text_that_is_no_utf_8_stops_nothing(tmp_path):
    raw = b'{"data": "caf\xe9"}'
    path = make_database(
        tmp_path / "a.db",
        VECTORS,
        ("INSERT INTO vectors VALUES ('a', x'00', CAST(? AS TEXT))", (raw,)),
        (INSERT, ("b", '{"data": "second"}')),
    )
    assert read(TYPESCRIPT, path).texts == ["caf\udce9", "second"]


def test_every_cursor_gives_the_rest(store):
    rows = {f"m{n}": payload(f"Memory {n}.") if n % 50 else "{" for n in range(1000)}
    assert_resumes_everywhere(TYPESCRIPT, store(rows))


def test_every_cursor_gives_the_rest_of_the_history_too():
    assert_resumes_everywhere(TYPESCRIPT, STORE, with_history=True)


def test_pages_of_large_memories_are_shorter(store):
    reading = read(TYPESCRIPT, store({f"m{n}": payload("x" * 1_000_000) for n in range(20)}))
    assert [len(page.records) for page in reading.pages] == [8, 8, 4]


def test_a_change_is_another_version(store):
    path = store({"a": payload()})
    before = open_file(TYPESCRIPT, path).version
    assert open_file(TYPESCRIPT, path).version == before
    make_database(path, (INSERT, ("b", "{}")))
    assert open_file(TYPESCRIPT, path).version != before


def test_nothing_is_written(store):
    path = store({"a": payload()})
    with unchanged(path.parent):
        read(TYPESCRIPT, path, with_history=True)


def test_nothing_is_written_beside_a_database_in_wal_mode_that_is_closed(store):
    path = store({"a": payload("Written.")})
    make_database(path, "PRAGMA journal_mode = wal", (INSERT, ("b", '{"data": "Logged."}')))
    with unchanged(path.parent):
        assert read(TYPESCRIPT, path).texts == ["Written.", "Logged."]


@pytest.fixture
def live(store):
    """A store in WAL mode that an application has open, with a memory in the log only."""
    path = store({"a": payload("Written.")})
    with closing(sqlite3.connect(path, isolation_level=None)) as application:
        application.execute("PRAGMA journal_mode = wal")
        application.execute(INSERT, ("b", '{"data": "Logged."}'))
        yield path


def test_what_a_running_application_has_in_its_log_is_read(live):
    files = [live, live.with_name(live.name + "-wal")]
    before = [file.read_bytes() for file in files]
    assert read(TYPESCRIPT, live).texts == ["Written.", "Logged."]
    assert [file.read_bytes() for file in files] == before


def test_a_log_that_was_copied_without_its_index_is_read(live, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for ending in ("", "-wal"):
        shutil.copy(live.with_name(live.name + ending), copy)
    with unchanged(copy):
        assert read(TYPESCRIPT, copy / live.name).texts == ["Written.", "Logged."]


def test_a_copy_is_gone_afterwards(live, tmp_path, monkeypatch):
    copy, temporary = tmp_path / "copy", tmp_path / "temporary"
    copy.mkdir()
    temporary.mkdir()
    for ending in ("", "-wal"):
        shutil.copy(live.with_name(live.name + ending), copy)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    pages = open_file(TYPESCRIPT, copy / live.name).pages(None)
    assert [record.text for record in next(pages).records] == ["Written.", "Logged."]
    assert list(temporary.iterdir()) != []
    del pages
    assert list(temporary.iterdir()) == []


def test_any_name_of_a_file_will_do(tmp_path):
    path = typescript_database(tmp_path / "a?mode=rw#%20 ü.db", {"a": payload()})
    assert TYPESCRIPT.recognises(path)
    assert read(TYPESCRIPT, path).texts == ["Alice likes tea."]


def test_a_transaction_that_a_crash_left_half_done_does_not_count(store, tmp_path):
    path = store({f"m{n}": payload(f"Memory {n}.") for n in range(200)})
    copy = tmp_path / "copy"
    copy.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as application:
        application.execute("PRAGMA cache_size = 1")
        application.execute("BEGIN")
        application.execute("""UPDATE vectors SET payload = '{"data": "half done"}'""")
        for ending in ("", "-journal"):
            shutil.copy(path.with_name(path.name + ending), copy)
    with unchanged(copy):
        assert read(TYPESCRIPT, copy / path.name).texts == [f"Memory {n}." for n in range(200)]


def test_the_application_can_write_while_pages_are_used(store):
    path = store({f"m{n}": payload(f"Memory {n}.") for n in range(400)})
    pages = open_file(TYPESCRIPT, path).pages(None)
    first = next(pages)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as application:
        application.execute(INSERT, ("late", '{"data": "Late."}'))
    rest = [record.text for page in pages for record in page.records]
    assert len(first.records) + len(rest) == 401
    assert rest[-1] == "Late."


def test_a_locked_database_is_known_and_asks_for_patience(store):
    path = store({"a": payload()})
    with closing(sqlite3.connect(path, isolation_level=None)) as application:
        application.execute("BEGIN EXCLUSIVE")
        assert TYPESCRIPT.recognises(path)
        with (
            pytest.raises(SourceUnavailableError, match="locked by another program"),
            ReadOnlyDatabase(path, patience=0).connect(),
        ):
            pass


def test_a_damaged_database_ends_in_a_sentence(store):
    path = store({f"m{n}": payload("x" * 2000) for n in range(100)})
    opened = open_file(TYPESCRIPT, path)
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"as a database: .*malformed") as error:
        list(opened.pages(None))
    assert ".recover" in error.value.remedy


def test_a_file_that_is_gone_ends_in_a_sentence(store):
    path = store({"a": payload()})
    opened = open_file(TYPESCRIPT, path)
    path.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        list(opened.pages(None))


def test_a_strange_cursor_is_refused():
    with pytest.raises(SourceError, match="cursor"):
        list(open_file(TYPESCRIPT, STORE).pages("page 2"))


def test_its_history_lies_beside_it():
    reading = read(TYPESCRIPT, STORE, with_history=True)
    assert reading.file.title == "TypeScript store, 9 memories, 2 from its history"
    assert reading.file.expected == len(reading.records) == 11
    earlier = reading.one("Alice lives in Oslo.")
    assert (earlier.state, earlier.scope.user, earlier.hold) == (State.SUPERSEDED, "alice", None)
    deleted = reading.one("Alice regrets having said this.")
    assert (deleted.state, deleted.hold) == (State.DELETED, "history-without-user")


def test_a_history_in_the_same_file_is_found(tmp_path):
    path = typescript_database(tmp_path / "one.db", {"m1": payload("Bergen.", user_id="ada")})
    make_database(
        path,
        """CREATE TABLE memory_history (id INTEGER PRIMARY KEY AUTOINCREMENT, memory_id TEXT,
        previous_value TEXT, new_value TEXT, action TEXT, created_at TEXT, updated_at TEXT,
        is_deleted INTEGER)""",
        "INSERT INTO memory_history VALUES (1, 'm1', 'Oslo.', 'Bergen.', 'UPDATE', NULL, NULL, 0)",
    )
    assert read(TYPESCRIPT, path, with_history=True).one("Oslo.").scope.user == "ada"


def test_without_a_history_that_is_said(store):
    reading = read(TYPESCRIPT, store({"a": payload()}), with_history=True)
    assert "--history-db" in reading.findings["no-history"].remedy
