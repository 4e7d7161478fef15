"""How an item of a graph is understood, whatever database it comes from."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from neo4j.spatial import WGS84Point
from neo4j.time import Date, DateTime, Duration, Time
from pytz import timezone as pytz_timezone

from synap_import import MemoryRecord, Scope, State
from synap_import_zep.graphiti.reader import Beside
from synap_import_zep.graphiti.records import RecordMaker
from synap_import_zep.graphiti.sorts import End, Item, Sort
from synap_import_zep.graphiti.values import Times

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAST, FUTURE = "2026-01-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"


def record(sort: Sort, beside: Beside | None = None, **properties: Any) -> MemoryRecord:
    labels = tuple(properties.pop("labels", ()))
    item = Item("u-1", labels, {"uuid": "u-1", "group_id": "ada", **properties})
    return RecordMaker(Times(None), NOW).record(sort, item, beside or Beside())


def fact(**properties: Any) -> MemoryRecord:
    return record(Sort.FACTS, fact="Ada runs", episodes=["e-1"], **properties)


@pytest.mark.parametrize(
    ("invalid_at", "expired_at", "state"),
    [
        (None, None, State.ACTIVE),
        (FUTURE, None, State.ACTIVE),
        (FUTURE, PAST, State.ACTIVE),
        (PAST, None, State.SUPERSEDED),
        (PAST, PAST, State.SUPERSEDED),
        (None, PAST, State.SUPERSEDED),
    ],
)
def test_the_end_in_the_world_decides_whether_a_fact_holds(
    invalid_at: str | None, expired_at: str | None, state: State
) -> None:
    """``expired_at`` is stamped on every fact with an end, also on one that is still true."""
    assert fact(invalid_at=invalid_at, expired_at=expired_at).state is state


def test_what_no_longer_holds_says_so_in_its_words() -> None:
    both = fact(valid_at="2024-05-06T00:00:00+00:00", invalid_at=PAST)
    assert both.text == "Ada runs (was true from 2024-05-06 until 2026-01-01)"
    assert fact(invalid_at=PAST).text == "Ada runs (was true until 2026-01-01)"
    expired = "Ada runs (no longer held to be true since 2026-01-01)"
    assert fact(expired_at=PAST).text == expired


def test_a_missing_beginning_is_not_filled_in() -> None:
    made = fact(created_at=PAST)
    assert made.valid_from is None
    assert made.created_at == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("group", ["", "_", None])
def test_the_default_groups_are_nobodys(group: str | None) -> None:
    assert record(Sort.EPISODES, content="Hi", group_id=group).scope == Scope()


def test_a_group_keeps_its_id_verbatim() -> None:
    assert record(Sort.EPISODES, content="Hi", group_id="Team_7-b").scope.user == "Team_7-b"


def test_the_label_that_older_releases_made_of_the_group_is_left_out() -> None:
    entity = record(
        Sort.ENTITIES, name="Ada", group_id="a-d-a", labels=["Person", "Entity_ada", "Entity"]
    )
    assert entity.tags == ("Person",)


def test_times_of_neo4j_are_read_to_the_microsecond_with_their_zone() -> None:
    zone = pytz_timezone("Asia/Kolkata")
    moment = zone.localize(DateTime(2025, 3, 4, 14, 30, 1, 123456789))
    episode = record(Sort.EPISODES, content="Hi", valid_at=moment)
    assert episode.created_at == datetime(2025, 3, 4, 9, 0, 1, 123456, tzinfo=UTC)
    assert episode.created_at.utcoffset() == timedelta(hours=5, minutes=30)


def test_a_time_without_a_zone_is_named_as_an_assumption() -> None:
    episode = record(Sort.EPISODES, content="Hi", valid_at=DateTime(2025, 3, 4, 14, 30))
    assert episode.created_at == datetime(2025, 3, 4, 14, 30, tzinfo=UTC)
    assert episode.assumptions == ("naive-time:created_at",)


def test_the_year_one_is_no_time() -> None:
    episode = record(Sort.EPISODES, content="Hi", valid_at="0001-01-01T00:00:00Z", created_at=PAST)
    assert (episode.created_at, episode.assumptions) == (datetime(2026, 1, 1, tzinfo=UTC), ())


def test_attribute_values_of_neo4j_become_json() -> None:
    entity = record(
        Sort.ENTITIES,
        name="Ada",
        born=Date(1815, 12, 10),
        wakes=Time(7, 30),
        walks=Duration(minutes=40),
        seen=DateTime(2025, 1, 1, 1, 2, 3, 4005, tzinfo=UTC),
        home=WGS84Point((8.5, 47.4)),
        seal=b"\x01\xff",
    )
    assert json.loads(json.dumps(entity.metadata["attributes"])) == {
        "born": "1815-12-10",
        "wakes": "07:30:00.000000000",
        "walks": "PT40M",
        "seen": "2025-01-01T01:02:03.000004005+00:00",
        "home": [8.5, 47.4],
        "seal": "01ff",
    }
    assert json.loads(json.dumps(entity.raw))["properties"]["born"] == "1815-12-10"


def test_what_graphiti_stores_itself_is_no_attribute() -> None:
    """Bulk writes also leave the ends and the labels of an item among its properties."""
    made = fact(source_node_uuid="a", target_node_uuid="b", reference_time=PAST, weight=0.5)
    assert made.metadata["attributes"] == {"weight": 0.5}
    entity = {"name": "Ada", "labels": ["Entity"], "summary": ""}
    item = Item("u-1", ("Entity",), entity)
    assert RecordMaker(Times(None), NOW).record(Sort.ENTITIES, item, Beside()).metadata == {
        "name": "Ada"
    }


def test_attributes_that_are_no_json_are_kept_as_they_are() -> None:
    assert fact(attributes="{broken").metadata["attributes"] == {"attributes": "{broken"}


def test_a_fact_is_derived_when_one_of_its_episodes_has_its_text() -> None:
    episodes = {"fact": "Ada runs", "episodes": ["e-1", "e-2"]}
    kept = Beside(with_text={"e-2"})
    assert record(Sort.FACTS, kept, **episodes).hold == "derived-fact"
    assert record(Sort.FACTS, Beside(), **episodes).hold is None


def test_an_entity_without_a_summary_is_its_name() -> None:
    assert record(Sort.ENTITIES, name="Ada").text == "Ada"
    assert record(Sort.ENTITIES, name="Ada", summary="A poet's daughter.").text == (
        "Ada: A poet's daughter."
    )


def test_the_saga_of_an_episode_is_named() -> None:
    beside = Beside(sagas={"u-1": End("s-1", "moving")})
    episode = record(Sort.EPISODES, beside, content="Hi")
    assert episode.metadata["saga"] == {"uuid": "s-1", "name": "moving"}


def test_an_item_whose_words_are_no_text_is_unreadable_and_the_others_go_on() -> None:
    items = [Item("u-1", (), {"content": ["no", "text"]}), Item("u-2", (), {"content": "Hi"})]
    maker = RecordMaker(Times(None), NOW)
    page = maker.page(Sort.EPISODES, items, Beside(), "read:u-2", "user-ada:")
    assert [made.id for made in page.records] == ["u-2"]
    (problem,) = page.unreadable
    assert (problem.where, problem.reason) == (
        "user-ada:episodes:u-1",
        "content: is no text",
    )
    assert '["no", "text"]' in problem.raw
