"""Graphiti in Neo4j, over Bolt and with the official driver. The server is a stand-in in front of
a real FalkorDB: the queries run, the times are Neo4j's own, Neo4j itself is not there."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from synap_import import ConfigurationError, Scope, SourceError, SourceUnavailableError
from synap_import_zep.graphiti.config import GraphitiConfig
from zep_support.bolt_stand_in import PASSWORD, USER, BoltStandIn, bolt_stand_in
from zep_support.database_reading import assert_resumes_everywhere
from zep_support.falkordb_server import FalkorServer, falkordb_server
from zep_support.graphiti_graphs import SmallPages, codes, in_one_graph, one, read

GRAPH = "neo4j"


@pytest.fixture(scope="module")
def behind() -> Iterator[FalkorServer]:
    with falkordb_server() as server:
        server.load({GRAPH: in_one_graph()})
        yield server


@pytest.fixture
def neo4j(behind: FalkorServer) -> Iterator[BoltStandIn]:
    with bolt_stand_in(behind.client().select_graph(GRAPH)) as server:
        yield server


def settings(server: BoltStandIn) -> dict[str, str]:
    return {"neo4j": server.uri, "neo4j_user": USER, "neo4j_password": PASSWORD}


def test_every_item_of_all_groups_comes_out_once(neo4j: BoltStandIn) -> None:
    reading = read(**settings(neo4j))
    ids = [record.id for page in reading.pages for record in page.records]
    assert len(ids) == len(set(ids)) == reading.check.expected == 21
    assert [one.id for one in reading.partitions] == [
        "episodes:",
        "facts:",
        "entities:",
        "communities:",
        "sagas:",
    ]
    assert reading.unreadable == reading.findings == []


def test_groups_are_told_apart_within_the_one_graph(neo4j: BoltStandIn) -> None:
    reading = read(**settings(neo4j))
    assert one(reading, "Bo plays chess").scope == Scope(user="user-bo")
    assert one(reading, "The office opens").scope == Scope()
    assert [count.id for count in reading.scopes or ()] == ["user-ada", "user-bo"]
    assert codes(reading) == {"graphiti-default-group": 1, "graphiti-episodes-without-text": 1}


def test_times_are_neo4js_own_cut_to_the_microsecond(neo4j: BoltStandIn) -> None:
    episode = one(read(**settings(neo4j)), "Ada likes tea.")
    assert episode.raw["properties"]["created_at"] == "2025-04-30T09:00:00.123456789+00:00"
    assert episode.metadata["stored_at"] == "2025-04-30T09:00:00.123456+00:00"
    assert episode.created_at == datetime(2025, 3, 2, 9, tzinfo=UTC)
    assert episode.assumptions == ()


def test_the_offset_that_a_time_was_written_with_is_kept(
    neo4j: BoltStandIn, behind: FalkorServer
) -> None:
    """Unlike Kuzu and FalkorDB, Neo4j keeps it."""
    told = "MATCH (n:Episodic {name: 'from-india'}) SET n.valid_at = $told"
    behind.run(GRAPH, told, {"told": "2025-03-04T14:30:00+05:30"})
    episode = one(read(**settings(neo4j)), "Ada: Good evening.")
    assert episode.created_at == datetime(2025, 3, 4, 9, tzinfo=UTC)
    assert episode.created_at.utcoffset() == timedelta(hours=5, minutes=30)


def test_every_transaction_is_one_that_the_server_keeps_from_writing(neo4j: BoltStandIn) -> None:
    read(**settings(neo4j))
    assert set(neo4j.modes) == {"r"}
    words = {word for query in neo4j.queries for word in query.upper().split()}
    assert words.isdisjoint({"CREATE", "MERGE", "SET", "DELETE", "REMOVE", "DETACH"})


def test_embeddings_stay_where_they_are(neo4j: BoltStandIn) -> None:
    assert not [one for one in read(**settings(neo4j)).records if "embedding" in str(one.raw)]


def test_the_database_is_the_one_that_is_named(neo4j: BoltStandIn) -> None:
    reading = read(**settings(neo4j), database="memories")
    assert set(neo4j.databases) == {"memories"}
    assert reading.check.title.endswith(", database memories")


def test_reading_goes_on_from_every_cursor_to_the_same_set(neo4j: BoltStandIn) -> None:
    assert_resumes_everywhere(SmallPages, GraphitiConfig(**settings(neo4j)))


def test_a_wrong_password_is_a_sentence_without_the_password(neo4j: BoltStandIn) -> None:
    with pytest.raises(SourceError, match="lets nobody in with this user") as told:
        read(neo4j=neo4j.uri, neo4j_password="wr0ng-secret")
    assert "NEO4J_PASSWORD" in told.value.remedy
    assert "wr0ng-secret" not in str(told.value)


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(SourceUnavailableError) as told:
        read(neo4j="bolt://127.0.0.1:1", neo4j_password=PASSWORD)
    assert told.value.message == (
        "Neo4j at 127.0.0.1:1 does not answer: Couldn't connect to 127.0.0.1:1."
    )


@pytest.mark.parametrize(
    "uri", ["localhost:7687", "http://localhost:7474", "bolt://", "bolt://u:s3cret@h:x"]
)
def test_what_is_no_address_is_said_before_anything_is_tried(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="--neo4j is not the address") as told:
        read(neo4j=uri)
    assert "s3cret" not in str(told.value)


def test_a_query_that_the_server_refuses_is_a_sentence(neo4j: BoltStandIn) -> None:
    neo4j.refusal = ("Neo.ClientError.Database.DatabaseNotFound", "Database 'm' does not exist.")
    with pytest.raises(SourceError, match=r"refuses to be read: .*does not exist"):
        read(**settings(neo4j), database="m")


def test_labels_that_nobody_used_make_no_warnings(
    neo4j: BoltStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        read(**settings(neo4j))
    assert caplog.records == []


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "neo4j", None)
    with pytest.raises(ConfigurationError, match="Reading Neo4j needs the package neo4j"):
        read(neo4j="bolt://127.0.0.1:1")
