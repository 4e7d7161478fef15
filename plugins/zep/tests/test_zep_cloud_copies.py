"""A message of a thread is an episode of its user's graph too: it loads once, and not never."""

from __future__ import annotations

from typing import Any

import pytest

from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import Asked, Said, said
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


def test_a_message_that_is_an_episode_too_loads_once(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    thread = project.thread(ada, "chat")
    said = [project.say(thread, f"said {number}", name="Ada") for number in range(120)]
    journal, run = read(Answering(project), api=api)
    for one in said:
        assert journal.records[f"message:{one['uuid']}"].hold is None
        assert journal.records[f"episode:{one['uuid']}"].hold == "copy-of-message"
    assert not run.findings


def test_an_episode_with_a_uuid_of_its_own_is_known_by_its_thread(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    thread = project.thread(ada, "chat")
    project.say(thread, "hello")
    (episode,) = project.in_graph(ada["graph_uuid"], "episodes")
    episode["uuid"] = project.new_uuid()
    journal, run = read(Answering(project), api=api)
    assert journal.records[f"episode:{episode['uuid']}"].hold == "copy-of-message"
    assert [(one.code, one.count) for one in run.findings] == [("zep-copies-by-thread", 1)]


def test_an_episode_that_names_no_thread_is_known_by_its_uuid(
    project: Project, ada: dict[str, Any], api: str
) -> None:
    said = project.say(project.thread(ada, "chat"), "hello")
    (episode,) = project.in_graph(ada["graph_uuid"], "episodes")
    del episode["thread_uuid"]
    found = everything(Answering(project), api=api)
    assert found[f"episode:{said['uuid']}"].hold == "copy-of-message"


def test_an_episode_whose_thread_is_not_there_loads_by_itself(
    project: Project, ada: dict[str, Any]
) -> None:
    made = project.episode(ada, "said long ago", thread_uuid=project.new_uuid(), source="message")
    assert everything(Answering(project))[f"episode:{made['uuid']}"].hold is None


@pytest.mark.parametrize("status", [400, 403, 404])
def test_episodes_of_a_thread_whose_messages_zep_does_not_give_load_by_themselves(
    project: Project, ada: dict[str, Any], api: str, status: int
) -> None:
    kept, lost = project.thread(ada, "kept"), project.thread(ada, "lost")
    seen, unseen = project.say(kept, "hello"), project.say(lost, "nobody hears me")

    def refuses(asked: Asked) -> Said | None:
        is_lost = "messages" in asked.place and {lost["uuid"], "lost"} & set(asked.place)
        return said({"message": "no"}, status) if is_lost else None

    journal, _ = read(Answering(project, before=refuses), api=api)
    assert journal.records[f"episode:{seen['uuid']}"].hold == "copy-of-message"
    assert journal.records[f"episode:{unseen['uuid']}"].hold is None


def test_what_is_said_in_a_thread_after_v3_gave_it_is_told(
    project: Project, ada: dict[str, Any]
) -> None:
    """v4 tells that the thread changed, and it is read again."""
    thread = project.thread(ada, "chat")
    project.say(thread, "hello")

    def goes_on(asked: Asked) -> None:
        if "episodes" in asked.place and len(project.messages[thread["uuid"]]) == 1:
            project.say(thread, "and?")

    _, run = read(Answering(project, before=goes_on), api="v3")
    (told,) = run.findings
    assert (told.code, told.severity, told.count) == ("zep-said-since", "warning", 1)
    assert "--new-job" in told.remedy
