"""Earlier and deleted texts come with the owner that the store knows, or are held."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mem0_support.local_stores import (
    DATA,
    HISTORY,
    assert_resumes_everywhere,
    history_database,
    make_database,
    open_file,
    payload,
    read,
    typescript_database,
    unchanged,
)
from synap_import import Finding, Link, MemoryRecord, Scope, Severity, SourceError, State
from synap_import_mem0.stores.changes import History
from synap_import_mem0.stores.history import HistoryDatabase, JoinedHistory
from synap_import_mem0.stores.typescript import TypeScriptDatabase

ALONE = HistoryDatabase()
TYPESCRIPT = TypeScriptDatabase()
OLD, NEW = DATA / "oss-1.0.5" / "qdrant-history.db", DATA / "oss-2.2.1" / "qdrant-history.db"
ALICE = Scope(user="alice")


def joined(path: Path, scopes: Mapping[str, Scope]) -> JoinedHistory:
    """The history of a store that has these memories."""

    def scopes_of(ids: Sequence[str]) -> Mapping[str, Scope]:
        return {one: scopes[one] for one in ids if one in scopes}

    return JoinedHistory(History(path), scopes_of)


def records(history: JoinedHistory) -> list[MemoryRecord]:
    return [record for page in history.pages(None) for record in page.records]


def findings(history: JoinedHistory) -> dict[str, Finding]:
    return {finding.code: finding for finding in history.findings}


@pytest.fixture
def history(tmp_path):
    """Writes a history of these changes: memory, old text, new text, event."""
    return lambda *changes: history_database(tmp_path / "history.db", *changes)


def test_the_text_before_a_change_is_superseded_and_its_owner_the_memorys(history):
    path = history(("m1", None, "Oslo.", "ADD"), ("m1", "Oslo.", "Bergen.", "UPDATE"))
    (record,) = records(joined(path, {"m1": ALICE}))
    assert (record.id, record.text, record.state) == ("m1:h2", "Oslo.", State.SUPERSEDED)
    assert (record.scope, record.hold) == (ALICE, None)
    assert record.links == (Link(relation="replaced_by", id="m1"),)
    assert record.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert record.updated_at == record.valid_to == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert record.role == "user"


def test_each_of_several_changes_has_an_earlier_text(history):
    path = history(
        ("m1", None, "One.", "ADD"),
        ("m1", "One.", "Two.", "UPDATE"),
        ("m1", "Two.", "Three.", "UPDATE"),
    )
    assert [one.text for one in records(joined(path, {"m1": ALICE}))] == ["One.", "Two."]


def test_the_texts_of_a_deleted_memory_are_held_for_nobody_knows_whose_they_are(history):
    path = history(
        ("m1", None, "One.", "ADD"),
        ("m1", "One.", "Two.", "UPDATE"),
        ("m1", "Two.", None, "DELETE"),
    )
    earlier, last = records(joined(path, {}))
    assert (earlier.text, earlier.state) == ("One.", State.SUPERSEDED)
    assert (last.text, last.state, last.links) == ("Two.", State.DELETED, ())
    assert earlier.hold == last.hold == "history-without-user"


def test_a_memory_that_was_deleted_and_is_there_again_has_an_owner(history):
    path = history(("m1", "One.", None, "DELETE"), ("m1", None, "Two.", "ADD"))
    (record,) = records(joined(path, {"m1": ALICE}))
    assert (record.text, record.state, record.scope) == ("One.", State.DELETED, ALICE)


def test_a_change_that_left_the_text_has_no_earlier_version_and_is_counted(history):
    path = history(("m1", None, "One.", "ADD"), ("m1", "One.", "One.", "UPDATE"))
    one = joined(path, {"m1": ALICE})
    assert records(one) == []
    assert findings(one)["history-without-change"].count == 1
    assert one.expected == 0


def test_memories_of_another_collection_are_told_and_not_read(history):
    path = history(
        ("ours", "Oslo.", "Bergen.", "UPDATE"),
        ("other", "Rome.", "Paris.", "UPDATE"),
        ("another", None, "London.", "ADD"),
    )
    one = joined(path, {"ours": ALICE})
    assert [record.text for record in records(one)] == ["Oslo."]
    finding = findings(one)["only-in-history"]
    assert (finding.severity, finding.count) == (Severity.WARNING, 2)
    assert finding.examples == ("another", "other")
    assert one.expected == 1


def test_two_stores_with_one_history_give_nothing_twice_that_differs(history):
    path = history(
        ("a", "A one.", "A two.", "UPDATE"),
        ("b", "B one.", "B two.", "UPDATE"),
        ("gone", "Gone.", None, "DELETE"),
    )
    first = {record.id: record for record in records(joined(path, {"a": ALICE}))}
    second = {record.id: record for record in records(joined(path, {"b": Scope(user="bob")}))}
    assert first.keys() | second.keys() == {"a:h1", "b:h2", "gone:h3"}
    assert {id_ for id_ in first.keys() & second.keys() if first[id_] != second[id_]} == set()


def test_a_memory_without_an_owner_of_its_own_is_left_to_the_host(history):
    path = history(("m1", "Oslo.", "Bergen.", "UPDATE"))
    (record,) = records(joined(path, {"m1": Scope()}))
    assert (record.scope, record.hold) == (Scope(), None)


def test_the_store_is_asked_for_a_page_of_ids_at_a_time(history):
    path = history(*((f"m{n}", "old", "new", "UPDATE") for n in range(1000)))
    asked = []

    def scopes_of(ids: Sequence[str]) -> Mapping[str, Scope]:
        asked.append(len(ids))
        return dict.fromkeys(ids, ALICE)

    assert len(records(JoinedHistory(History(path), scopes_of))) == 1000
    assert max(asked) <= 300


@pytest.mark.parametrize("path", [OLD, NEW])
def test_a_history_of_a_real_release_alone_tells_what_memories_said_last(path):
    reading = read(ALONE, path)
    assert len(reading.records) == reading.file.expected == 14
    assert {record.hold for record in reading.records} == {"history-without-user"}
    assert {record.state for record in reading.records} == {State.ACTIVE}
    assert "Alice lives in Bergen." in reading.texts
    assert "Alice lives in Oslo." not in reading.texts
    assert "Alice regrets having said this." not in reading.texts


@pytest.mark.parametrize("path", [OLD, NEW, DATA / "oss-ts-3.3.1" / "memory.db"])
def test_alone_and_asked_for_it_brings_earlier_and_deleted_texts_too(path):
    reading = read(ALONE, path, with_history=True)
    assert reading.one("Alice lives in Oslo.").state is State.SUPERSEDED
    assert reading.one("Alice regrets having said this.").state is State.DELETED
    assert len(reading.records) == reading.file.expected
    assert {record.hold for record in reading.records} == {"history-without-user"}


def test_pacific_times_of_old_releases_are_instants():
    record = read(ALONE, OLD, with_history=True).one("Alice lives in Oslo.")
    assert record.created_at is not None
    assert record.created_at.astimezone(UTC) == datetime(2026, 11, 25, 12, 48, 42, 871422, UTC)


def test_times_that_are_not_there_stay_absent():
    record = read(ALONE, OLD, with_history=True).one("Alice regrets having said this.")
    assert (record.created_at, record.updated_at) == (None, None)


def test_the_speaker_is_kept():
    record = read(ALONE, NEW).one("I moved to Berlin.")
    assert (record.role, record.name) == ("user", "Bob")


def test_alone_it_says_that_nobody_knows_whose_they_are_and_what_is_not_read():
    found = read(ALONE, NEW).findings
    assert found["history-without-user"].severity is Severity.WARNING
    assert "--history-db" in found["history-without-user"].remedy
    assert found["history-not-read"].message == "1 earlier and 1 deleted texts are not read."


def test_ids_of_current_texts_are_the_memories_own(history):
    path = history(("m1", None, "Oslo.", "ADD"), ("m1", "Oslo.", "Bergen.", "UPDATE"))
    assert [record.id for record in read(ALONE, path).records] == ["m1"]


def test_the_history_that_is_named_is_taken_before_the_one_beside(history, tmp_path):
    history(("m1", "Beside.", "Now.", "UPDATE"))
    named = history_database(tmp_path / "other.db", ("m1", "Named.", "Now.", "UPDATE"))
    store = typescript_database(tmp_path / "vector_store.db", {"m1": payload("Now.")})
    reading = read(TYPESCRIPT, store, with_history=True, history_db=named)
    assert reading.texts == ["Now.", "Named."]


def test_a_history_that_is_named_and_not_asked_for_is_told(history, tmp_path):
    path = history(("m1", "Before.", "Now.", "UPDATE"))
    store = typescript_database(tmp_path / "vector_store.db", {"m1": payload("Now.")})
    reading = read(TYPESCRIPT, store, history_db=path)
    assert reading.texts == ["Now."]
    assert reading.findings["history-not-read"].remedy == "Add --with-history."


def test_a_named_history_that_is_none_is_refused(tmp_path):
    store = typescript_database(tmp_path / "vector_store.db", {"m1": payload("Now.")})
    other = make_database(tmp_path / "other.db", "CREATE TABLE notes (id TEXT)")
    with pytest.raises(SourceError, match="not a history database"):
        open_file(TYPESCRIPT, store, with_history=True, history_db=other)


def test_a_named_history_that_is_missing_is_refused(tmp_path):
    store = typescript_database(tmp_path / "vector_store.db", {"m1": payload("Now.")})
    missing = tmp_path / "missing.db"
    with pytest.raises(SourceError, match=r"missing\.db"):
        open_file(TYPESCRIPT, store, with_history=True, history_db=missing)


def test_a_history_is_known_by_its_table(tmp_path, history):
    assert ALONE.recognises(history())
    assert not ALONE.recognises(make_database(tmp_path / "a.db", "CREATE TABLE notes (id TEXT)"))
    assert not ALONE.recognises(DATA / "oss-ts-3.3.1" / "vector_store.db")
    assert not ALONE.recognises(tmp_path)


def test_the_tables_of_first_releases_are_read(tmp_path):
    path = make_database(
        tmp_path / "history.db",
        "CREATE TABLE history (id TEXT PRIMARY KEY, memory_id TEXT, prev_value TEXT, "
        "new_value TEXT, event TEXT, timestamp DATETIME, is_deleted INTEGER)",
        "INSERT INTO history VALUES ('h1', 'm1', 'Oslo.', 'Bergen.', 'UPDATE', "
        "'2024-07-01T00:00:00-07:00', 0)",
    )
    reading = read(ALONE, path, with_history=True)
    assert reading.texts == ["Oslo.", "Bergen."]
    assert reading.records[0].created_at == datetime(2024, 7, 1, 7, tzinfo=UTC)


def test_a_table_of_another_shape_is_refused(tmp_path):
    path = make_database(tmp_path / "history.db", "CREATE TABLE history (id TEXT, url TEXT)")
    with pytest.raises(SourceError, match="not a history database"):
        open_file(ALONE, path)


def test_changes_that_cannot_be_records_are_told_and_the_others_go_on(tmp_path):
    insert = "INSERT INTO history VALUES (?, ?, ?, ?, ?, '2026-01-02', 'soon', 0, 7, NULL)"
    path = make_database(
        tmp_path / "history.db",
        HISTORY,
        (insert, ("h1", None, "Nobody's.", "x", "UPDATE")),
        (insert, ("h2", "m1", b"\xff", "x", "UPDATE")),
        (insert, (None, "m2", "Of no id.", None, "UPDATE")),
        (insert, ("h4", "m3", "Good.", "x", "UPDATE")),
    )
    reading = read(ALONE, path, with_history=True)
    assert reading.texts == ["x", "Of no id.", "Good.", "x"]
    assert reading.one("Of no id.").id == "m2:3"
    assert {item.where: item.reason for item in reading.unreadable} == {
        "history.db:history[1].old": "memory_id: is missing",
        "history.db:history[1].new": "memory_id: is missing",
        "history.db:history[2].old": "text: is not a string",
        "history.db:history[3].new": "text: is missing",
    }
    good = reading.one("Good.")
    assert good.created_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert set(good.assumptions) == {"date-only:created_at", "unreadable-time:updated_at"}


def test_a_change_of_no_memory_is_told_beside_a_store_too(history):
    path = history(("m1", "One.", "Two.", "UPDATE"))
    make_database(path, "UPDATE history SET memory_id = NULL")
    (page,) = joined(path, {"m1": ALICE}).pages(None)
    assert [item.reason for item in page.unreadable] == ["memory_id: is missing"]


def test_strange_texts_are_kept(history):
    long = "x" * 1_000_000
    path = history(("m1", long, "new", "UPDATE"), ("\x00m2", "Zero.", "new", "UPDATE"))
    make_database(path, "UPDATE history SET old_memory = CAST(x'ff' AS TEXT) WHERE id = 'h2'")
    reading = read(ALONE, path, with_history=True)
    assert long in reading.texts
    assert "\udcff" in reading.texts


def test_an_id_that_is_no_utf_8_is_not_in_the_store(history, tmp_path):
    path = history(("m1", "One.", "Two.", "UPDATE"))
    make_database(path, "UPDATE history SET memory_id = CAST(x'ff' AS TEXT)")
    store = typescript_database(tmp_path / "vector_store.db", {"m1": payload("Two.")})
    reading = read(TYPESCRIPT, store, with_history=True)
    assert reading.texts == ["Two."]
    assert reading.findings["only-in-history"].count == 1


def test_every_cursor_gives_the_rest(history):
    changes = [("m1", f"Text {n}.", f"Text {n + 1}.", "UPDATE") for n in range(700)]
    assert_resumes_everywhere(ALONE, history(*changes), with_history=True)


def test_every_cursor_of_a_store_with_its_history_gives_the_rest(history, tmp_path):
    history(*((f"m{n}", f"Old {n}.", f"New {n}.", "UPDATE") for n in range(400)))
    rows = {f"m{n}": payload(f"New {n}.") for n in range(400)}
    store = typescript_database(tmp_path / "vector_store.db", rows)
    assert_resumes_everywhere(TYPESCRIPT, store, with_history=True)


def test_nothing_is_written(tmp_path):
    shutil.copy(OLD, tmp_path / "history.db")
    with unchanged(tmp_path):
        read(ALONE, tmp_path / "history.db", with_history=True)


def test_asking_for_the_earlier_texts_is_another_version():
    assert open_file(ALONE, NEW).version != open_file(ALONE, NEW, with_history=True).version


def test_a_damaged_history_ends_in_a_sentence(history):
    path = history(*((f"m{n}", "x" * 500, "new", "UPDATE") for n in range(200)))
    path.write_bytes(path.read_bytes()[:8192] + b"\xff" * 100_000)
    with pytest.raises(SourceError, match="cannot be read as a database"):
        read(ALONE, path)
