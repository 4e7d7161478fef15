"""Graphiti's graph in embedded Kuzu, as graphiti-core wrote it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from synap_import import ConfigurationError, Kind, Scope, SourceError, State
from synap_import.testing.reading import Reading
from synap_import_zep.graphiti.config import GraphitiConfig
from synap_import_zep.graphiti.databases.kuzu import KuzuDatabase
from zep_support.database_reading import assert_resumes_everywhere
from zep_support.graphiti_graphs import (
    SmallPages,
    codes,
    copy_kuzu,
    import_recorded_kuzu,
    make_kuzu_tables,
    one,
    read,
    run_kuzu,
    texts,
)

NAIVE = "naive-time:created_at"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kuzu") / "graph.kuzu"
    import_recorded_kuzu(path)
    return path


@pytest.fixture(scope="module")
def reading(recorded: Path) -> Reading:
    return read(kuzu=recorded)


@pytest.fixture(scope="module")
def tables_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kuzu-tables") / "graph.kuzu"
    make_kuzu_tables(path)
    return path


def test_every_item_comes_out_once(reading: Reading) -> None:
    ids = [record.id for page in reading.pages for record in page.records]
    assert len(ids) == len(set(ids)) == reading.check.expected == 20
    kinds = [record.kind for record in reading.records]
    assert [kinds.count(kind) for kind in (Kind.DOCUMENT, Kind.FACT, Kind.ENTITY)] == [6, 8, 5]
    assert kinds.count(Kind.SUMMARY) == 1
    assert reading.unreadable == reading.findings == []


def test_episodes_load_and_what_was_derived_from_them_is_held(reading: Reading) -> None:
    episodes = {record.text for record in reading.records if record.kind is Kind.DOCUMENT}
    assert episodes <= texts(reading, None)
    assert "Ada lives in Zürich" in texts(reading, "derived-fact")
    assert "Bo: Bo was spoken about." in texts(reading, "derived-entity")
    assert texts(reading, "derived-summary") == {"Ada, and where she lives."}


def test_a_fact_loads_where_the_text_of_its_episode_was_not_kept(reading: Reading) -> None:
    assert one(reading, "Bo plays chess").hold is None
    assert codes(reading)["graphiti-episodes-without-text"] == 1


def test_a_fact_that_no_episode_told_loads(reading: Reading) -> None:
    assert one(reading, "Ada works at Acme").hold is None


def test_a_fact_keeps_what_it_connects_and_where_it_comes_from(reading: Reading) -> None:
    fact, told = one(reading, "Ada likes tea"), one(reading, "Ada likes tea.")
    assert fact.metadata["relation"] == "LIKES"
    assert (fact.metadata["from"]["name"], fact.metadata["to"]["name"]) == ("Ada", "Tea")
    assert [link.id for link in fact.links] == fact.metadata["episodes"] == [told.id]
    assert fact.metadata["attributes"] == {"weight": 0.5}


def test_a_fact_from_an_entity_to_itself_comes_out(reading: Reading) -> None:
    fact = one(reading, "Ada knows Ada")
    assert fact.metadata["from"] == fact.metadata["to"]


def test_a_fact_whose_entities_are_gone_comes_out(recorded: Path, tmp_path: Path) -> None:
    dangling = "CREATE (:RelatesToNode_ {uuid: 'lost', group_id: 'user-ada', fact: 'Lost ends'})"
    fact = one(read(kuzu=copy_kuzu(recorded, tmp_path, dangling)), "Lost ends")
    assert "from" not in fact.metadata


def test_an_episode_that_lies_in_the_future_comes_out(recorded: Path, tmp_path: Path) -> None:
    """Graphiti's own ``retrieve_episodes`` hides it, and all but the last three."""
    happens = "content: 'The lease ends.', valid_at: timestamp('2999-01-01')"
    future = f"CREATE (:Episodic {{uuid: 'f', {happens}}})"
    episode = one(read(kuzu=copy_kuzu(recorded, tmp_path, future)), "The lease ends.")
    assert (episode.hold, episode.created_at) == (None, datetime(2999, 1, 1, tzinfo=UTC))


def test_a_group_is_a_user_and_the_default_group_is_nobody(reading: Reading) -> None:
    assert one(reading, "Ada likes tea.").scope == Scope(user="user-ada")
    assert one(reading, "The office opens").scope == Scope()
    assert [(count.id, count.records) for count in reading.scopes or ()] == [
        ("user-ada", 15),
        ("user-bo", 4),
    ]
    assert codes(reading)["graphiti-default-group"] == 1


def test_a_lost_time_zone_is_told_and_not_taken_for_certain(reading: Reading) -> None:
    """Written as 2025-03-04T14:30+05:30; Kuzu gives back 14:30."""
    assert codes(reading)["graphiti-lost-time-zones"] == 6
    episode = one(reading, "Ada: Good evening.")
    assert episode.created_at == datetime(2025, 3, 4, 14, 30, tzinfo=UTC)
    assert episode.assumptions == (NAIVE,)


def test_a_zone_that_is_told_gives_the_times_of_the_program_back(recorded: Path) -> None:
    reading = read(kuzu=recorded, assume_tz="+05:30")
    assert "graphiti-lost-time-zones" not in codes(reading)
    episode = one(reading, "Ada: Good evening.")
    assert episode.created_at == datetime(2025, 3, 4, 9, tzinfo=UTC)
    assert episode.created_at.utcoffset() == timedelta(hours=5, minutes=30)
    assert episode.assumptions == ()


def test_times_that_graphiti_made_are_utc_whatever_zone_is_told(recorded: Path) -> None:
    """It converts what a model says about a fact's validity, and its own clock, to UTC."""
    reading = read(kuzu=recorded, assume_tz="+05:30")
    assert one(reading, "Ada lives").valid_from == datetime(2024, 11, 21, 9, tzinfo=UTC)
    assert one(reading, "Ada lives").metadata["stored_at"] == "2025-04-30T09:00:00+00:00"
    assert one(reading, "Ada works at Acme").valid_from == datetime(2025, 2, 19, 3, 30, tzinfo=UTC)


def test_an_unknown_zone_is_a_sentence(recorded: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean 'Europe/Berlin'\?(?!\.)"):
        read(kuzu=recorded, assume_tz="Europe/Berlim")


def test_labels_come_without_graphitis_own_and_in_one_order(reading: Reading) -> None:
    assert one(reading, "Zürich:").tags == ("City", "Place")
    assert one(reading, "Tea:").tags == ()


def test_attributes_of_an_entity_are_read_from_kuzus_one_column(reading: Reading) -> None:
    attributes = one(reading, "Ada: Ada was").metadata["attributes"]
    assert attributes == {"rank": 1, "city": "Zürich", "born": [1815, 12, 10]}


def test_reading_goes_on_from_every_cursor_to_the_same_set(recorded: Path) -> None:
    assert_resumes_everywhere(SmallPages, GraphitiConfig(kuzu=recorded))


def test_the_partition_changes_with_the_graph(recorded: Path, tmp_path: Path) -> None:
    before = read(kuzu=recorded).partitions[0].version
    assert read(kuzu=recorded).partitions[0].version == before
    more = "CREATE (:Episodic {uuid: 'new', content: 'More.', created_at: timestamp('2026-01-01')})"
    assert read(kuzu=copy_kuzu(recorded, tmp_path, more)).partitions[0].version != before
    ended = "MATCH (n:RelatesToNode_) SET n.expired_at = timestamp('2026-01-01')"
    assert read(kuzu=copy_kuzu(recorded, tmp_path, ended)).partitions[0].version != before


def test_a_database_of_a_release_without_sagas_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.kuzu"
    make_kuzu_tables(path, leave_out="Saga")
    run_kuzu(path, "CREATE (:Episodic {uuid: 'a', group_id: 'bo', content: 'Bo is here.'})")
    assert one(read(kuzu=path), "Bo is here.").scope == Scope(user="bo")


def test_nothing_is_written(recorded: Path) -> None:
    folder = recorded.parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    read(kuzu=recorded)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_session_refuses_to_write(recorded: Path) -> None:
    session = KuzuDatabase(recorded).open()
    with pytest.raises(SourceError, match="read-only"):
        session.rows("", "CREATE (:Episodic {uuid: 'x'})", {})
    session.close()


def test_what_a_killed_writer_left_in_the_log_beside_the_file_is_read(
    recorded: Path, tmp_path: Path
) -> None:
    path = copy_kuzu(recorded, tmp_path)
    code = (
        "import kuzu, os, sys; c = kuzu.Connection(kuzu.Database(sys.argv[1]));"
        "c.execute(\"CREATE (:Episodic {uuid: 'w', content: 'In the log.'})\"); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert one(read(kuzu=path), "In the log.").id == "w"
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.fixture
def held_by_a_writer(recorded: Path, tmp_path: Path) -> Iterator[Path]:
    """A database that another process has open, as a running Graphiti has."""
    path = copy_kuzu(recorded, tmp_path)
    code = "import kuzu, sys; d = kuzu.Database(sys.argv[1]); print('open', flush=True); input()"
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        yield path
        writer.communicate(b"\n")


def test_a_database_that_is_in_use_is_told_from_a_broken_one(held_by_a_writer: Path) -> None:
    with pytest.raises(SourceError, match="is in use by a program that writes to it") as told:
        read(kuzu=held_by_a_writer)
    assert "read a copy" in told.value.remedy


def test_what_is_no_kuzu_database_gets_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database\n" * 1000)
    with pytest.raises(SourceError, match="cannot be opened as a Kuzu database"):
        read(kuzu=text)
    with pytest.raises(SourceError, match="There is no Kuzu database at"):
        read(kuzu=tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_is_said_to_be_of_an_older_kuzu(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as told:
        read(kuzu=tmp_path)
    assert "pip install kuzu==0.10.0" in told.value.remedy


def test_an_empty_graph_is_a_sentence(tables_only: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds nothing that Graphiti wrote"):
        read(kuzu=tables_only)
    run_kuzu(tmp_path / "other.kuzu", "CREATE NODE TABLE Film (title STRING PRIMARY KEY)")
    with pytest.raises(SourceError, match="holds nothing that Graphiti wrote"):
        read(kuzu=tmp_path / "other.kuzu")


def test_a_missing_library_is_named(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kuzu", None)
    with pytest.raises(ConfigurationError, match="Reading Kuzu needs the package kuzu") as told:
        read(kuzu=recorded)
    assert told.value.remedy == "pip install 'synap-import-zep[graphiti]'"


def test_history_says_when_it_was_true(reading: Reading) -> None:
    past = one(reading, "Ada lived in London")
    assert past.state is State.SUPERSEDED
    assert past.text == "Ada lived in London (was true from 2022-09-13 until 2024-11-21)"
    assert past.valid_to == datetime(2024, 11, 21, 9, tzinfo=UTC)


def test_a_fact_that_ends_in_the_future_is_true_though_it_is_stamped_expired(
    reading: Reading,
) -> None:
    fact = one(reading, "Ada rents until 2999")
    assert fact.metadata["expired_at"] == "2025-04-30T09:00:00+00:00"
    assert (fact.state, fact.text) == (State.ACTIVE, "Ada rents until 2999")


def test_one_database_is_read_at_a_time(recorded: Path) -> None:
    with pytest.raises(ConfigurationError, match="--neo4j and --kuzu name different databases"):
        read(kuzu=recorded, neo4j="bolt://localhost")
    with pytest.raises(ConfigurationError, match="not said where Graphiti keeps its graph"):
        read()
