"""The pgvector store, read from a real PostgreSQL. Its extension is not needed: the adapter never
looks at the vectors, so a column of that name and another type stands for them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mem0_support.pgvector_store import Store
from mem0_support.reading import pages_of, read_all, reconcile, scopes
from mem0_support.store_rows import (
    folder_rows,
    identity_payload,
    many,
    pacific_payload,
    python_payload,
    row_id,
    sampled_rows,
    typescript_payload,
)
from support.postgres_server import READER, PostgresServer
from synap_import import (
    ConfigurationError,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Severity,
    Source,
    SourceError,
    State,
)
from synap_import.testing import InMemoryExported, in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source

DATA = Path(__file__).parent / "data"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def store(postgres_running: PostgresServer) -> Iterator[Store]:
    with postgres_running.database() as database:
        yield Store(postgres_running, database)


async def partition_of(source: Source[Any]) -> Partition:
    (partition,) = [one async for one in source.partitions()]
    return partition


async def all_pages(source: Source[Any]) -> list[Page]:
    return await pages_of(source, await partition_of(source))


def from_cursor(cursor: str) -> Callable[[Source[Any]], Any]:
    async def act(source: Source[Any]) -> list[Page]:
        return await pages_of(source, await partition_of(source), cursor)

    return act


def test_the_rows_that_the_vendors_server_wrote_are_read(store: Store) -> None:
    rows = sampled_rows()
    store.table(rows=rows)
    records = store.records()
    assert {one: record.raw for one, record in records.items()} == dict(rows)
    assert [record.text for record in records.values()] == [row["data"] for _, row in rows]
    assert {record.metadata["n"] for record in records.values()} == {686, 731, 483, 711}


def test_every_row_comes_once_page_by_page(store: Store) -> None:
    store.table(rows=many(1234))
    pages = store.act(all_pages)
    ids = [record.id for page in pages for record in page.records]
    assert ids == [row_id(number) for number in range(1, 1235)]
    assert [len(page.records) for page in pages] == [500, 500, 234]


def test_a_table_that_ends_with_a_full_page_ends(store: Store) -> None:
    store.table(rows=many(500))
    pages = store.act(all_pages)
    assert [(len(page.records), page.cursor) for page in pages] == [(500, row_id(500)), (0, None)]


def test_an_empty_table_is_read_to_its_end(store: Store) -> None:
    store.table()
    (page,) = store.act(all_pages)
    assert (page.records, page.unreadable, page.cursor) == ([], [], None)
    assert store.check().expected == 0


def test_reading_goes_on_from_every_cursor_to_the_same_set(store: Store) -> None:
    store.table(rows=many(1600))
    pages = store.act(all_pages)
    for number, page in enumerate(pages[:-1], start=1):
        rest = store.act(from_cursor(page.cursor))
        before = [record.id for done in pages[:number] for record in done.records]
        behind = [record.id for left in rest for record in left.records]
        assert before + behind == [row_id(one) for one in range(1, 1601)]


@pytest.mark.parametrize("kind", ["text", "varchar(64)", "bigint", "integer"])
def test_ids_of_other_types_are_read_too(store: Store, kind: str) -> None:
    store.table(ids=kind, rows=[(str(number), python_payload()) for number in range(1, 701)])
    pages = store.act(all_pages)
    assert {record.id for page in pages for record in page.records} == set(map(str, range(1, 701)))
    assert not store.act(reconcile)


def test_both_spellings_of_the_keys_are_understood(store: Store) -> None:
    store.table(rows=[(row_id(1), python_payload()), (row_id(2), typescript_payload())])
    python, typescript = store.records().values()
    assert python.scope == typescript.scope
    assert python.updated_at == datetime(2026, 11, 21, 4, 38, 24, 754424, UTC)
    assert typescript.updated_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert python.metadata == typescript.metadata == {}


def test_californian_times_keep_their_instant_and_no_change_is_no_time(store: Store) -> None:
    record = store.record(pacific_payload())
    assert record.created_at == datetime(2025, 7, 16, 18, 8, 21, 112000, UTC)
    assert record.created_at.utcoffset() == timedelta(hours=-7)
    assert record.updated_at is None
    assert record.assumptions == ()


def test_naive_times_are_utc_and_said_to_be(store: Store) -> None:
    record = store.record(python_payload(created_at="2019-07-04T09:00:00"))
    assert record.created_at == datetime(2019, 7, 4, 9, tzinfo=UTC)
    assert record.assumptions == ("naive-time:created_at",)


def test_the_epoch_is_no_time(store: Store) -> None:
    record = store.record(python_payload(created_at=0))
    assert record.created_at is None
    assert record.assumptions == ("unknown-time:created_at",)


def test_a_memory_whose_day_is_over_is_expired(store: Store) -> None:
    assert store.record(python_payload(expiration_date="2024-03-31")).state is State.EXPIRED


def test_memories_without_a_user_are_read(store: Store) -> None:
    agent = python_payload(user_id=None, agent_id="concierge")
    run = python_payload(user_id=None, run_id="run-7")
    store.table(rows=[(row_id(1), agent), (row_id(2), run)])
    owners = [record.scope.owner() for record in store.records().values()]
    assert owners == [("agent", "concierge"), ("session", "run-7")]


def test_the_users_own_metadata_is_kept_apart_from_what_the_library_wrote(store: Store) -> None:
    own = {"memory": "16 GB", "session_id": "s", "app_id": "a", "categories": ["x"], "id": 7}
    record = store.record(python_payload("Text.", run_id="run-7", replaced_by="other", **own))
    assert record.text == "Text."
    assert record.scope.session == "run-7"
    assert record.state is State.ACTIVE
    assert record.metadata == {**own, "replaced_by": "other"}


def test_rows_that_only_note_who_uses_the_store_are_skipped_and_counted(store: Store) -> None:
    store.table(rows=[*many(3), (row_id(90), identity_payload()), (row_id(91), identity_payload())])
    seen = store.check()
    assert len(store.records()) == seen.expected == 3
    assert [(one.severity, one.code, one.count) for one in seen.findings] == [
        (Severity.INFO, "user-identity-rows", 2)
    ]
    assert not store.act(reconcile)


def test_a_row_that_cannot_become_a_record_does_not_stop_the_others(store: Store) -> None:
    store.table(rows=many(2))
    store.run(
        f"INSERT INTO memories (id, payload) VALUES ('{row_id(3)}', NULL)",
        f"INSERT INTO memories (id, payload) VALUES ('{row_id(4)}', '{{\"user_id\": \"alice\"}}')",
    )
    (page,) = store.act(all_pages)
    assert len(page.records) == 2
    assert [(one.where, one.reason) for one in page.unreadable] == [
        (f"public.memories:{row_id(3)}", "record: is not an object"),
        (f"public.memories:{row_id(4)}", "memory: is missing"),
    ]
    assert not store.act(reconcile), "they are known, and no holes"


def test_tables_beside_the_memories_are_skipped_and_counted(store: Store) -> None:
    store.table(rows=many(2))
    store.table("memories_entities", many(5))
    store.table("mem0migrations", many(1))
    seen = store.check()
    assert seen.account.endswith(f"/{store.database}/public.memories")
    (finding,) = seen.findings
    assert finding.code == "not-memories"
    assert finding.examples == (
        "public.mem0migrations (1 rows)",
        "public.memories_entities (5 rows)",
    )
    assert len(store.records()) == 2


def test_of_several_tables_one_must_be_named(store: Store) -> None:
    store.table("mem0", many(2))
    store.table("memories", many(3))
    with pytest.raises(ConfigurationError) as error:
        store.check()
    assert "public.mem0 (2 rows), public.memories (3 rows)" in str(error.value)
    assert "--collection" in error.value.remedy
    assert len(store.records(collection="mem0")) == 2
    assert len(store.records(collection="public.memories")) == 3


def test_a_table_that_is_not_there_is_named_with_those_that_are(store: Store) -> None:
    store.table("mem0", many(2))
    with pytest.raises(ConfigurationError, match=r"no table 'nope'\. It has public\.mem0\."):
        store.check(collection="nope")


def test_a_database_without_memories_says_so(store: Store) -> None:
    store.run("CREATE TABLE other (id uuid, payload text)")
    with pytest.raises(SourceError, match="has no table with memories"):
        store.check()


def test_the_same_name_in_two_schemas_needs_the_schema(store: Store) -> None:
    store.run("CREATE SCHEMA b", f"GRANT USAGE ON SCHEMA b TO {READER}")
    store.table("b.mem0", many(1))
    store.table("mem0", many(2))
    with pytest.raises(ConfigurationError, match=r"more than one schema: b\.mem0, public\.mem0"):
        store.check(collection="mem0")
    assert len(store.records(collection="b.mem0")) == 1


def test_names_are_quoted(store: Store) -> None:
    store.table('"Mem""; DROP TABLE x; --"', many(2))
    assert len(store.records()) == 2
    assert len(store.act(scopes)) == 2


def test_scopes_are_counted_by_the_database(store: Store) -> None:
    rows = [
        python_payload(user_id="alice"),
        typescript_payload(userId="alice"),
        python_payload(user_id="bob", agent_id="concierge"),
        python_payload(user_id=None, agent_id="concierge", run_id="run-7"),
        python_payload(user_id=""),
        identity_payload(),
    ]
    store.table(rows=[(row_id(number), row) for number, row in enumerate(rows, start=1)])
    found = store.act(scopes)
    assert all(isinstance(one.kind, ScopeKind) for one in found)
    assert found == [
        ScopeCount(ScopeKind.AGENT, "concierge", 2),
        ScopeCount(ScopeKind.SESSION, "run-7", 1),
        ScopeCount(ScopeKind.USER, "alice", 2),
        ScopeCount(ScopeKind.USER, "bob", 1),
    ]


def test_what_is_written_while_reading_is_a_hole_and_read_by_the_next_run(store: Store) -> None:
    store.table(rows=many(3, first=10))

    async def read_while_somebody_writes(source: Source[Any]) -> Any:
        partition = await partition_of(source)
        await pages_of(source, partition)
        store.insert(many(1))
        return partition.version, await source.reconcile()

    version, (finding,) = store.act(read_while_somebody_writes)
    assert (finding.severity, finding.code, finding.count) == (Severity.ERROR, "not-exported", 1)
    assert finding.examples == (row_id(1),)
    assert store.act(partition_of).version != version
    assert not store.act(reconcile)


def test_a_resumed_run_knows_what_came_out_before_it(store: Store) -> None:
    store.table(rows=many(900))
    exported = InMemoryExported()
    first, _ = store.act(all_pages, exported=exported)

    async def rest(source: Source[Any]) -> Any:
        await pages_of(source, await partition_of(source), first.cursor)
        return await source.reconcile()

    assert not store.act(rest, exported=exported)
    assert len(exported.records) == 900


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE memories SET payload = payload || \'{"data": "Changed."}\' WHERE id = %s',
        'UPDATE memories SET payload = payload || \'{"note": ""}\' WHERE id = %s',
        "DELETE FROM memories WHERE id = %s",
    ],
)
def test_any_change_is_another_version(store: Store, change: str) -> None:
    store.table(rows=many(5))
    before = store.act(partition_of).version
    assert store.act(partition_of).version == before
    store.run(change.replace("%s", f"'{row_id(3)}'"))
    assert store.act(partition_of).version != before


def test_the_librarys_history_brings_earlier_texts_of_the_tables_memories(store: Store) -> None:
    rows = folder_rows("2.2.1")
    store.table(rows=rows)
    history = DATA / "oss-2.2.1" / "qdrant-history.db"
    options = {"with_history": True, "history_db": history}
    found = {record.text: record for record in store.records(**options).values()}
    now, then = found["Alice lives in Bergen."], found["Alice lives in Oslo."]
    assert then.state is State.SUPERSEDED
    assert then.links[0].id == now.id
    assert then.scope == now.scope
    assert found["Alice regrets having said this."].state is State.DELETED
    assert store.check(**options).expected == len(found) == len(rows) + 2


def test_a_history_that_is_not_named_is_asked_for(store: Store) -> None:
    store.table(rows=many(1))
    with pytest.raises(ConfigurationError, match="--with-history needs") as error:
        store.check(with_history=True)
    assert "--history-db" in error.value.remedy


def test_a_history_of_foreign_ids_is_no_obstacle(store: Store, tmp_path: Path) -> None:
    store.table(rows=many(1))
    history = shutil.copy(DATA / "oss-2.2.1" / "qdrant-history.db", tmp_path / "history.db")
    with closing(sqlite3.connect(history)) as connection:
        connection.execute("UPDATE history SET memory_id = 'no uuid ' || memory_id")
        connection.commit()
    assert store.check(with_history=True, history_db=history).findings


def test_the_option_leads_here(store: Store) -> None:
    store.table(rows=many(3))
    config = Mem0Config(postgres=store.server.address(store.database))
    records = in_one_run(lambda context: Mem0Source.of(config, context), read_all)
    assert len(records) == 3
