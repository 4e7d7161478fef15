"""Whatever is wrong is a sentence with a cure, before anything is loaded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from sql_support.databases import Database
from sql_support.mariadb_server import MariaDbServer
from sql_support.tables import messages
from support.postgres_server import PostgresServer
from synap_import import ConfigurationError, Severity, SourceError, SourceUnavailableError
from synap_import_sql.address import Address


def test_a_wrong_password_is_a_sentence_without_the_password(
    postgres_running: PostgresServer, mariadb_running: MariaDbServer, sqlite: Database
) -> None:
    for server in (postgres_running, mariadb_running):
        dsn = server.address("whatever", password="wr0ng-secret")
        with pytest.raises(SourceError, match="lets nobody in") as told:
            sqlite.read(dsn=dsn, table="messages")
        assert "SYNAP_IMPORT_SQL_DSN" in told.value.remedy
        assert "wr0ng-secret" not in str(told.value)


def test_a_database_that_is_not_there_is_a_sentence(
    postgres_running: PostgresServer, sqlite: Database
) -> None:
    with pytest.raises(SourceError, match='database "gone" does not exist'):
        sqlite.read(dsn=postgres_running.address("gone"), table="messages")


@pytest.mark.parametrize("dsn", ["postgresql://a:b@127.0.0.1:1/x", "mysql://a:b@127.0.0.1:1/x"])
def test_nobody_there_is_a_sentence(sqlite: Database, dsn: str) -> None:
    with pytest.raises(SourceUnavailableError, match=r"at 127\.0\.0\.1:1/x does not answer"):
        sqlite.read(dsn=dsn, table="messages")


@pytest.mark.parametrize("dsn", ["app", "postgresql://u:p@ss@host/db", "postgresql://h:port/db"])
def test_what_is_no_address_is_a_sentence_that_does_not_repeat_it(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="--dsn is not the address of a database") as told:
        Address(dsn)
    assert dsn not in str(told.value)


def test_a_system_that_cannot_be_read_is_named_with_another_way() -> None:
    with pytest.raises(ConfigurationError, match="'oracle'") as told:
        Address("oracle://u:p@host/db")
    assert "synap-import json" in told.value.remedy


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch, sqlite: Database) -> None:
    for dsn, driver, extra in (
        ("postgres://h/db", "psycopg", "postgres"),
        ("mysql://h/db", "pymysql", "mysql"),
    ):
        monkeypatch.setitem(sys.modules, driver, None)
        with pytest.raises(ConfigurationError, match=f"needs the package {driver}") as told:
            sqlite.read(dsn=dsn, table="messages")
        assert told.value.remedy == f"pip install 'synap-import-sql[{extra}]'"


def test_an_account_is_the_same_whoever_reads_and_names_no_password() -> None:
    accounts = {
        Address(dsn).account
        for dsn in ("postgres://ada:s3cret@db/app", "postgresql+psycopg2://bob:x@db:5432/app")
    }
    assert accounts == {"postgresql://db:5432/app"}
    assert Address("mariadb://db/app").account == Address("mysql://db:3306/app").account


def test_a_table_that_is_not_there_is_answered_with_those_that_are(database: Database) -> None:
    messages(database, 1)
    with pytest.raises(
        SourceError, match="has no table 'mesages'; did you mean 'messages'"
    ) as told:
        database.read(table="mesages")
    assert "messages" in told.value.remedy


@pytest.mark.parametrize("name", ["", "a.b.c.d", 'x"y', "."])
def test_what_is_no_name_of_a_table_is_a_sentence(sqlite: Database, name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not the name of a table"):
        sqlite.read(table=name)


def test_a_column_that_is_not_there_is_answered_with_the_nearest(
    database: Database, tmp_path: Path
) -> None:
    messages(database, 1)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: contents\n")
    with pytest.raises(SourceError, match="no column 'contents', which 'content' in the mapping"):
        database.read(table="messages", mapping=mapping)
    with pytest.raises(SourceError, match="no column 'idd', which --key names; did you mean 'id'"):
        database.read(table="messages", key="idd")
    with pytest.raises(SourceError, match="contentt"):
        database.read(query="SELECT contentt FROM messages", key="id")


def test_a_field_may_name_columns_that_only_other_tables_have(
    sqlite: Database, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: [body, content]\nuser: {const: ada}\n")
    assert messages(sqlite, 1).record(table="messages", mapping=mapping).text == "message 1"


def test_a_table_that_may_not_be_read_is_named_with_the_cure(postgres: Database) -> None:
    postgres.run("CREATE TABLE closed (id int PRIMARY KEY, content text)")
    with pytest.raises(SourceError, match="permission denied for table closed") as told:
        postgres.read(table="closed")
    assert "GRANT SELECT" in told.value.remedy


def test_a_key_that_is_there_twice_is_told_with_examples(database: Database) -> None:
    messages(database, 5)
    with pytest.raises(SourceError, match="conversation_id=c0 is there 4 times") as told:
        database.read(table="messages", key="conversation_id")
    assert "primary key" in told.value.remedy


def test_a_key_that_is_empty_somewhere_is_told(database: Database) -> None:
    messages(database, 2)
    database.run("UPDATE messages SET content = NULL WHERE id = 2")
    with pytest.raises(SourceError, match="it is empty in 1 rows"):
        database.read(table="messages", key="content")


def test_a_query_needs_a_key_and_a_table_without_one_too(database: Database) -> None:
    messages(database, 1)
    with pytest.raises(ConfigurationError, match="the query has no key of its own") as told:
        database.read(query="SELECT id, content FROM messages")
    assert "--key" in told.value.remedy
    database.make("CREATE TABLE loose (n INTEGER, content VARCHAR(10))")
    with pytest.raises(ConfigurationError, match="table loose has no primary key"):
        database.read(table="loose")


@pytest.mark.parametrize("key", ["", " , ", "id,id"])
def test_what_names_no_columns_is_no_key(sqlite: Database, key: str) -> None:
    with pytest.raises(ConfigurationError, match="does not name columns"):
        messages(sqlite, 1).read(table="messages", key=key)


def test_a_unique_index_is_taken_at_its_word_unless_it_is_partial(postgres: Database) -> None:
    postgres.make("CREATE TABLE t (a int NOT NULL, b int NOT NULL, content text, UNIQUE (a, b))")
    postgres.run("CREATE UNIQUE INDEX half ON t (a) WHERE b > 5")
    postgres.add("t", (1, 1, "x"), (1, 2, "y"))
    assert len(postgres.read(table="t", key="b,a").records) == 2
    with pytest.raises(SourceError, match="a=1 is there 2 times"):
        postgres.read(table="t", key="a")


def test_columns_of_the_same_name_are_told_with_the_cure(
    postgres: Database, mariadb: Database
) -> None:
    query = "SELECT a.*, b.id FROM messages a JOIN messages b ON a.id = b.id"
    with pytest.raises(SourceError, match="more than one column named 'id'") as told:
        messages(postgres, 1).read(query=query, key="id")
    assert "AS gives it another name" in told.value.remedy
    with pytest.raises(SourceError, match="Duplicate column name 'id'"):
        messages(mariadb, 1).read(query=query, key="id")


@pytest.mark.parametrize(
    "options", [{}, {"table": "messages", "query": "SELECT 1"}], ids=["neither", "both"]
)
def test_either_a_table_or_a_query_is_read(sqlite: Database, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="Either --table or --query"):
        sqlite.read(**options)


def test_a_zone_that_is_none_is_told(sqlite: Database) -> None:
    with pytest.raises(ConfigurationError, match=r"--assume-tz: .*did you mean 'Europe/Berlin'"):
        messages(sqlite, 1).read(table="messages", assume_tz="Europe/Berln")


def test_ids_of_the_mapping_that_repeat_are_told_before_anything_is_loaded(
    database: Database, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: content\nid: conversation_id\n")
    with pytest.raises(SourceError, match="5 rows have 2 ids"):
        messages(database, 5).read(table="messages", mapping=mapping)


def test_naive_times_are_a_warning_until_their_zone_is_named(sqlite: Database) -> None:
    sqlite.make("CREATE TABLE notes (id INTEGER PRIMARY KEY, content TEXT, created_at TEXT)")
    sqlite.add("notes", (1, "tea", "2026-10-25 02:30:00"))
    naive = {one.code: one for one in sqlite.read(table="notes").check.findings}["sql-naive-time"]
    assert naive.severity is Severity.WARNING
    reading = sqlite.read(table="notes", assume_tz="Europe/Berlin")
    named = {one.code: one for one in reading.check.findings}["sql-naive-time"]
    assert (named.severity, "Europe/Berlin" in named.message) == (Severity.INFO, True)
    assert reading.records[0].created_at is not None
    # Clocks go back in this hour: the first of the two is taken.
    assert reading.records[0].created_at.isoformat() == "2026-10-25T02:30:00+02:00"


def test_a_mapping_that_names_a_zone_is_not_overruled(sqlite: Database, tmp_path: Path) -> None:
    sqlite.make("CREATE TABLE notes (id INTEGER PRIMARY KEY, content TEXT, created_at TEXT)")
    sqlite.add("notes", (1, "tea", "2026-01-15 02:30:00"))
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: content\ncreated_at: {path: created_at, tz: +05:00}\n")
    record = sqlite.record(table="notes", mapping=mapping, assume_tz="UTC")
    assert record.created_at is not None
    assert record.created_at.isoformat() == "2026-01-15T02:30:00+05:00"


def test_an_empty_table_is_read_without_complaint(database: Database) -> None:
    reading = messages(database).read(table="messages")
    assert (reading.check.expected, reading.records, reading.findings) == (0, [], [])
