"""What only PostgreSQL has: its types, its times without end, its guards."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from sql_support.databases import Database
from sql_support.runs import Runs
from sql_support.tables import messages
from support.postgres_server import OWNER, PostgresServer
from synap_import import SourceError, SourceUnavailableError
from synap_import_sql.address import Address
from synap_import_sql.session import Session

EVERYTHING = """CREATE TABLE everything (
    id uuid PRIMARY KEY, content text, n numeric(20, 2), whole numeric(30), b bytea, tags text[],
    mood mood, nothing text, at timestamptz, naive timestamp, day date, meta jsonb, j json,
    span interval, flag boolean, ratio float8, ip inet, large bytea
)"""
ROW = """INSERT INTO everything VALUES (
    '5b796045-62c0-4b48-a077-070d81e9ac8d', 'tea', 12.50, 123456789012345678901234567890, '\\xcafe',
    '{food,habit}', 'happy', NULL, '2026-01-15 10:30:00.123456+02', '2026-01-15 10:30',
    '2026-01-15',
    '{"a": {"b": [1, 12345678901234567890]}}', '[1]', '1 day', true, 0.5, '10.0.0.1',
    decode(repeat('00', 300), 'hex')
)"""


@pytest.fixture
def everything(postgres: Database) -> Database:
    return postgres.make("CREATE TYPE mood AS ENUM ('happy')", EVERYTHING, ROW)


def test_every_type_becomes_a_plain_value(everything: Database) -> None:
    raw = everything.record(table="everything").raw
    assert raw.pop("large").startswith("(binary, 300 bytes, SHA-256 ")
    assert raw.pop("span")
    assert raw == {
        "id": "5b796045-62c0-4b48-a077-070d81e9ac8d",
        "content": "tea",
        "n": "12.50",
        "whole": 123456789012345678901234567890,
        "b": "cafe",
        "tags": ["food", "habit"],
        "mood": "happy",
        "nothing": None,
        "at": "2026-01-15 08:30:00.123456+00",
        "naive": "2026-01-15 10:30:00",
        "day": "2026-01-15",
        "meta": {"a": {"b": [1, 12345678901234567890]}},
        "j": [1],
        "flag": True,
        "ratio": 0.5,
        "ip": "10.0.0.1",
    }


def test_a_mapping_reaches_into_json_and_reads_times(everything: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "version: 1\ncontent: content\nposition: meta.a.b[0]\ncreated_at: at\n"
        "updated_at: naive\nvalid_from: day\ntags: tags\n"
    )
    record = everything.record(table="everything", mapping=mapping, assume_tz="Europe/Berlin")
    assert record.position == 1
    assert record.tags == ("food", "habit")
    times = (record.created_at, record.updated_at, record.valid_from)
    assert [one and one.isoformat() for one in times] == [
        "2026-01-15T08:30:00.123456+00:00",
        "2026-01-15T10:30:00+01:00",
        "2026-01-15T00:00:00+01:00",
    ]
    assert record.assumptions == ("naive-time:updated_at", "date-only:valid_from")


@pytest.mark.parametrize("time", ["infinity", "-infinity", "4713-01-01 BC", "12026-01-01"])
def test_times_that_python_has_no_word_for_are_kept_as_they_are(
    postgres: Database, time: str
) -> None:
    postgres.make("CREATE TABLE facts (id int PRIMARY KEY, content text, created_at timestamptz)")
    postgres.add("facts", (1, "tea", time))
    record = postgres.record(table="facts")
    assert record.created_at is None
    assert record.assumptions == ("unreadable-time:created_at",)
    assert time[:4] in record.metadata["source_created_at"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("timestamptz", ["-infinity", "2026-01-15 10:30:00.000001", "infinity"]),
        ("uuid", ["00000000-0000-0000-0000-000000000001", "ffffffff-0000-0000-0000-000000000001"]),
        ("numeric", ["1.5", "1.50000000000000000001", "2"]),
        ("text", ["", "B", "a", "ä", "' \" \\"]),
        ("bytea", ["\\x00", "\\x00ff", "\\xff"]),
        ("date", ["2026-01-15", "2026-01-16"]),
        ("boolean", ["false", "true"]),
        ("order_of_sizes", ["small", "large", "huge"]),
        ("inet", ["10.0.0.1", "10.0.0.2"]),
    ],
)
def test_a_key_of_any_type_that_has_an_order_can_be_followed(
    postgres: Database, kind: str, values: list[str]
) -> None:
    postgres.run("CREATE TYPE order_of_sizes AS ENUM ('small', 'large', 'huge')")
    postgres.make(f"CREATE TABLE facts (k {kind} PRIMARY KEY, content text)")
    postgres.add("facts", *((value, f"text {value}") for value in values))
    reading = postgres.read(table="facts", page_size=1)
    assert {record.text for record in reading.records} == {f"text {value}" for value in values}
    assert reading.findings == []


def test_a_key_of_floating_point_numbers_is_refused(postgres: Database) -> None:
    postgres.make("CREATE TABLE facts (k float8 PRIMARY KEY, content text)")
    postgres.add("facts", (0.1, "tea"))
    with pytest.raises(SourceError, match="not compared exactly"):
        postgres.read(table="facts")


def test_collations_that_ignore_case_lose_no_row(postgres: Database) -> None:
    postgres.run(
        "CREATE COLLATION sloppy (provider = icu, locale = 'und-u-ks-level2', "
        "deterministic = false)"
    )
    postgres.make('CREATE TABLE facts (k text COLLATE "sloppy" PRIMARY KEY, content text)')
    postgres.add("facts", ("a", "1"), ("B", "2"), ("c", "3"))
    with pytest.raises(Exception, match="duplicate key"):
        postgres.add("facts", ("A", "4"))
    assert len(postgres.read(table="facts", page_size=1).records) == 3


def test_schemas_views_and_partitioned_tables_are_read(postgres: Database) -> None:
    postgres.run("CREATE SCHEMA chat", "CREATE TABLE chat.m (id int PRIMARY KEY, content text)")
    postgres.run("INSERT INTO chat.m VALUES (1, 'tea')", "GRANT USAGE ON SCHEMA chat TO reader")
    postgres.run("GRANT SELECT ON ALL TABLES IN SCHEMA chat TO reader")
    assert postgres.record(table="chat.m").text == "tea"
    postgres.make("CREATE VIEW v AS SELECT * FROM chat.m")
    assert postgres.record(table="v", key="id").text == "tea"
    postgres.make("CREATE TABLE p (id int PRIMARY KEY, content text) PARTITION BY RANGE (id)")
    postgres.make("CREATE TABLE p1 PARTITION OF p DEFAULT", "INSERT INTO p VALUES (1, 'coffee')")
    assert postgres.record(table="p").text == "coffee"


def test_nothing_can_be_written_even_by_the_owner(
    postgres: Database, postgres_running: PostgresServer
) -> None:
    name = postgres.dsn.rpartition("/")[2]
    session = Session(Address(postgres_running.address(name, OWNER)), 20)
    with pytest.raises(SourceError, match="read-only transaction"):
        session.read_now(lambda connection: connection.execute(text("CREATE TABLE x (a int)")))
    session.close()


def test_reading_leaves_no_transaction_and_no_setting_behind(postgres: Database) -> None:
    messages(postgres, 3)

    async def settings() -> list[object]:
        session = Session(Address(postgres.dsn), 7)
        within = await session.read(lambda c: c.execute(text("SHOW statement_timeout")).scalar())
        state = (
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND xact_start < now()"
        )
        (open_transactions,) = postgres.connection.execute(state).fetchone()
        with session._engine.connect() as later:
            after = later.execute(text("SHOW statement_timeout")).scalar()
        session.close()
        return [within, open_transactions, after]

    assert anyio.run(settings) == ["7s", 0, "0"]


def test_a_statement_that_takes_too_long_ends_with_advice(postgres: Database) -> None:
    query = "SELECT 1 AS id, 'tea' AS content, pg_sleep(5)"
    with pytest.raises(SourceError, match="gave up a statement after 1 seconds") as told:
        postgres.read(query=query, key="id", statement_timeout=1)
    assert "--statement-timeout" in told.value.remedy


def test_bytes_that_are_no_text_make_a_row_unreadable_with_a_cure(
    postgres: Database, tmp_path: Path
) -> None:
    postgres.make("CREATE TABLE facts (id int PRIMARY KEY, content bytea)")
    postgres.add("facts", (1, b"caf\xe9"), (2, "café".encode()))
    reading = postgres.read(table="facts")
    assert [record.text for record in reading.records] == ["café"]
    (unreadable,) = reading.unreadable
    assert "byte 4 is 0xe9" in unreadable.reason
    assert "--query" in unreadable.reason


def test_a_database_without_an_encoding_is_read_as_utf_8(
    postgres: Database, postgres_running: PostgresServer
) -> None:
    name = f"{postgres.dsn.rpartition('/')[2]}_ascii"
    postgres.run(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0")
    try:
        postgres_running.run(
            name,
            "CREATE TABLE facts (id int PRIMARY KEY, content text)",
            "INSERT INTO facts VALUES (1, 'caf' || E'\\xc3\\xa9'), (2, 'caf' || E'\\xe9')",
            "GRANT SELECT ON facts TO reader",
        )
        reading = postgres.read(dsn=postgres_running.address(name), table="facts")
    finally:
        postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
    assert [record.text for record in reading.records] == ["café"]
    assert "0xe9" in reading.unreadable[0].reason


def test_a_connection_that_was_lost_in_a_pause_is_opened_again(postgres: Database) -> None:
    def hang_up(_: object) -> bool:
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'"
        postgres.connection.execute(kill)
        return False

    runs = Runs(messages(postgres, 9).config(table="messages", page_size=2))
    assert runs.run(hang_up) == []
    assert len(runs.ids) == 9


def test_a_server_that_goes_away_in_the_middle_can_be_come_back_to(postgres: Database) -> None:
    session = Session(Address(postgres.dsn), 20)
    with pytest.raises(SourceUnavailableError, match="does not answer: terminating") as told:
        session.read_now(lambda c: c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))
    assert "same command" in told.value.remedy
    assert session.read_now(lambda c: c.execute(text("SELECT 1")).scalar()) == 1
    session.close()


def test_users_of_any_type_are_counted(postgres: Database) -> None:
    postgres.make("CREATE TABLE notes (id int PRIMARY KEY, content text, user_id uuid)")
    user = "5b796045-62c0-4b48-a077-070d81e9ac8d"
    postgres.add("notes", (1, "tea", user), (2, "coffee", user))
    (scope,) = postgres.read(table="notes").scopes or ()
    assert (scope.id, scope.records) == (user, 2)
