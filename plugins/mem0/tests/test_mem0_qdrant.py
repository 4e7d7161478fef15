"""The Qdrant server. No binary of it can be had from package registries, so a stand-in speaks its
REST dialect over a real local-mode client; the real REST client, driven against the same
stand-in, is the referee."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient, models

from mem0_support.qdrant_stand_in import Asked, QdrantStandIn, Reply
from mem0_support.reading import check, pages_of, read_all, reconcile, scopes
from mem0_support.said import everything_said
from mem0_support.store_rows import (
    folder_rows,
    identity_payload,
    many,
    pacific_payload,
    python_payload,
    row_id,
    typescript_payload,
)
from synap_import import (
    ConfigurationError,
    MemoryRecord,
    Page,
    Partition,
    ScopeCount,
    ScopeKind,
    Severity,
    Source,
    SourceError,
    SourceUnavailableError,
    State,
)
from synap_import.testing import in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source
from synap_import_mem0.stores.qdrant import QdrantServer
from synap_import_mem0.stores.qdrant_api import base_url_of

DATA = Path(__file__).parent / "data"


@pytest.fixture
def server() -> Iterator[QdrantStandIn]:
    with QdrantStandIn() as running:
        yield running


def act(server: QdrantStandIn | str, what: Callable[[Source[Any]], Any], **options: Any) -> Any:
    url = server if isinstance(server, str) else server.url
    config = Mem0Config(qdrant=url, **options)
    return in_one_run(lambda context: QdrantServer(config, context), what)


def records(server: QdrantStandIn, **options: Any) -> dict[str, MemoryRecord]:
    return {record.id: record for record in act(server, read_all, **options)}


async def partition_of(source: Source[Any]) -> Partition:
    (partition,) = [one async for one in source.partitions()]
    return partition


def from_cursor(cursor: str | None) -> Callable[[Source[Any]], Any]:
    async def pages(source: Source[Any]) -> list[Page]:
        return await pages_of(source, await partition_of(source), cursor)

    return pages


def ids_of(pages: list[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]


def sampled() -> dict[str, Any]:
    points = json.loads((DATA / "oss_qdrant_points_payloads.json").read_text())
    return {point["id"]: point["payload"] for point in points}


def test_the_points_that_mem0ai_wrote_are_read(server: QdrantStandIn) -> None:
    points = sampled()
    server.collection(points=list(points.items()))
    found = records(server)
    assert {one: record.raw for one, record in found.items()} == points
    assert {one: record.text for one, record in found.items()} == {
        one: payload["data"] for one, payload in points.items()
    }


def test_every_point_comes_once_page_by_page(server: QdrantStandIn) -> None:
    server.collection(points=many(620))
    pages = act(server, from_cursor(None))
    assert ids_of(pages) == [row_id(number) for number in range(1, 621)]
    assert [len(page.records) for page in pages] == [250, 250, 120]


def test_reading_goes_on_from_every_cursor_to_the_same_set(server: QdrantStandIn) -> None:
    server.collection(points=many(800))
    pages = act(server, from_cursor(None))
    for number, page in enumerate(pages[:-1], start=1):
        rest = act(server, from_cursor(page.cursor))
        assert ids_of(pages[:number]) + ids_of(rest) == [row_id(one) for one in range(1, 801)]


def test_numbers_and_uuids_as_ids_are_read_together(server: QdrantStandIn) -> None:
    numbers = [(number, python_payload()) for number in range(1, 301)]
    server.collection(points=[*numbers, *many(300)])  # type: ignore[list-item]
    pages = act(server, from_cursor(None))
    assert len(set(ids_of(pages))) == 600
    rest = act(server, from_cursor(pages[0].cursor))
    assert ids_of(pages[:1]) + ids_of(rest) == ids_of(pages)
    assert not act(server, reconcile)


def test_an_empty_collection_is_read_to_its_end(server: QdrantStandIn) -> None:
    server.collection()
    assert records(server) == {}
    assert act(server, check).expected == 0


def test_both_spellings_and_all_times_are_understood(server: QdrantStandIn) -> None:
    payloads = [
        python_payload(expiration_date="2024-03-31"),
        typescript_payload(),
        pacific_payload(),
        python_payload(created_at="2019-07-04T09:00:00"),
        python_payload(created_at=0),
    ]
    server.collection(points=[(row_id(n), one) for n, one in enumerate(payloads, start=1)])
    expired, typescript, pacific, naive, epoch = records(server).values()
    assert expired.state is State.EXPIRED
    assert typescript.scope.user == "alice"
    assert typescript.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert pacific.created_at == datetime(2025, 7, 16, 18, 8, 21, 112000, UTC)
    assert pacific.updated_at is None
    assert naive.assumptions == ("naive-time:created_at",)
    assert epoch.created_at is None


def test_memories_without_a_user_are_read(server: QdrantStandIn) -> None:
    agent = python_payload(user_id=None, agent_id="concierge")
    run = python_payload(user_id=None, run_id="run-7")
    server.collection(points=[(row_id(1), agent), (row_id(2), run)])
    owners = [record.scope.owner() for record in records(server).values()]
    assert owners == [("agent", "concierge"), ("session", "run-7")]


def test_rows_that_only_note_who_uses_the_store_are_skipped_and_counted(
    server: QdrantStandIn,
) -> None:
    server.collection(points=[*many(3), (row_id(9), identity_payload())])
    seen = act(server, check)
    assert len(records(server)) == seen.expected == 3
    (finding,) = seen.findings
    assert (finding.code, finding.severity, finding.count) == (
        "user-identity-rows",
        Severity.INFO,
        1,
    )
    assert not act(server, reconcile)


def test_a_point_that_cannot_become_a_record_does_not_stop_the_others(
    server: QdrantStandIn,
) -> None:
    server.collection(points=[*many(2), (row_id(3), {"text": "of another application"})])
    (page,) = act(server, from_cursor(None))
    assert len(page.records) == 2
    assert [(one.where, one.reason) for one in page.unreadable] == [
        (f"mem0:{row_id(3)}", "memory: is missing")
    ]
    assert not act(server, reconcile), "it is known, and no hole"


def test_collections_beside_the_memories_are_skipped_and_counted(server: QdrantStandIn) -> None:
    server.collection("mem0", many(2))
    server.collection("mem0_entities", many(4))
    server.collection("mem0migrations")
    seen = act(server, check)
    assert seen.account == f"{server.url}/collections/mem0"
    (finding,) = seen.findings
    assert finding.examples == ("mem0_entities (4 rows)", "mem0migrations (0 rows)")
    assert len(records(server)) == 2


def test_of_several_collections_one_must_be_named(server: QdrantStandIn) -> None:
    server.collection("mem0", many(2))
    server.collection("my memories é", many(3))
    with pytest.raises(ConfigurationError, match=r"mem0 \(2 rows\), my memories é \(3 rows\)"):
        act(server, check)
    assert len(records(server, collection="my memories é")) == 3


def test_a_collection_that_is_not_there_is_named_with_those_that_are(
    server: QdrantStandIn,
) -> None:
    server.collection("mem0", many(2))
    with pytest.raises(ConfigurationError, match=r"no collection 'nope'\. It has mem0\."):
        act(server, check, collection="nope")


def test_a_server_without_collections_says_so(server: QdrantStandIn) -> None:
    with pytest.raises(SourceError, match="has no collection with memories"):
        act(server, check)


def test_scopes_are_counted_without_fetching_metadata_or_vectors(server: QdrantStandIn) -> None:
    payloads = [
        python_payload(secret_metadata="x"),
        typescript_payload(),
        python_payload(user_id="bob", agent_id="concierge", run_id="run-7"),
        python_payload(user_id=""),
        identity_payload(),
    ]
    server.collection(points=[(row_id(n), one) for n, one in enumerate(payloads, start=1)])
    found = act(server, scopes)
    assert all(isinstance(one.kind, ScopeKind) for one in found)
    assert found == [
        ScopeCount(ScopeKind.AGENT, "concierge", 1),
        ScopeCount(ScopeKind.SESSION, "run-7", 1),
        ScopeCount(ScopeKind.USER, "alice", 2),
        ScopeCount(ScopeKind.USER, "bob", 1),
    ]
    fetched = [one.body["with_payload"] for one in server.asked if one.path.endswith("/scroll")]
    assert fetched
    assert all("secret_metadata" not in names and names is not True for names in fetched)


def test_what_is_written_while_reading_is_a_hole_and_read_by_the_next_run(
    server: QdrantStandIn,
) -> None:
    server.collection(points=many(3, first=10))

    async def read_while_somebody_writes(source: Source[Any]) -> Any:
        partition = await partition_of(source)
        await pages_of(source, partition)
        server.insert(many(1))
        return partition.version, await source.reconcile()

    version, (finding,) = act(server, read_while_somebody_writes)
    assert (finding.severity, finding.code, finding.examples) == (
        Severity.ERROR,
        "not-exported",
        (row_id(1),),
    )
    assert act(server, partition_of).version != version
    assert not act(server, reconcile)


def test_a_change_is_another_version(server: QdrantStandIn) -> None:
    server.collection(points=many(5))
    before = act(server, partition_of).version
    assert act(server, partition_of).version == before
    server.insert([(row_id(2), python_payload("Changed.", updated_at="2027-01-01T00:00:00Z"))])
    assert act(server, partition_of).version != before


def test_the_server_is_only_read(server: QdrantStandIn) -> None:
    server.collection(points=many(300))
    act(server, reconcile)
    act(server, scopes)
    reading = {("GET", "/collections")} | {
        ("POST", f"/collections/mem0/points{action}") for action in ("", "/count", "/scroll")
    }
    assert {(one.method, one.path) for one in server.asked} <= reading
    assert all(one.body["with_vector"] is False for one in server.asked if one.body)


@pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection")
def test_the_real_client_asks_the_same_and_is_given_the_same(server: QdrantStandIn) -> None:
    server.key = "s3cret"
    server.collection(points=[*many(520), (row_id(900), pacific_payload())])
    client = QdrantClient(url=server.url, api_key="s3cret", check_compatibility=False)
    points, offset = list[models.Record](), None
    while True:
        some, offset = client.scroll("mem0", limit=250, offset=offset, with_vectors=False)
        points += some
        if offset is None:
            break
    client.close()
    asked_by_client = _scrolls(server)
    pages = act(server, from_cursor(None), qdrant_key="s3cret")
    assert [record.id for page in pages for record in page.records] == [one.id for one in points]
    assert [record.raw for page in pages for record in page.records] == [
        one.payload for one in points
    ]
    ours = [one for one in _scrolls(server)[len(asked_by_client) :] if one["with_payload"] is True]
    assert ours == asked_by_client


def test_a_wrong_key_is_a_sentence_without_it(server: QdrantStandIn) -> None:
    server.key = "right"
    server.collection(points=many(1))
    for options in ({}, {"qdrant_key": "s3cret-guess"}):
        with pytest.raises(SourceError, match=r"refuses the key \(HTTP 401\)") as error:
            act(server, check, **options)
        assert "s3cret-guess" not in everything_said(error.value)
    assert act(server, check, qdrant_key="right").expected == 1


def test_credentials_in_the_address_are_neither_used_nor_shown(server: QdrantStandIn) -> None:
    server.collection(points=many(1))
    with_password = server.url.replace("//", "//user:s3cret@")
    seen = act(with_password, check)
    assert "s3cret" not in seen.account + seen.title


def test_a_busy_server_is_asked_again(server: QdrantStandIn) -> None:
    server.collection(points=many(2))
    busy = Reply(429, b"{}", {"Retry-After": "1"})
    server.script = [lambda _asked: busy, lambda _asked: Reply(503, b"")]
    assert len(records(server)) == 2


def test_a_server_that_is_not_there_can_be_tried_again() -> None:
    with pytest.raises(SourceUnavailableError, match=r"127\.0\.0\.1 does not answer"):
        act("http://127.0.0.1:1", check)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>It works!</html>",
        b"[]",
        b'{"result": {"points": null}}',
        b'{"result": {"points": [{}]}}',
    ],
)
def test_what_is_no_answer_of_qdrant_is_said_to_be_none(server: QdrantStandIn, body: bytes) -> None:
    server.collection(points=many(1))
    server.script = [lambda asked: Reply(200, body) if "/scroll" in asked.path else None] * 3
    with pytest.raises(SourceError, match="does not answer as Qdrant does"):
        act(server, read_all)


@pytest.mark.parametrize("path", ["/collections", "/points/count", "/points"])
def test_each_answer_is_looked_at_before_it_is_believed(server: QdrantStandIn, path: str) -> None:
    server.collection("mem0", many(1))
    server.collection("mem0_entities", many(1))

    def strange(asked: Asked) -> Reply | None:
        return Reply(200, b'{"result": {"a": 1}}') if asked.path.endswith(path) else None

    async def reconcile_unread(source: Source[Any]) -> Any:
        return await source.reconcile()

    server.script = [strange] * 9
    with pytest.raises(SourceError, match="does not answer as Qdrant does"):
        act(server, reconcile_unread)


def test_a_server_that_turns_in_circles_is_left(server: QdrantStandIn) -> None:
    server.collection(points=many(1))
    point = {"id": row_id(1), "payload": python_payload()}
    again = {"result": {"points": [point], "next_page_offset": row_id(1)}}

    def circle(asked: Asked) -> Reply | None:
        return Reply(200, json.dumps(again).encode()) if "/scroll" in asked.path else None

    server.script = [circle] * 9
    with pytest.raises(SourceError, match="the same points again and again"):
        act(server, read_all)


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("http://localhost:6333", "http://localhost:6333"),
        ("https://xyz.cloud.example", "https://xyz.cloud.example:6333"),
        ("https://host:443/qdrant/", "https://host:443/qdrant"),
        ("http://user:pass@host", "http://host:6333"),
        ("http://[::1]:6333", "http://[::1]:6333"),
    ],
)
def test_the_address_means_what_it_means_to_the_vendors_client(
    written: str, understood: str
) -> None:
    assert base_url_of(written) == understood


@pytest.mark.parametrize(
    "written", ["localhost:6333", "qdrant", "http://", "http://h:x", "ftp://h"]
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ConfigurationError, match="not the address of a Qdrant server"):
        act(written, check)


def test_the_librarys_history_brings_earlier_texts_of_the_collections_memories(
    server: QdrantStandIn,
) -> None:
    server.collection(points=folder_rows("2.2.1"))
    history = DATA / "oss-2.2.1" / "qdrant-history.db"
    options = {"with_history": True, "history_db": history}
    found = {record.text: record for record in records(server, **options).values()}
    then = found["Alice lives in Oslo."]
    assert then.state is State.SUPERSEDED
    assert then.scope == found["Alice lives in Bergen."].scope
    assert found["Alice regrets having said this."].state is State.DELETED
    assert act(server, check, **options).expected == len(found)


def test_a_history_of_foreign_ids_is_no_obstacle(server: QdrantStandIn, tmp_path: Path) -> None:
    server.collection(points=many(1))
    history = shutil.copy(DATA / "oss-2.2.1" / "qdrant-history.db", tmp_path / "history.db")
    with closing(sqlite3.connect(history)) as connection:
        connection.execute("UPDATE history SET memory_id = 'no uuid ' || memory_id")
        connection.commit()
    assert act(server, check, with_history=True, history_db=history).findings


def test_the_option_leads_here(server: QdrantStandIn) -> None:
    server.collection(points=many(3))
    config = Mem0Config(qdrant=server.url)
    assert len(in_one_run(lambda context: Mem0Source.of(config, context), read_all)) == 3


def _scrolls(server: QdrantStandIn) -> list[Any]:
    """The bodies of scroll requests without what is left at its default."""
    bodies = [one.body for one in server.asked if one.path.endswith("/scroll")]
    return [{name: value for name, value in body.items() if value is not None} for body in bodies]
