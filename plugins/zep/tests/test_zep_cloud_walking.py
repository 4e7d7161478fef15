"""Walks through Zep's lists: none ends too early, none goes on for ever, nothing new is missed."""

from __future__ import annotations

import pytest

from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import Asked, Said, said
from zep_support.cloud_project import Project, lately
from zep_support.cloud_reading import everything, read


@pytest.fixture(params=["v4", "v3"])
def api(request: pytest.FixtureRequest) -> str:
    return request.param


def facts(project: Project, count: int) -> dict[str, object]:
    user = project.user("ada")
    for number in range(count):
        project.fact(user, f"fact {number}")
    return user


def names(prefix: str, records: object) -> set[str]:
    return {one for one in records if one.startswith(prefix)}


def test_a_list_is_read_behind_its_first_page(api: str) -> None:
    facts(project := Project(), 250)
    found = everything(Answering(project), api=api)
    assert names("fact:", found) == set(project.record_ids())


def test_users_threads_and_graphs_are_listed_behind_their_first_page(api: str) -> None:
    project = Project()
    for number in range(45):
        user = project.user(f"user-{number}")
        project.say(project.thread(user, f"thread-{number}"), "said")
        project.episode(project.graph(f"graph-{number}"), "read")
    found = everything(Answering(project, most=20), api=api)
    assert set(found) == set(project.record_ids())


def test_an_empty_page_in_the_middle_does_not_end_a_list(api: str) -> None:
    facts(project := Project(), 250)
    server = Answering(project, empty_after=1)
    found = everything(server, api=api)
    assert names("fact:", found) == set(project.record_ids())


def test_a_repeated_cursor_ends_the_list_and_is_told_as_a_hole(api: str) -> None:
    user = facts(project := Project(), 350)
    project.entity(user, "tea")
    server = Answering(project, repeats_cursor=True)
    journal, run = read(server, api=api)
    assert "user ada: edges" in journal.unreadable
    assert "again" in journal.unreadable["user ada: edges"].reason
    assert names("entity:", journal.records), "the other lists are read all the same"
    assert [one.code for one in run.findings] == ["zep-list-incomplete"]


def test_cursors_that_never_end_are_given_up(api: str) -> None:
    facts(project := Project(), 1)
    pages = 0

    def always_another(asked: Asked) -> Said | None:
        nonlocal pages
        if asked.place[-2:] != ("edges", "list") and "edge" not in asked.place:
            return None
        pages += 1
        body = {"items": [], "next_cursor": f"c{pages}"} if api == "v4" else []
        return said(body, Zep_Next_Cursor=f"c{pages}")

    journal, _ = read(Answering(project, before=always_another), api=api)
    assert list(journal.unreadable) == ["user ada: edges"]
    assert pages < 300


def test_what_is_created_behind_the_reader_of_a_list_comes_out(api: str) -> None:
    user = facts(project := Project(), 250)
    added: list[str] = []

    def grows(asked: Asked) -> None:
        is_facts = "edges" in asked.place or "edge" in asked.place
        if is_facts and len(added) < 100:
            for _ in range(50):
                made = project.fact(user, "new", created_at=lately())
                added.append(made["uuid"])

    found = everything(Answering(project, before=grows), api=api)
    assert len(added) == 100
    assert {f"fact:{uuid}" for uuid in added} <= set(found)


def test_who_and_what_is_created_after_the_lists_were_read_comes_out(api: str) -> None:
    project = Project()
    project.say(project.thread(project.user("ada"), "first"), "hello")

    def joins(asked: Asked) -> None:
        if "messages" in asked.place and len(project.users) == 1:
            now = lately()
            bob = project.user("bob", created_at=now)
            thread = project.thread(bob, "second", created_at=now)
            project.say(thread, "hello too", created_at=now)
            project.fact(bob, "Bob is new", created_at=now)
            project.episode(project.graph("news", created_at=now), "new", created_at=now)

    found = everything(Answering(project, before=joins), api=api)
    assert set(found) == set(project.record_ids())
    assert len(project.users) == 2


def test_a_thread_that_grows_after_it_was_read_is_read_again() -> None:
    project = Project()
    first = project.thread(project.user("ada"), "first")
    project.say(first, "hello")
    project.thread(project.user("bob"), "last")

    def goes_on(asked: Asked) -> None:
        if "nodes" in asked.place and len(project.messages[first["uuid"]]) == 1:
            project.say(first, "and?", created_at=lately())

    journal, _ = read(Answering(project, before=goes_on))
    assert set(project.record_ids()) <= set(journal.records)
    assert not journal.conflicting


@pytest.mark.parametrize(
    ("api", "what"), [("v4", "users"), ("v4", "threads"), ("v4", "graphs"), ("v3", "threads")]
)
def test_a_list_of_the_project_that_holds_less_than_it_counts_is_told(api: str, what: str) -> None:
    project = Project()
    for number in range(3):
        project.thread(project.user(f"user-{number}"), f"thread-{number}")
        project.graph(f"graph-{number}")
    _, run = read(Answering(project, loses=what), api=api)
    (told,) = run.findings
    assert (told.code, told.severity) == ("zep-list-incomplete", "error")
    assert told.examples[0] == f"{what} of the project: Zep counts 3 and lists 2"


def test_a_list_that_holds_less_than_it_counts_is_told_as_a_hole(api: str) -> None:
    project = Project()
    thread = project.thread(project.user("ada"), "first")
    for number in range(3):
        project.say(thread, f"said {number}")
    journal, run = read(Answering(project, loses="messages"), api=api)
    assert journal.unreadable["thread first"].reason == "Zep counts 3 and lists 2"
    assert "error" in [one.severity for one in run.findings]
