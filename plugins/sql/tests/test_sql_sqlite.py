"""What only SQLite has: a file, and values of any type in any column."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from sql_support.databases import Database
from sql_support.tables import messages
from synap_import import ConfigurationError, SourceError
from synap_import_sql.address import Address
from synap_import_sql.session import Session


def test_bytes_that_are_no_text_make_a_row_unreadable(sqlite: Database) -> None:
    sqlite.make("CREATE TABLE facts (id INTEGER PRIMARY KEY, content TEXT)")
    sqlite.run("INSERT INTO facts VALUES (1, 'tea'), (2, CAST(x'636166e9' AS TEXT))")
    reading = sqlite.read(table="facts")
    assert [record.text for record in reading.records] == ["tea"]
    assert "0xe9" in reading.unreadable[0].reason


def test_json_in_a_blob_is_reached_by_a_mapping(sqlite: Database, tmp_path: Path) -> None:
    """LangGraph's store keeps its values so."""
    sqlite.make("CREATE TABLE store (prefix TEXT, key TEXT, value BLOB, PRIMARY KEY (prefix, key))")
    sqlite.add("store", ("memories.ada", "k1", b'{"text": "tea"}'))
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: value.text\nuser: prefix\n")
    record = sqlite.record(table="store", mapping=mapping)
    assert (record.id, record.text) == ("memories.ada/k1", "tea")


def test_the_file_is_not_written_even_where_it_could_be(sqlite: Database) -> None:
    messages(sqlite, 1)
    session = Session(Address(sqlite.dsn), 20)
    with pytest.raises(SourceError, match="readonly database"):
        session.read_now(lambda connection: connection.execute(text("DELETE FROM messages")))
    session.close()


def test_a_writer_is_not_kept_waiting_between_two_pages(sqlite: Database) -> None:
    messages(sqlite, 5)
    sqlite.connection.execute("PRAGMA journal_mode = DELETE")
    reading = sqlite.read(table="messages", page_size=1)
    messages(sqlite, 1, begin=6)
    assert len(reading.records) == 5


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no file .*gone\.db"):
        Session(Address(f"sqlite:///{tmp_path}/gone.db"), 20)
    assert not list(tmp_path.iterdir())


def test_a_file_of_something_else_is_a_sentence(sqlite: Database, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("milk, bread" * 100)
    with pytest.raises(SourceError, match="file is not a database"):
        sqlite.read(dsn=f"sqlite:///{other}", table="messages")


@pytest.mark.parametrize("dsn", ["sqlite://", "sqlite:///:memory:", "sqlite://host/app.db"])
def test_an_address_without_a_file_is_a_sentence(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="names no file of SQLite"):
        str(Address(dsn))


def test_a_path_with_odd_characters_is_found(tmp_path: Path) -> None:
    path = tmp_path / "my app%20#1?.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    session = Session(Address(f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"), 9)
    assert session.read_now(lambda c: c.execute(text("SELECT count(*) FROM t")).scalar()) == 0
    session.close()
