"""What becomes of items that LangGraph's own stores wrote, in both databases."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import anyio
import psycopg
import pytest
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.store.sqlite import SqliteStore

from langgraph_support.stores import Backend
from synap_import import (
    ConfigurationError,
    Kind,
    Scope,
    ScopeKind,
    Severity,
    SourceError,
    SourceUnavailableError,
    State,
)
from synap_import.testing import InMemoryExported, reading_context
from synap_import_langgraph import databases
from synap_import_langgraph.databases import database_of
from synap_import_langgraph.source import LangGraphStore

LANGMEM = {"kind": "Memory", "content": {"content": "Prefers dark roast"}}
JAVASCRIPT = """CREATE TABLE store (namespace_path TEXT NOT NULL, key TEXT NOT NULL,
    value JSONB NOT NULL, created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP, expires_at TIMESTAMPTZ,
    PRIMARY KEY (namespace_path, key))"""
BEFORE_EXPIRY = """CREATE TABLE store (prefix text NOT NULL, key text NOT NULL, value text NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (prefix, key))"""


def test_a_memory_of_langmem_becomes_a_fact_of_the_user(backend: Backend) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    backend.put("memories.ana", "pref-1", LANGMEM)
    record = backend.record(owners=("memories.{langgraph_user_id}",))
    assert (record.id, record.text) == ("memories.ana/pref-1", "Prefers dark roast")
    assert (record.scope, record.kind) == (Scope(user="ana"), Kind.FACT)
    assert record.created_at is not None
    assert began.replace(microsecond=0) <= record.created_at <= datetime.now(UTC)
    assert record.updated_at == record.created_at
    assert (record.expires_at, record.assumptions) == (None, ())
    assert record.metadata == {
        "kind": "Memory",
        "langgraph": {
            "namespace": ["memories", "ana"],
            "key": "pref-1",
            "text_from": "content.content",
        },
    }
    assert record.raw["value"] == LANGMEM


def test_items_are_what_the_store_itself_finds(backend: Backend) -> None:
    values = [{"text": f"t{n} ☃ \u2028", "n": n, "deep": {"a": [n, None, 0.5]}} for n in range(25)]
    with backend.store() as store:
        for number, value in enumerate(values):
            store.put(("memories", f"u{number % 3}"), f"k/{number}", value)
        found = store.search((), limit=1000)
    records = backend.readable().read(page_size=4).records
    assert len(records) == len(found) == 25
    raw = {(tuple(one.raw["namespace"]), one.raw["key"]): one.raw["value"] for one in records}
    assert raw == {(one.namespace, one.key): one.value for one in found}
    times = {one.raw["key"]: one.created_at for one in records}
    for one in found:  # SQLite's own reading leaves times as they are stored
        assert str(times[one.key].replace(tzinfo=None)).startswith(str(one.created_at)[:19])


def test_expiry_is_kept_and_what_is_over_is_expired(backend: Backend) -> None:
    with backend.store() as store:
        store.put(("m",), "soon", {"text": "a"}, ttl=60)
        store.put(("m",), "over", {"text": "b"}, ttl=-1)
        store.put(("m",), "never", {"text": "c"})
    records = {one.text: one for one in backend.readable().read().records}
    assert {text: one.state for text, one in records.items()} == {
        "a": State.ACTIVE,
        "b": State.EXPIRED,
        "c": State.ACTIVE,
    }
    assert records["a"].expires_at > datetime.now(UTC) + timedelta(minutes=58)
    assert records["a"].metadata["langgraph"]["ttl_minutes"] == 60
    assert records["c"].expires_at is None


def test_what_is_over_is_found_also_where_a_read_refreshed_it(sqlite: Backend) -> None:
    """A refresh writes the time in another form than a put does."""
    sqlite.put("m", "a", {"text": "a"}, ttl=60)
    sqlite.run("UPDATE store SET expires_at = DATETIME(CURRENT_TIMESTAMP, '-5 minutes')")
    assert sqlite.record().state is State.EXPIRED


def test_the_same_key_in_two_namespaces_is_two_items(backend: Backend) -> None:
    for namespace in ("a.b", "a/b", "a", "a%2Fb"):
        backend.put(namespace, "b/c", {"text": namespace})
    assert {one.id for one in backend.read().records} == {
        "a.b/b/c",
        "a%2Fb/b/c",
        "a/b/c",
        "a%252Fb/b/c",
    }


def test_without_a_pattern_each_namespace_is_a_group_and_a_warning_says_so(
    backend: Backend,
) -> None:
    backend.put("memories.ana", "1", {"text": "a"}).put("memories.bob", "1", {"text": "b"})
    done = backend.read()
    assert {one.scope.group for one in done.records} == {"memories.ana", "memories.bob"}
    (finding,) = done.check.findings
    assert (finding.severity, finding.code) == (Severity.WARNING, "langgraph-no-owner-named")
    assert finding.examples == ("memories.ana", "memories.bob")
    assert "--owner" in finding.remedy


def test_owners_are_counted_by_the_database(backend: Backend) -> None:
    backend.put("memories.ana", "1", {"text": "a"}).put("profiles.ana", "1", {"text": "b"})
    backend.put("cache", "1", {"text": "b"})
    done = backend.read(owners=("*.{user}",))
    told = {(one.kind, one.id, one.records) for one in done.scopes}
    assert told == {(ScopeKind.USER, "ana", 2), (ScopeKind.GROUP, "cache", 1)}
    assert done.check.expected == 3
    assert "3 items in 3 namespaces" in done.check.title


def test_a_profile_is_written_out_and_that_is_said(backend: Backend) -> None:
    backend.put("m", "p", {"name": "Ana", "zone": "Europe/Lisbon"}).put("m", "t", {"text": "a"})
    done = backend.read()
    record = next(one for one in done.records if one.id == "m/p")
    # PostgreSQL puts the fields of an object in an order of its own.
    assert set(record.text.splitlines()) == {"name: Ana", "zone: Europe/Lisbon"}
    assert record.kind is Kind.DOCUMENT
    assert record.metadata["langgraph"]["text_from"] == "fields"
    finding = next(one for one in done.check.findings if one.code == "langgraph-fields-as-text")
    assert "1 of the first 2 items" in finding.message


def test_vectors_are_left_alone(sqlite: Backend) -> None:
    """Not every Python loads the extension that searches them; the table is LangGraph's."""
    sqlite.put("m", "a", {"text": "tea"})
    sqlite.run(
        *SqliteStore.VECTOR_MIGRATIONS,
        "INSERT INTO store_vectors (prefix, key, field_name, embedding) "
        "VALUES ('m', 'a', 'text', x'0000803f')",
    )
    assert sqlite.record().raw["value"] == {"text": "tea"}


def test_checkpoints_are_told_of_and_not_read(backend: Backend) -> None:
    backend.put("m", "a", {"text": "a"})
    with _saver(backend) as saver:
        saver.setup()
        codes = [one.code for one in backend.readable().read().check.findings]
        assert "langgraph-checkpoints-not-read" not in codes
        _save_a_thread(saver)
    done = backend.readable().read()
    assert len(done.records) == 1
    finding = next(
        one for one in done.check.findings if one.code == "langgraph-checkpoints-not-read"
    )
    assert "synap-import json" in finding.remedy


def test_the_store_of_javascript_is_read(postgres: Backend) -> None:
    postgres.run(
        JAVASCRIPT,
        "INSERT INTO store VALUES ('memories:ana', 'k', '{\"text\": \"a\"}', "
        "'2026-01-15 10:30:00.123456+02')",
    )
    record = postgres.readable().record(owners=("memories.{user}",))
    assert (record.id, record.scope) == ("memories.ana/k", Scope(user="ana"))
    assert record.created_at == datetime(2026, 1, 15, 8, 30, 0, 123456, UTC)


def test_a_store_of_before_there_was_expiry_is_read(sqlite: Backend) -> None:
    sqlite.run(
        BEFORE_EXPIRY,
        "INSERT INTO store VALUES ('m', 'k', '{\"text\": \"a\"}', '2024-12-01 09:00:00', NULL)",
    )
    record = sqlite.record()
    assert record.created_at == datetime(2024, 12, 1, 9, tzinfo=UTC)
    assert (record.updated_at, record.expires_at) == (None, None)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("'{\"text\": '", "its value is not JSON"),
        ("x'7b22ff'", "its value is not UTF-8"),
        (f"'{'[' * 50_000}'", "nested too deeply"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_once_and_the_others_load(
    sqlite: Backend, value: str, reason: str
) -> None:
    sqlite.put("m", "a", {"text": "a"}).put("m", "b", {"text": "b"}).put("m", "c", {"text": "c"})
    sqlite.run(f"UPDATE store SET value = {value} WHERE key = 'b'")
    done = sqlite.read()
    assert [one.text for one in done.records] == ["a", "c"]
    (unreadable,) = done.unreadable
    assert unreadable.where == "m/b"
    assert reason in unreadable.reason


def test_a_time_that_cannot_be_read_is_left_out(postgres: Backend) -> None:
    postgres.put("m", "a", {"text": "a"})
    postgres.run("UPDATE store SET created_at = 'infinity'")
    record = postgres.record()
    assert (record.created_at, record.assumptions) == (None, ("unreadable-time:created_at",))
    assert record.raw["created_at"] == "infinity"


def test_a_page_of_large_values_is_short(sqlite: Backend) -> None:
    with sqlite.store() as store:
        for number in range(5):
            store.put(("m",), f"{number}", {"text": "x" * 2_000_000})
    assert [len(page.records) for page in sqlite.read().pages] == [2, 2, 1, 0, 0]


def test_what_is_added_behind_the_cursor_comes_out_in_the_same_run(backend: Backend) -> None:
    with backend.store() as store:
        for number in range(10):
            store.put(("m",), f"k{number}", {"text": f"{number}"})
    backend.readable()

    async def run() -> tuple[set[str], list[str]]:
        exported = InMemoryExported()
        async with reading_context(exported) as context:
            source = LangGraphStore(backend.config(page_size=3), context)
            await source.check()
            async for partition in source.partitions():
                async for page in source.pages(partition, None):
                    exported.add(page)
                    if len(exported.records) == 6:
                        backend.put("m", "a-late", {"text": "late"})
            return {one.text for one in exported.records.values()}, [
                one.code for one in await source.reconcile()
            ]

    texts, codes = anyio.run(run)
    assert texts == {"late", *map(str, range(10))}
    assert codes == []


def test_what_is_added_behind_the_last_look_is_told(sqlite: Backend) -> None:
    sqlite.put("m", "b", {"text": "b"})

    async def run() -> list[str]:
        async with reading_context() as context:
            source = LangGraphStore(sqlite.config(), context)
            await source.check()
            async for partition in source.partitions():
                async for page in source.pages(partition, None):
                    context.exported.add(page)
            sqlite.put("m", "a", {"text": "a"})
            return [one.code for one in await source.reconcile()]

    assert anyio.run(run) == ["langgraph-added-meanwhile"]


def test_an_empty_store_is_said_to_be_empty(backend: Backend) -> None:
    with backend.store():
        pass
    done = backend.readable().read()
    assert done.records == []
    assert [one.code for one in done.check.findings] == ["langgraph-empty"]


def test_without_the_table_it_is_said_where_it_may_be(backend: Backend) -> None:
    backend.run("CREATE TABLE other (a int)")
    with pytest.raises(SourceError, match="has no table 'store'") as told:
        backend.read()
    assert "--schema" in told.value.remedy


def test_the_store_of_a_shop_is_refused(backend: Backend) -> None:
    backend.run("CREATE TABLE store (id int, name text)")
    with pytest.raises(SourceError, match="not LangGraph's: its columns are id, name"):
        backend.readable().read()


def test_a_schema_can_be_named(postgres: Backend) -> None:
    postgres.put("m", "a", {"text": "a"})
    postgres.run(
        'CREATE SCHEMA "Odd""name"',
        'ALTER TABLE store SET SCHEMA "Odd""name"',
        'GRANT USAGE ON SCHEMA "Odd""name" TO reader',
    )
    assert postgres.record(in_schema='Odd"name').text == "a"
    with pytest.raises(SourceError, match="has no table"):
        postgres.read()


def test_a_reader_without_rights_is_told_what_to_ask_for(postgres: Backend) -> None:
    with postgres.store():
        pass
    with pytest.raises(SourceError, match="does not let this user read") as told:
        postgres.read()
    assert "GRANT SELECT" in told.value.remedy


def test_a_wrong_password_is_refused_and_shown_nowhere(postgres: Backend) -> None:
    user, _, place = postgres.dsn.rpartition("@")
    secret = "not-the-password-of-this-one"
    dsn = f"{user.rpartition(':')[0]}:{secret}@{place}"
    with pytest.raises(SourceError, match="lets nobody in") as told:
        postgres.read(dsn=dsn)
    assert secret not in str(told.value)


@pytest.mark.parametrize(
    "dsn", ["postgresql://ana:50%zz-secret@127.0.0.1/app", "mongodb://x:50%zz-secret@y/z"]
)
def test_what_is_no_address_is_refused_without_its_secret(sqlite: Backend, dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="--dsn") as told:
        sqlite.read(dsn=dsn)
    assert "secret" not in str(told.value)


def test_a_server_that_does_not_answer_can_be_tried_again(sqlite: Backend) -> None:
    with pytest.raises(SourceUnavailableError, match="does not answer"):
        sqlite.read(dsn="postgresql://reader@127.0.0.1:1/app")


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_file_is_named_by_its_path_or_as_an_address(sqlite: Backend, form: str) -> None:
    sqlite.put("m", "a", {"text": "a"})
    assert sqlite.record(dsn=form.format(sqlite.dsn)).text == "a"


def test_a_file_that_is_none_of_sqlite_is_refused(tmp_path, sqlite: Backend) -> None:
    for name, content, words in (
        ("a.db", b"x" * 5000, "not a database"),
        ("b.db", None, "no file"),
    ):
        path = tmp_path / name
        if content:
            path.write_bytes(content)
        with pytest.raises(SourceError, match=words):
            sqlite.read(dsn=str(path))


def test_nothing_can_be_written_even_by_the_owner(backend: Backend) -> None:
    backend.put("m", "a", {"text": "a"})
    database = database_of(backend.saver_dsn)
    with closing(database), pytest.raises(SourceError, match=r"read-?only"):
        database.fetch("DELETE FROM store")
    assert len(backend.read().records) == 1


def test_a_table_that_is_locked_can_be_tried_again(
    postgres: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.put("m", "a", {"text": "a"})
    monkeypatch.setattr(databases, "_SETTINGS", "SET LOCAL lock_timeout = 50")
    with psycopg.connect(postgres.saver_dsn) as other:
        other.execute("LOCK TABLE store IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceUnavailableError, match="lock timeout"):
            postgres.read()


def test_without_a_driver_it_is_said_how_to_get_it(
    sqlite: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match="psycopg") as told:
        sqlite.read(dsn="postgresql://reader@127.0.0.1/app")
    assert "synap-import-langgraph[postgres]" in told.value.remedy
    assert sqlite.put("m", "a", {"text": "a"}).record().text == "a"


def test_reading_leaves_no_connection_behind(postgres: Backend) -> None:
    postgres.put("m", "a", {"text": "a"}).read()
    database = database_of(postgres.saver_dsn)
    with closing(database):
        asked = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'"
        assert database.fetch(asked) == [(0,)]


def _saver(backend: Backend):
    if backend.system == "postgres":
        return PostgresSaver.from_conn_string(backend.saver_dsn)
    return SqliteSaver.from_conn_string(backend.saver_dsn)


def _save_a_thread(saver) -> None:
    config = {"configurable": {"thread_id": "t1", "checkpoint_ns": ""}}
    saver.put(config, empty_checkpoint(), {"source": "input", "step": 0}, {})
