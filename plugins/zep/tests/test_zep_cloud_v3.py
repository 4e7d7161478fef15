"""The v3 dialect: asked for as its SDK asks, and where it is vague, found out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import said
from zep_support.cloud_project import Project, Size, generated
from zep_support.cloud_reading import everything, read

DATA = Path(__file__).parent / "data"


@pytest.fixture
def project() -> Project:
    return generated(Size(users=3, threads=4, messages=500, facts=250, graphs=2))


def test_both_dialects_give_the_same_records_but_for_one_time(project: Project) -> None:
    newer, older = everything(Answering(project)), everything(Answering(project), api="v3")
    assert newer.keys() == older.keys() == set(project.record_ids())
    for own, record in newer.items():
        same = ("text", "scope", "kind", "hold", "role", "position", "state", "valid_to")
        assert [getattr(record, name) for name in same] == [
            getattr(older[own], name) for name in same
        ]


def test_v3_is_taken_where_v4_is_refused_and_that_is_said(project: Project) -> None:
    journal, run = read(Answering(project, v4=False))
    assert set(journal.records) == set(project.record_ids())
    (told,) = run.check.findings
    assert told.code == "zep-v3"
    assert "v4 is not enabled for this key" in told.message


def test_episodes_are_asked_for_without_a_limit_for_with_one_fewer_come(project: Project) -> None:
    server = Answering(project)
    everything(server, api="v3")
    asked = [one.body for one in server.asked if "episodes" in one.place]
    assert asked
    assert all("limit" not in body for body in asked)
    ada = project.in_graph(project.users[0]["graph_uuid"], "episodes")
    of_user = [one for one in server.asked if one.place[1:] == ("episodes", "user", "user-0")]
    assert len(of_user) <= -(-len(ada) // 100) + 1


def test_a_server_without_the_header_is_read_by_the_last_uuid(project: Project) -> None:
    found = everything(Answering(project, header_cursors=False), api="v3")
    assert set(found) == set(project.record_ids())


def test_a_cursor_of_messages_that_is_no_page_number_is_noticed(project: Project) -> None:
    journal, run = read(Answering(project, numbered_messages=False), api="v3")
    assert set(journal.records) == set(project.record_ids())
    assert not journal.conflicting
    assert not run.findings


def test_messages_that_no_way_of_asking_brings_are_told_as_a_hole(project: Project) -> None:
    """Where the cursor is no page number all are asked for at once; a server may give fewer."""
    server = Answering(project, numbered_messages=False, most_last=150)
    journal, run = read(server, api="v3")
    (where,) = journal.unreadable
    assert where.startswith("thread ")
    assert "and lists 150" in journal.unreadable[where].reason
    assert "zep-list-incomplete" in [one.code for one in run.findings]


def test_the_number_of_a_page_is_given_in_the_case_that_each_list_reads(project: Project) -> None:
    server = Answering(project)
    everything(server, api="v3")
    queries = {one.place: one.query for one in server.asked if one.method == "GET"}
    assert {"pageNumber", "pageSize"} <= set(queries["users-ordered",])
    assert {"pageNumber", "pageSize"} <= set(queries["graph", "list-all"])
    assert {"page_number", "page_size"} <= set(queries["threads",])


def test_everything_is_asked_for_as_the_sdk_asks_for_it() -> None:
    project = Project()
    ada = project.user("ada")
    project.say(project.thread(ada, "chat"), "hello")
    project.summary(ada, "Ada says hello")
    project.fact(project.graph("news"), "It rains")
    server = Answering(project)
    everything(server, api="v3")
    asked = {_shown(one.method, one.path, one.query, one.body) for one in server.asked}
    requests = json.loads((DATA / "zep_cloud_3.30.0_requests.json").read_text("utf-8"))
    assert asked == {_shown(**one) for one in requests}


def _shown(method: str, path: str, query: dict[str, str], body: Any) -> str:
    return json.dumps([method, path, query, body], sort_keys=True)


def test_a_server_that_cannot_sort_is_asked_without_an_order(project: Project) -> None:
    server = Answering(project)
    server.before = lambda asked: (
        said({"message": "order_by"}, 400) if "order_by" in (asked.body or {}) else None
    )
    found = everything(server, api="v3")
    assert {one for one in found if one.startswith("fact:")} == {
        one for one in project.record_ids() if one.startswith("fact:")
    }


def test_a_standalone_graph_is_asked_for_by_its_own_id(project: Project) -> None:
    server = Answering(project)
    everything(server, api="v3")
    assert server.asked_of("graph", "edge", "graph", "graph-1")
    assert not [one for one in server.asked if "row-" in one.path]
