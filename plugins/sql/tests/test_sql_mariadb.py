"""What only MySQL and MariaDB have, read from a real MariaDB."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from sql_support.databases import Database
from sql_support.mariadb_server import OWNER, MariaDbServer
from sql_support.tables import messages
from synap_import import SourceError
from synap_import_sql.address import Address
from synap_import_sql.databases.mysql import MySql
from synap_import_sql.session import Session


def test_every_type_becomes_a_plain_value(mariadb: Database) -> None:
    mariadb.make(
        "CREATE TABLE everything (id BINARY(16) PRIMARY KEY, content TEXT, n DECIMAL(20, 2), "
        "big BIGINT UNSIGNED, e ENUM('a', 'b'), s SET('x', 'y'), flag BOOL, bits BIT(3), "
        "doc JSON, day DATE, span TIME, year YEAR, u UUID, blobbed BLOB)",
        "INSERT INTO everything VALUES (x'5b79604562c04b48a077070d81e9ac8d', 'tea 🌱', 12.5, "
        "18446744073709551615, 'b', 'x,y', 1, b'101', '{\"a\": 1}', '2026-01-15', '-26:00:00', "
        "2026, '5b796045-62c0-4b48-a077-070d81e9ac8d', x'00ff')",
    )
    raw = mariadb.record(table="everything").raw
    assert str(raw.pop("day")) == "2026-01-15"
    assert raw == {
        "id": "5b79604562c04b48a077070d81e9ac8d",
        "content": "tea 🌱",
        "n": "12.50",
        "big": 18446744073709551615,
        "e": "b",
        "s": "x,y",
        "flag": 1,
        "bits": 5,
        "doc": '{"a": 1}',
        "span": "-2 days, 22:00:00",
        "year": 2026,
        "u": "5b796045-62c0-4b48-a077-070d81e9ac8d",
        "blobbed": "00ff",
    }


def test_a_timestamp_is_a_moment_and_a_datetime_names_no_zone(
    mariadb: Database, tmp_path: Path
) -> None:
    mariadb.make(
        "CREATE TABLE facts (id INT PRIMARY KEY, content TEXT, a TIMESTAMP(6) NULL, b DATETIME)",
        "SET time_zone = '+02:00'",
        "INSERT INTO facts VALUES (1, 'tea', '2026-01-15 10:30:00.5', '2026-01-15 10:30:00')",
    )
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: content\ncreated_at: a\nupdated_at: b\n")
    record = mariadb.record(table="facts", mapping=mapping, assume_tz="America/New_York")
    times = (record.created_at, record.updated_at)
    assert [one and one.isoformat() for one in times] == [
        "2026-01-15T08:30:00.500000+00:00",
        "2026-01-15T10:30:00-05:00",
    ]
    assert record.assumptions == ("naive-time:updated_at",)


@pytest.mark.parametrize(
    ("time", "assumption"),
    [
        ("0000-00-00 00:00:00", "unknown-time:created_at"),
        ("2026-00-00 00:00:00", "unreadable-time:created_at"),
    ],
)
def test_times_that_are_none_are_absent_and_kept(
    mariadb: Database, time: str, assumption: str
) -> None:
    mariadb.make(
        "CREATE TABLE facts (id INT PRIMARY KEY, content TEXT, created_at DATETIME)",
        "SET sql_mode = ''",
        f"INSERT INTO facts VALUES (1, 'tea', '{time}')",
    )
    record = mariadb.record(table="facts")
    assert (record.created_at, record.assumptions) == (None, (assumption,))
    assert record.metadata["source_created_at"] == time


def test_a_mapping_reaches_into_json_that_is_stored_as_text(
    mariadb: Database, tmp_path: Path
) -> None:
    mariadb.make("CREATE TABLE facts (id INT PRIMARY KEY, doc JSON)")
    mariadb.add("facts", (1, '{"text": "tea", "owner": {"id": "ada"}, "tags": ["food"]}'))
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "version: 1\ncontent: doc.text\nuser: doc.owner.id\ntags: {jmespath: 'doc.tags'}\n"
    )
    record = mariadb.record(table="facts", mapping=mapping)
    assert (record.text, record.scope.user, record.tags) == ("tea", "ada", ("food",))


def test_mysqls_own_json_is_always_decoded() -> None:
    """MariaDB's is a text by another name, so this is as its protocol has it."""
    convert = MySql("MySQL").converters([("doc", 245, None)])["doc"]
    assert convert('{"a": [1]}') == {"a": [1]}


def test_letters_of_a_latin1_table_come_out_right(mariadb: Database) -> None:
    mariadb.make(
        "CREATE TABLE facts (id INT PRIMARY KEY, content TEXT) CHARACTER SET latin1",
        "INSERT INTO facts VALUES (1, 'Café €')",
    )
    assert mariadb.record(table="facts").text == "Café €"


def test_keys_that_differ_in_case_only_are_followed_in_their_collation(mariadb: Database) -> None:
    mariadb.make("CREATE TABLE facts (k VARCHAR(9) COLLATE utf8mb4_bin PRIMARY KEY, content TEXT)")
    mariadb.add("facts", ("a", "1"), ("A", "2"), ("b", "3"), ("B ", "4"))
    assert len(mariadb.read(table="facts", page_size=1).records) == 4


def test_nothing_can_be_written_even_by_the_owner(
    mariadb: Database, mariadb_running: MariaDbServer
) -> None:
    name = mariadb.dsn.rpartition("/")[2]
    messages(mariadb, 1)
    session = Session(Address(mariadb_running.address(name, OWNER)), 20)
    with pytest.raises(SourceError, match="READ ONLY transaction"):
        session.read_now(lambda c: c.execute(text("INSERT INTO messages (id) VALUES (7)")))
    session.close()


def test_a_statement_that_takes_too_long_ends_with_advice(mariadb: Database) -> None:
    messages(mariadb, 1)
    query = "SELECT id, content, sleep(5) AS s FROM messages"
    with pytest.raises(SourceError, match="gave up a statement after 1 seconds"):
        mariadb.read(query=query, key="id", statement_timeout=1)


def test_users_that_differ_in_case_or_spaces_only_are_two_users(mariadb: Database) -> None:
    """Its usual collations take them for the same."""
    messages(mariadb, 1)
    mariadb.add("messages", (2, "c", "U0", "user", "hi", None), (3, "c", "u0 ", "user", "ho", None))
    reading = mariadb.read(table="messages")
    assert {one.id for one in reading.scopes or ()} == {"u0", "U0", "u0 "}


def test_ids_that_differ_in_case_only_are_two_ids(mariadb: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("version: 1\ncontent: content\nid: user_id\n")
    messages(mariadb, 1)
    mariadb.add("messages", (2, "c", "U0", "user", "hi", None))
    reading = mariadb.read(table="messages", mapping=mapping)
    assert [record.id for record in reading.records] == ["u0", "U0"]


def test_enums_sort_in_another_order_than_they_compare_so_they_are_no_keys(
    mariadb: Database,
) -> None:
    mariadb.make("CREATE TABLE t (size ENUM('small', 'large') PRIMARY KEY, content TEXT)")
    mariadb.add("t", ("small", "tea"), ("large", "coffee"))
    with pytest.raises(SourceError, match="size of table t is of the type ENUM") as told:
        mariadb.read(table="t")
    query = "SELECT CAST(size AS CHAR) AS size, content FROM t"
    assert "CAST(size AS CHAR) AS size" in told.value.remedy
    assert len(mariadb.read(query=query, key="size", page_size=1).records) == 2
