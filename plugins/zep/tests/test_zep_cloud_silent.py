"""What others leave out, or bring twice, in silence."""

from __future__ import annotations

from typing import Any

import pytest

from synap_import import Kind, Scope
from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import said
from zep_support.cloud_project import Project
from zep_support.cloud_reading import everything, read


@pytest.fixture(params=["v4", "v3"])
def api(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def ada(project: Project) -> dict[str, Any]:
    return project.user("ada")


def test_what_a_policy_hides_is_said_and_its_facts_load_instead(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    hidden = project.episode(ada, "my card is 4111")
    shown = project.episode(ada, "I like tea")
    alone = project.fact(ada, "Ada has a card", episode_uuids=[hidden["uuid"]])
    derived = project.fact(ada, "Ada likes tea", episode_uuids=[shown["uuid"], hidden["uuid"]])
    project.info["include_policy_violating_episodes"] = False
    journal, run = read(Answering(project, hides={hidden["uuid"]}), api=api)
    assert journal.records[f"fact:{alone['uuid']}"].hold is None
    assert journal.records[f"fact:{derived['uuid']}"].hold == "derived-fact"
    told = [one.code for one in run.check.findings]
    assert told == (["zep-policy-hides-episodes"] if api == "v4" else [])


def test_a_shown_episode_of_a_policy_says_so(project: Project, ada: dict[str, Any]) -> None:
    policy = {"status": "not_evaluated", "violated": True, "category_keys": ["pii"]}
    made = project.episode(ada, "my card is 4111", content_policy=policy)
    assert everything(Answering(project))[f"episode:{made['uuid']}"].metadata == {
        "source": "text",
        "content_policy": policy,
    }


def test_a_policy_that_hides_names_and_users_hides_no_facts_and_no_messages(
    project: Project, ada: dict[str, Any]
) -> None:
    made = project.fact(ada, "Ada likes tea")
    unseen = {"uuid": project.new_uuid(), "graph_uuid": None}
    message = project.say(project.thread(unseen, "chat"), "hello")
    found = everything(Answering(project))
    assert found[f"fact:{made['uuid']}"].text == "Ada likes tea"
    assert found[f"message:{message['uuid']}"].scope == Scope(user=unseen["uuid"], session="chat")


def test_who_has_no_id_of_the_developers_goes_by_that_of_zep(project: Project) -> None:
    somebody, thread = project.user(), None
    thread = project.thread(somebody)
    message = project.say(thread, "hello")
    graph = project.graph(name="News")
    episode = project.episode(graph, "read")
    found = everything(Answering(project))
    scope = Scope(user=somebody["uuid"], session=thread["uuid"])
    assert found[f"message:{message['uuid']}"].scope == scope
    assert found[f"episode:{episode['uuid']}"].scope == Scope(app=graph["uuid"])
    assert found[f"episode:{episode['uuid']}"].metadata["graph_name"] == "News"


def test_a_user_without_a_graph_uuid_is_asked_for_by_its_own(project: Project) -> None:
    user = project.user("ada", graph_uuid=None)
    made = project.fact(user, "Ada likes tea", graph_uuid=None)
    assert f"fact:{made['uuid']}" in everything(Answering(project))


def test_the_graph_of_a_user_that_is_listed_too_is_read_once(
    project: Project, ada: dict[str, Any]
) -> None:
    project.say(project.thread(ada, "chat"), "I like tea")
    project.fact(ada, "Ada likes tea")
    server = Answering(project, user_graphs_listed=True)
    found = everything(server)
    assert set(found) == set(project.record_ids())
    assert len(server.asked_of(ada["graph_uuid"], "edges", "list")) == 1


def test_an_entity_with_more_episodes_than_are_named_counts_as_derived(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    unseen = [project.new_uuid() for _ in range(100)]
    project.summary(ada, "Ada likes tea", episode_uuids=unseen, episode_uuids_truncated=True)
    found = everything(Answering(project), api=api)
    assert found[f"user-summary:{ada['uuid']}"].hold == "derived-summary"


def test_an_entity_without_its_list_of_episodes_does_not_spoil_the_page(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    bare = project.add(ada, "nodes", name="tea")
    whole = project.entity(ada, "coffee")
    found = everything(Answering(project), api=api)
    assert {f"entity:{bare['uuid']}", f"entity:{whole['uuid']}"} <= set(found)


@pytest.mark.parametrize("listed", [True, False])
def test_the_edges_of_a_hyperedge_are_one_fact(
    project: Project, ada: dict[str, Any], listed: bool
) -> None:
    made = project.add(ada, "hyperedges", fact="Ada bought tea for Bob")
    members = [
        project.fact(ada, "Ada bought tea for Bob", hyperedge_uuid=made["uuid"]) for _ in range(3)
    ]
    server = Answering(project, without=() if listed else ("hyperedges",))
    journal, run = read(server, load="facts")
    assert journal.records[f"hyperedge:{made['uuid']}"].hold is None
    holds = {journal.records[f"fact:{one['uuid']}"].hold for one in members}
    assert holds == {"member-of-hyperedge"}
    assert [one.code for one in run.findings] == ([] if listed else ["zep-not-offered"])


def test_v3_lists_no_hyperedges_and_they_are_one_fact_all_the_same(
    project: Project, ada: dict[str, Any]
) -> None:
    group = project.new_uuid()
    for number in range(230):
        project.fact(ada, "Ada bought tea", hyperedge_uuid=group if number % 2 else None)
    journal, _ = read(Answering(project), api="v3", load="facts")
    facts = [one for one in journal.records.values() if one and one.kind is Kind.FACT]
    assert len([one for one in facts if one.hold is None]) == 115 + 1
    assert f"hyperedge:{group}" in journal.records
    assert not journal.conflicting


def test_texts_that_zep_has_not_processed_come_out_and_are_counted(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    for number in range(250):
        project.episode(ada, f"said {number}")
    made = project.episode(ada, "just told", processed=False)
    project.say(project.thread(ada, "chat"), "just said", processed=False)
    journal, run = read(Answering(project), api=api)
    assert f"episode:{made['uuid']}" in journal.records
    assert [(one.code, one.count) for one in run.findings] == [("zep-not-processed", 2)]


def test_a_user_whose_deletion_is_under_way_stops_nothing(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    project.say(project.thread(ada, "chat"), "hello")
    kept = project.fact(project.graph("news"), "It rains")
    server = Answering(project, without=(ada["uuid"], ada["graph_uuid"], "ada", "chat"))
    server.without += tuple(one["uuid"] for one in project.threads)
    journal, run = read(server, api=api)
    assert set(journal.records) == {f"fact:{kept['uuid']}"}
    assert [one.code for one in run.findings] == ["zep-gone"]
    assert run.findings[0].examples == ("thread chat", "user ada")
    assert not journal.unreadable


def test_an_older_zep_without_observations_is_read_and_that_is_said(
    project: Project, ada: dict[str, Any]
) -> None:
    made = project.fact(ada, "Ada likes tea")
    journal, run = read(Answering(project, without=("observation", "thread-summary")), api="v3")
    assert f"fact:{made['uuid']}" in journal.records
    assert [one.message for one in run.findings] == [
        "This Zep has no observations, thread-summaries."
    ]
    assert not journal.unreadable


def test_a_thread_without_a_user_keeps_its_messages_and_gets_no_user(
    project: Project, api: str
) -> None:
    message = project.say(project.thread(None, "kiosk"), "hello")
    found = everything(Answering(project), api=api)
    assert found[f"message:{message['uuid']}"].scope == Scope(session="kiosk")


def test_a_list_that_the_key_may_not_read_is_a_hole(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    project.fact(ada, "Ada likes tea")
    entity = project.entity(ada, "tea")

    def forbids(asked: Any) -> Any:
        if {"edges", "edge"} & set(asked.place):
            return said({"error": {"code": "forbidden", "message": "no"}, "message": "no"}, 403)
        return None

    journal, run = read(Answering(project, before=forbids), api=api)
    assert list(journal.unreadable) == ["user ada: edges"]
    assert f"entity:{entity['uuid']}" in journal.records
    assert [one.severity for one in run.findings] == ["error"]


def test_what_says_that_it_is_somebody_elses_is_not_taken(
    project: Project, ada: dict[str, Any]
) -> None:
    bob = project.user("bob")
    made = project.fact(ada, "Bob likes tea", graph_uuid=bob["graph_uuid"])
    journal, _ = read(Answering(project))
    assert f"fact:{made['uuid']}" not in journal.records
    assert list(journal.unreadable) == [f"user ada: edges: {made['uuid']}"]


def test_the_prompt_that_zep_makes_of_a_thread_is_not_asked_for(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    project.say(project.thread(ada, "chat"), "hello")
    server = Answering(project)
    read(server, api=api)
    assert not [one for one in server.asked if "context" in one.path]


def test_an_item_that_cannot_be_read_is_told_and_the_others_come_out(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    broken = project.fact(ada, 7)  # type: ignore[arg-type]
    good = project.fact(ada, "Ada likes tea")
    project.parts[ada["graph_uuid"], "edges"].append({"uuid": "", "fact": "of nobody"})
    journal, _ = read(Answering(project), api=api)
    assert f"fact:{good['uuid']}" in journal.records
    assert set(journal.unreadable) == {f"user ada: edges: {broken['uuid']}", "user ada: edges: 0"}
