"""What is promised of every database, with a real one of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from sql_support.databases import Database
from sql_support.runs import Runs
from sql_support.tables import messages
from synap_import import Kind, Scope, ScopeCount, ScopeKind


def test_a_table_with_obvious_names_needs_no_mapping(database: Database) -> None:
    reading = messages(database, 3).read(table="messages")
    first = reading.records[0]
    assert (first.system, first.id, first.kind) == ("sql", "1", Kind.MESSAGE)
    assert (first.role, first.text, first.position) == ("user", "message 1", 1)
    assert first.scope == Scope(user="u0", session="c0")
    assert first.created_at is not None
    assert first.created_at.isoformat() == "2026-01-15T10:00:00+00:00"
    assert reading.check.expected == 3
    assert reading.findings == []


def test_what_was_taken_for_what_is_said_before_anything_is_read(database: Database) -> None:
    told = messages(database, 1).read(table="messages").check.findings[0]
    assert told.code == "sql-built-in-mapping"
    assert "user from user_id" in told.message
    assert "session from conversation_id" in told.message


def test_a_mapping_says_what_the_columns_are(database: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\nsystem: acme\ncontent: content\nuser: role\nkind: document\n")
    record = messages(database, 1).record(table="messages", mapping=mapping)
    assert (record.system, record.kind, record.scope) == (
        "acme",
        Kind.DOCUMENT,
        Scope(user="user"),
    )


def test_a_query_is_read_in_the_order_of_the_key_that_is_named(database: Database) -> None:
    query = "SELECT id, content, user_id FROM messages WHERE role = 'user' -- the questions;"
    reading = messages(database, 9).read(query=query, key="id", page_size=2)
    assert [record.id for record in reading.records] == ["1", "3", "5", "7", "9"]
    assert reading.findings == []


def test_a_key_of_several_columns_orders_and_identifies(database: Database) -> None:
    database.make(
        "CREATE TABLE turns (chat VARCHAR(20), idx INTEGER, content VARCHAR(100), "
        "PRIMARY KEY (chat, idx))"
    )
    database.add("turns", ("b/1", 0, "three"), ("a", 1, "two"), ("a", 0, "one"))
    records = database.read(table="turns", page_size=1).records
    assert [(one.id, one.text) for one in records] == [
        ("a/0", "one"),
        ("a/1", "two"),
        ("b%2F1/0", "three"),
    ]


def test_users_are_counted_by_the_database(database: Database) -> None:
    messages(database, 12)
    database.add("messages", (90, "c9", None, "user", "Who am I?", None))
    database.add("messages", (91, "c9", " ", "user", "And I?", None))
    scopes = database.read(table="messages").scopes
    assert scopes is not None
    assert sorted(scopes, key=lambda one: one.id) == [
        ScopeCount(ScopeKind.SESSION, "c9", 2),
        ScopeCount(ScopeKind.USER, "u0", 8),
        ScopeCount(ScopeKind.USER, "u1", 4),
    ]


def test_a_run_that_was_interrupted_anywhere_goes_on_behind_its_last_page(
    database: Database,
) -> None:
    config = messages(database, 9).config(table="messages", page_size=2)
    for stop_at in (1, 4):
        runs = Runs(config)
        runs.run(stop=lambda _, stop_at=stop_at, runs=runs: len(runs.pages) == stop_at)
        assert runs.run() == []
        assert runs.ids == [str(number) for number in range(1, 10)]


def test_rows_that_were_added_meanwhile_come_with_the_same_or_the_next_run(
    database: Database,
) -> None:
    runs = Runs(messages(database, 5).config(table="messages", page_size=2))
    runs.run(stop=lambda _: True)
    messages(database, 2, begin=6)
    assert runs.run() == []
    messages(database, 2, begin=8)
    assert runs.run() == []
    assert runs.ids == [str(number) for number in range(1, 10)]


def test_rows_that_were_committed_behind_the_cursor_are_not_lost(database: Database) -> None:
    """A sequence gave them smaller numbers, and their transaction took longer."""
    messages(database)
    messages(database, 2, begin=5)
    runs = Runs(database.config(table="messages", page_size=1))
    runs.run(stop=lambda _: len(runs.pages) == 2)
    messages(database, 2, begin=2)
    assert runs.run() == []
    assert sorted(runs.ids) == ["2", "3", "5", "6"]


def test_rows_that_come_when_the_end_was_read_are_told_and_come_with_the_next_run(
    database: Database,
) -> None:
    def add_at_the_end(_: object) -> bool:
        if [page.cursor for page in runs.pages].count(None) == 2:
            messages(database, 2, begin=3)
        return False

    runs = Runs(messages(database, 2).config(table="messages"))
    (finding,) = runs.run(add_at_the_end) or ()
    assert (finding.code, finding.count) == ("sql-added-meanwhile", 2)
    assert runs.run() == []
    assert runs.ids == ["1", "2", "3", "4"]


def test_a_row_without_a_text_is_told_once_a_run_and_the_others_go_on(database: Database) -> None:
    messages(database, 2)
    database.add("messages", (3, "c0", "u0", "user", None, None))
    reading = database.read(table="messages", page_size=1)
    assert [record.id for record in reading.records] == ["1", "2"]
    (unreadable,) = reading.unreadable
    assert unreadable.where == "table messages, id=3"
    assert unreadable.reason == "content: it is missing"
    assert "conversation_id=c0" in unreadable.raw
    assert reading.findings == []


def test_rows_that_the_mapping_makes_one_record_of_are_told(
    database: Database, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: content\nid: {hash: [content]}\nunmapped: drop\n")
    messages(database, 2)
    database.run("UPDATE messages SET content = 'ok'")
    (finding,) = database.read(table="messages", mapping=mapping).findings or ()
    assert (finding.code, finding.count) == ("sql-rows-without-record", 1)


@pytest.mark.parametrize("name", ["odd name", "from", "a.B", "100%:b"])
def test_columns_and_tables_may_have_any_name(database: Database, name: str) -> None:
    quote = "`" if database.system == "mariadb" else '"'
    column = f"{quote}{name}{quote}"
    database.make(f"CREATE TABLE {column} (id INTEGER PRIMARY KEY, {column} INTEGER, content TEXT)")
    database.run(f"INSERT INTO {column} VALUES (1, 7, 'tea')")
    table = f'"{name}"'
    assert database.record(table=table).metadata["unmapped"] == {name: 7}
    query = f"SELECT id, content, {column} FROM {column}"
    assert database.record(query=query, key="id").metadata["unmapped"] == {name: 7}


def test_colons_and_percent_signs_of_a_query_are_its_own(database: Database) -> None:
    messages(database, 1)
    query = "SELECT id, 'at :id, 100%, \\:x ::y' AS content FROM messages"
    if database.system == "mariadb":
        query = query.replace("\\", "\\\\")
    assert database.record(query=query, key="id").text == "at :id, 100%, \\:x ::y"


def test_columns_that_the_mapping_drops_are_not_even_asked_for(
    database: Database, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "version: 1\ncontent: content\nmetadata: {const: {}, drop: [user_id, conversation_id]}\n"
    )
    record = messages(database, 1).record(table="messages", mapping=mapping)
    assert set(record.raw) == {"id", "role", "content", "created_at"}
