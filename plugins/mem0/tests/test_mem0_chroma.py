"""Chroma databases are read whole: the right collection, every type of value, nothing written."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from mem0_support.local_stores import (
    DATA,
    assert_as_shown,
    assert_resumes_everywhere,
    history_database,
    make_database,
    open_file,
    payload,
    read,
    shown_by_get_all,
    unchanged,
)
from synap_import import ConfigurationError, Severity, SourceError, State
from synap_import_mem0.stores.chroma import ChromaDatabase

CHROMA = ChromaDatabase()
RELEASES = ("oss-1.0.5", "oss-2.2.1")
REAL = DATA / "oss-2.2.1" / "chroma"
EMPTY = (
    "DELETE FROM embedding_metadata",
    "DELETE FROM embeddings",
    "DELETE FROM embeddings_queue",
    "DELETE FROM max_seq_id",
    "DELETE FROM segments",
    "DELETE FROM collections",
)
DATABASE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def folder(tmp_path):
    """A folder with a real Chroma's database that holds nothing."""
    chroma = tmp_path / "chroma"
    shutil.copytree(REAL, chroma)
    make_database(chroma / "chroma.sqlite3", *EMPTY)
    return chroma


@pytest.fixture
def add(folder):
    """Adds a collection with these payloads, as Chroma would."""

    def run(name: str, payloads: dict[str, Any], database: str = DATABASE) -> None:
        collection, segment = f"c-{name}-{database}", f"s-{name}-{database}"
        with closing(sqlite3.connect(folder / "chroma.sqlite3")) as chroma, chroma:
            chroma.execute(
                "INSERT INTO collections (id, name, database_id) VALUES (?, ?, ?)",
                (collection, name, database),
            )
            chroma.executemany(
                "INSERT INTO segments VALUES (?, 'urn:chroma', ?, ?)",
                [(segment, "METADATA", collection), (f"v{segment}", "VECTOR", collection)],
            )
            for id_, one in payloads.items():
                number = chroma.execute(
                    "INSERT INTO embeddings (segment_id, embedding_id, seq_id) VALUES (?, ?, 1)",
                    (segment, id_),
                ).lastrowid
                for key, value in one.items():
                    _add_value(chroma, number, key, value)

    return run


def _add_value(chroma: sqlite3.Connection, number: int | None, key: str, value: Any) -> None:
    if isinstance(value, list):
        for element in value:
            _insert(chroma, "embedding_metadata_array", number, key, element)
    else:
        _insert(chroma, "embedding_metadata", number, key, value)


def _insert(
    chroma: sqlite3.Connection, table: str, number: int | None, key: str, value: Any
) -> None:
    columns = {bool: "bool_value", int: "int_value", float: "float_value", str: "string_value"}
    statement = f"INSERT INTO {table} (id, key, {columns[type(value)]}) VALUES (?, ?, ?)"
    chroma.execute(statement, (number, key, value))


@pytest.mark.parametrize("release", RELEASES)
def test_a_database_of_a_real_release_gives_what_its_get_all_showed(release):
    reading = read(CHROMA, DATA / release / "chroma")
    assert_as_shown(reading.records, shown_by_get_all(release, "chroma"))
    assert reading.file.title == "Chroma collection 'mem0', 13 memories"
    assert reading.file.expected == 13


def test_the_database_itself_can_be_given():
    assert CHROMA.recognises(REAL / "chroma.sqlite3")
    assert read(CHROMA, REAL / "chroma.sqlite3").texts == read(CHROMA, REAL).texts


def test_what_is_no_chroma_is_none(tmp_path):
    assert not CHROMA.recognises(tmp_path)
    assert not CHROMA.recognises(tmp_path / "missing")
    assert not CHROMA.recognises(make_database(tmp_path / "a.db", "CREATE TABLE embeddings (id)"))


def test_an_expired_memory_says_so():
    assert read(CHROMA, REAL).one("The trial ends in spring.").state is State.EXPIRED


def test_values_keep_their_types(folder, add):
    metadata = {"flag": True, "off": False, "n": 0, "share": 0.5, "word": "", "tags": ["b", "a"]}
    add("mem0", {"a": payload(**metadata)})
    assert read(CHROMA, folder).records[0].metadata == metadata


def test_lists_are_no_matter_to_an_older_database(folder, add):
    add("mem0", {"a": payload()})
    make_database(folder / "chroma.sqlite3", "DROP TABLE embedding_metadata_array")
    assert read(CHROMA, folder).texts == ["Alice likes tea."]


def test_the_librarys_own_collections_are_left_out_and_counted(folder, add):
    add("mem0", {"a": payload()})
    add("mem0_entities", {"e1": {"data": "Oslo"}, "e2": {"data": "Bergen"}})
    add("mem0migrations", {"m": {"user_id": "x", "type": "user_identity"}})
    reading = read(CHROMA, folder)
    assert reading.texts == ["Alice likes tea."]
    finding = reading.findings["not-memories"]
    assert finding.severity is Severity.INFO
    assert finding.examples == ("mem0_entities (2 rows)", "mem0migrations (1 rows)")


def test_identities_and_entities_among_the_memories_are_left_out_and_counted(folder, add):
    entity = {"data": "Oslo", "entity_type": "PROPER", "linked_memory_ids": ["a"]}
    identity = {"user_id": "somebody", "type": "user_identity"}
    typed = payload("A memory of that type.", type="user_identity")
    add("mem0", {"a": payload(), "e": entity, "i": identity, "t": typed})
    reading = read(CHROMA, folder)
    assert reading.texts == ["Alice likes tea.", "A memory of that type."]
    assert reading.file.expected == 2
    assert {code: one.count for code, one in reading.findings.items()} == {
        "entity-rows": 1,
        "user-identity-rows": 1,
    }


def test_of_several_collections_one_has_to_be_chosen(folder, add):
    add("mem0", {"a": payload(), "b": payload()})
    add("work", {"c": payload("About work.")})
    add("mem0_entities", {"e": {"data": "Oslo"}})
    with pytest.raises(ConfigurationError, match=r"mem0 \(2 rows\), work \(1 rows\)") as error:
        open_file(CHROMA, folder)
    assert "--collection" in error.value.remedy


def test_the_chosen_collection_is_read_and_the_others_named(folder, add):
    add("mem0", {"a": payload(), "b": payload()})
    add("work", {"c": payload("About work.")})
    reading = read(CHROMA, folder, collection="work")
    assert reading.texts == ["About work."]
    finding = reading.findings["other-collection"]
    assert (finding.count, finding.examples) == (2, ("mem0",))


def test_an_empty_collection_is_no_choice(folder, add):
    add("mem0", {"a": payload()})
    add("tried", {})
    assert read(CHROMA, folder).texts == ["Alice likes tea."]


def test_a_collection_that_is_not_there_is_refused_with_those_that_are(folder, add):
    add("mem0", {"a": payload()})
    with pytest.raises(ConfigurationError, match=r"no collection 'other'.*mem0 \(1 rows\)"):
        open_file(CHROMA, folder, collection="other")


def test_a_database_without_collections_is_refused(folder):
    with pytest.raises(SourceError, match="has no collection with memories"):
        open_file(CHROMA, folder)


def test_collections_of_the_same_name_in_two_databases_are_told_apart(folder, add):
    other = "11111111-1111-1111-1111-111111111111"
    make_database(
        folder / "chroma.sqlite3",
        ("INSERT INTO databases VALUES (?, 'other', 'default_tenant')", (other,)),
    )
    add("mem0", {"a": payload("One.")})
    add("mem0", {"b": payload("Two.")}, database=other)
    with pytest.raises(ConfigurationError, match="more than one"):
        open_file(CHROMA, folder)
    assert read(CHROMA, folder, collection=f"{other}.mem0").texts == ["Two."]


def test_a_chroma_from_before_there_were_databases_is_read(tmp_path):
    path = make_database(
        tmp_path / "chroma.sqlite3",
        "CREATE TABLE collections (id TEXT, name TEXT, topic TEXT)",
        "CREATE TABLE segments (id TEXT, type TEXT, scope TEXT, topic TEXT, collection TEXT)",
        "CREATE TABLE embeddings (id INTEGER PRIMARY KEY, segment_id, embedding_id, seq_id BLOB)",
        "CREATE TABLE embedding_metadata (id INTEGER, key TEXT, string_value TEXT, "
        "int_value INTEGER, float_value REAL, bool_value INTEGER, PRIMARY KEY (id, key))",
        "INSERT INTO collections VALUES ('c', 'mem0', 't')",
        "INSERT INTO segments VALUES ('s', 'sqlite', 'METADATA', 't', 'c')",
        "INSERT INTO embeddings VALUES (1, 's', 'a', x'0000000000000001')",
        "INSERT INTO embedding_metadata VALUES (1, 'data', 'An old one.', NULL, NULL, NULL)",
    )
    assert read(CHROMA, path).texts == ["An old one."]


@pytest.mark.parametrize("applied", [5, (5).to_bytes(8)])
def test_changes_that_chroma_has_not_applied_are_a_hole(folder, add, applied):
    add("mem0", {"a": payload()})
    topic = f"persistent://default/default/c-mem0-{DATABASE}"
    log = "INSERT INTO embeddings_queue (seq_id, operation, topic, id) VALUES (?, 0, ?, 'x')"
    make_database(
        folder / "chroma.sqlite3",
        (f"INSERT INTO max_seq_id VALUES ('s-mem0-{DATABASE}', ?)", (applied,)),
        *((log, (number, topic)) for number in (4, 5, 6, 7)),
        (log, (8, "persistent://default/default/another")),
    )
    finding = read(CHROMA, folder).findings["chroma-log-not-applied"]
    assert (finding.severity, finding.count) == (Severity.ERROR, 2)
    assert "PersistentClient" in finding.remedy


def test_what_cannot_be_a_record_is_told_and_the_others_go_on(folder, add):
    add(
        "mem0",
        {
            "good": payload("Good."),
            "nothing": {},
            "wordless": {"user_id": "alice"},
            "number": {"data": 5},
            "also good": payload("Also good."),
        },
    )
    reading = read(CHROMA, folder)
    assert reading.texts == ["Good.", "Also good."]
    assert {item.where: item.reason for item in reading.unreadable} == {
        "chroma:nothing": "memory: is missing",
        "chroma:wordless": "memory: is missing",
        "chroma:number": "memory: is not a string",
    }


def test_strange_values_are_kept(folder, add):
    add("mem0", {"a": payload("x" * 1_000_000, n=2**62)})
    make_database(
        folder / "chroma.sqlite3",
        "INSERT INTO embedding_metadata (id, key, float_value) SELECT id, 'inf', 9e999 "
        "FROM embeddings",
        "INSERT INTO embedding_metadata (id, key, string_value) SELECT id, 'raw', "
        "CAST(x'ff' AS TEXT) FROM embeddings",
    )
    record = read(CHROMA, folder).records[0]
    assert len(record.text) == 1_000_000
    assert record.metadata == {"n": 2**62, "inf": float("inf"), "raw": "\udcff"}


def test_every_cursor_gives_the_rest(folder, add):
    add("first", {f"x{n}": payload() for n in range(10)})
    add("mem0", {f"m{n}": payload(f"Memory {n}.") if n % 50 else {} for n in range(700)})
    assert_resumes_everywhere(CHROMA, folder, collection="mem0")


def test_pages_of_large_memories_are_shorter(folder, add):
    add("mem0", {f"m{n}": payload("x" * 1_000_000) for n in range(20)})
    assert [len(page.records) for page in read(CHROMA, folder).pages] == [8, 8, 4]


def test_nothing_is_written(folder, add):
    add("mem0", {"a": payload()})
    with unchanged(folder):
        read(CHROMA, folder, with_history=True)


def test_a_damaged_database_ends_in_a_sentence(folder, add):
    add("mem0", {f"m{n}": payload("x" * 500) for n in range(200)})
    path = folder / "chroma.sqlite3"
    half = path.stat().st_size // 2
    path.write_bytes(path.read_bytes()[:half] + b"\xff" * half)
    with pytest.raises(SourceError, match="cannot be read as a database"):
        read(CHROMA, folder)


def test_the_history_beside_it_comes_with_the_users(folder, add):
    add("mem0", {"m1": payload("Bergen.", user_id="alice"), "m2": payload("Tea.", user_id="bob")})
    history_database(
        folder / "history.db",
        ("m1", "Oslo.", "Bergen.", "UPDATE"),
        ("m2", "Coffee.", "Tea.", "UPDATE"),
    )
    reading = read(CHROMA, folder, with_history=True)
    assert reading.one("Oslo.").scope.user == "alice"
    assert reading.one("Coffee.").scope.user == "bob"
    assert reading.file.expected == len(reading.records) == 4
