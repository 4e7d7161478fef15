"""What becomes of each sort of thing in Zep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from synap_import import Kind, Scope, State
from zep_support.cloud_answers import Answering
from zep_support.cloud_project import Project, written
from zep_support.cloud_reading import everything

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def ada(project: Project) -> dict[str, Any]:
    return project.user("ada")


def fact(project: Project, owner: dict[str, Any], **fields: Any) -> Any:
    made = project.fact(owner, "Ada lives in Porto", **fields)
    return everything(Answering(project))[f"fact:{made['uuid']}"]


def test_a_message_keeps_its_speaker_its_place_and_its_thread(
    project: Project, ada: dict[str, Any]
) -> None:
    thread = project.thread(ada, "chat")
    project.say(thread, "Hello", name="Ada L.")
    said = project.say(thread, "Hi", role="assistant", metadata={"model": "m"})
    found = everything(Answering(project))[f"message:{said['uuid']}"]
    assert (found.kind, found.text, found.role, found.position) == (
        *(Kind.MESSAGE, "Hi"),
        *("assistant", 1),
    )
    assert found.scope == Scope(user="ada", session="chat")
    assert found.metadata == {"model": "m"}
    assert found.raw == said


def test_when_it_was_said_comes_before_when_zep_received_it(
    project: Project, ada: dict[str, Any]
) -> None:
    thread = project.thread(ada, "chat")
    told = project.say(thread, "Hello", reference_time="2019-05-01T10:00:00.12345Z")
    not_told = project.say(thread, "Hi", reference_time="0001-01-01T00:00:00Z")
    found = everything(Answering(project))
    moment = datetime(2019, 5, 1, 10, 0, 0, 123450, tzinfo=UTC)
    assert found[f"message:{told['uuid']}"].created_at == moment
    received = found[f"message:{not_told['uuid']}"].created_at
    assert received is not None
    assert written(received) == not_told["created_at"]


def test_the_year_one_is_no_time_at_all(project: Project, ada: dict[str, Any]) -> None:
    zero = "0001-01-01T00:00:00Z"
    found = fact(project, ada, created_at=zero, valid_at=zero, invalid_at=zero, expired_at=zero)
    assert (found.created_at, found.valid_from, found.valid_to) == (None, None, None)
    assert found.state is State.ACTIVE
    assert found.assumptions == ()


def test_a_text_of_a_standalone_graph_is_the_apps_and_loads(project: Project) -> None:
    made = project.episode(
        project.graph("news"), '{"rain": true}', source="json", metadata={"feed": "weather"}
    )
    found = everything(Answering(project))[f"episode:{made['uuid']}"]
    assert (found.kind, found.hold, found.scope) == (Kind.DOCUMENT, None, Scope(app="news"))
    assert found.metadata == {"feed": "weather", "source": "json"}


def test_values_that_are_not_known_yet_are_kept(project: Project, ada: dict[str, Any]) -> None:
    said = project.say(project.thread(ada, "chat"), "Hello", role="narrator")
    made = project.episode(ada, "beep", source="sound")
    found = everything(Answering(project))
    assert found[f"message:{said['uuid']}"].role == "narrator"
    assert found[f"episode:{made['uuid']}"].metadata["source"] == "sound"


def test_a_fact_is_held_while_its_text_loads(project: Project, ada: dict[str, Any]) -> None:
    text = project.episode(ada, "I moved to Porto")
    found = fact(project, ada, episode_uuids=[text["uuid"]], valid_at="2024-05-01T00:00:00Z")
    assert found.hold == "derived-fact"
    assert found.valid_from == found.created_at == datetime(2024, 5, 1, tzinfo=UTC)
    assert found.links[0].id == f"episode:{text['uuid']}"
    assert found.metadata["name"] == "LIKES"


@pytest.mark.parametrize("content", ["", "  \n", None])
def test_a_fact_loads_by_itself_where_its_text_is_empty(
    project: Project, ada: dict[str, Any], content: str | None
) -> None:
    text = project.episode(ada, content)  # type: ignore[arg-type]
    assert fact(project, ada, episode_uuids=[text["uuid"]]).hold is None
    assert f"episode-without-text:{text['uuid']}" in everything(Answering(project))


def test_a_fact_that_was_told_directly_loads_by_itself(
    project: Project, ada: dict[str, Any]
) -> None:
    assert fact(project, ada, episode_uuids=[]).hold is None


def test_a_fact_younger_than_the_reading_of_its_graph_waits_for_its_text(
    project: Project, ada: dict[str, Any]
) -> None:
    young = written(NOW + DAY)
    found = fact(project, ada, episode_uuids=[project.new_uuid()], created_at=young)
    assert found.hold == "derived-fact"


def test_a_fact_of_a_message_is_held_when_the_episode_is_empty_but_the_message_is_not(
    project: Project, ada: dict[str, Any]
) -> None:
    said = project.say(project.thread(ada, "chat"), "I moved to Porto")
    project.in_graph(ada["graph_uuid"], "episodes")[0]["content"] = ""
    assert fact(project, ada, episode_uuids=[said["uuid"]]).hold == "derived-fact"


def test_load_facts_loads_facts_and_summaries_of_users_and_nothing_else(
    project: Project, ada: dict[str, Any]
) -> None:
    text = project.episode(ada, "I moved to Porto")
    made = project.fact(ada, "Ada lives in Porto", episode_uuids=[text["uuid"]])
    project.summary(ada, "Ada, of Porto", episode_uuids=[text["uuid"]])
    project.add(ada, "observations", name="moves", summary="She moves often.")
    held = everything(Answering(project))
    asked_for = everything(Answering(project), load="facts")
    assert held[f"fact:{made['uuid']}"].hold == "derived-fact"
    assert held[f"user-summary:{ada['uuid']}"].hold == "derived-summary"
    loads = {one.id for one in asked_for.values() if one.hold is None}
    assert loads == {
        f"episode:{text['uuid']}",
        f"fact:{made['uuid']}",
        f"user-summary:{ada['uuid']}",
    }


def test_a_summary_of_a_user_loads_by_itself_where_the_texts_are_missing(
    project: Project, ada: dict[str, Any]
) -> None:
    project.summary(ada, "Ada, of Porto", episode_uuids=[project.new_uuid()])
    found = everything(Answering(project))[f"user-summary:{ada['uuid']}"]
    assert (found.hold, found.kind, found.text) == (None, Kind.SUMMARY, "Ada, of Porto")


def test_everything_else_that_zep_derived_is_held_for_a_reason_of_its_own(
    project: Project, ada: dict[str, Any]
) -> None:
    project.entity(ada, "Porto", summary="a city", labels=["Entity", "City"])
    project.add(ada, "observations", name="moves", summary="She moves often.")
    project.add(ada, "thread-summaries", summary="They talked.", thread_uuid="t")
    project.add(project.graph("news"), "document-summaries", summary="It rains.", document_id="d")
    found = {one.hold: one for one in everything(Answering(project)).values()}
    assert {hold: one.text for hold, one in found.items()} == {
        "derived-entity": "Porto: a city",
        "derived-observation": "She moves often.",
        "derived-thread-summary": "They talked.",
        "derived-document-summary": "It rains.",
    }
    assert found["derived-entity"].tags == ("Entity", "City")
    assert found["derived-document-summary"].metadata["document_id"] == "d"


def test_a_fact_that_ends_in_the_future_is_true_although_it_is_expired(
    project: Project, ada: dict[str, Any]
) -> None:
    ends = written(NOW + DAY)
    found = fact(project, ada, invalid_at=ends, expired_at=written(NOW - DAY))
    assert (found.state, found.text) == (State.ACTIVE, "Ada lives in Porto")
    assert found.valid_to is not None


def test_a_fact_that_ended_is_history_and_says_from_when_to_when(
    project: Project, ada: dict[str, Any]
) -> None:
    found = fact(project, ada, valid_at="2023-01-02T00:00:00Z", invalid_at="2024-05-01T00:00:00Z")
    assert found.state is State.SUPERSEDED
    assert found.text == "Ada lives in Porto (was true from 2023-01-02 until 2024-05-01)"
    assert found.valid_to == datetime(2024, 5, 1, tzinfo=UTC)
    assert found.raw["fact"] == "Ada lives in Porto"


def test_a_fact_that_expired_without_an_end_is_history_too(
    project: Project, ada: dict[str, Any]
) -> None:
    found = fact(project, ada, expired_at="2024-05-01T00:00:00Z")
    assert (found.state, found.valid_to) == (State.SUPERSEDED, None)
    assert "2024-05-01" in found.text


def test_a_fact_without_a_beginning_does_not_begin_today(
    project: Project, ada: dict[str, Any]
) -> None:
    found = fact(project, ada)
    assert found.valid_from is None
    assert found.created_at is not None
    assert written(found.created_at) == found.raw["created_at"]
