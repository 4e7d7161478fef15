"""An id names its own data and nobody else's, whatever is in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synap_import import Scope
from zep_support.cloud_answers import Answering
from zep_support.cloud_project import Project
from zep_support.cloud_reading import read

HOSTILE = ["ada?x", "ada#x", "ada/edge", "../ada", "ada/..", "%61da", "ada%2Fx", " ada", "ada;x"]
UNADDRESSABLE = [".", ".."]

ids = st.one_of(
    st.sampled_from(HOSTILE + UNADDRESSABLE),
    st.text(alphabet="ad./?#%&=+;: 2Fé\U0001f600\n", min_size=1, max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)


def project_of(own_id: str) -> tuple[Project, dict[str, Any], dict[str, Any]]:
    """Ada, and somebody with an odd id; both have said something and are known for something."""
    project = Project()
    people = [project.user("ada"), project.user(own_id)]
    for number, user in enumerate(people):
        project.say(project.thread(user, f"{user['user_id']}"), f"said by {number}")
        project.fact(user, f"fact about {number}")
        project.summary(user, f"summary of {number}")
    project.fact(project.graph(own_id), "fact of the graph")
    return project, people[0], people[1]


@pytest.mark.parametrize("own_id", HOSTILE)
@pytest.mark.parametrize("api", ["v4", "v3"])
def test_a_hostile_id_gets_its_own_data(own_id: str, api: str) -> None:
    project, _, _ = project_of(own_id)
    journal, _ = read(Answering(project), api=api)
    assert set(journal.records) == set(project.record_ids())
    _each_to_their_own(journal.records, own_id)


@pytest.mark.parametrize("own_id", UNADDRESSABLE)
def test_an_id_that_no_address_can_name_is_not_asked_for_but_told(own_id: str) -> None:
    project, _, _ = project_of(own_id)
    server = Answering(project)
    journal, run = read(server, api="v3")
    assert set(journal.unreadable) == {f"thread {own_id}", f"user {own_id}", f"graph {own_id}"}
    assert [one.code for one in run.findings] == ["zep-list-incomplete"]
    _each_to_their_own(journal.records, own_id)
    assert not [one for one in server.asked if own_id in one.place]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ids.filter(lambda own: own != "ada"))
def test_no_id_reads_somebody_elses_data(own_id: str) -> None:
    project, _, _ = project_of(own_id)
    server = Answering(project)
    journal, _ = read(server, api="v3")
    _each_to_their_own(journal.records, own_id)
    if own_id not in UNADDRESSABLE:
        assert set(journal.records) == set(project.record_ids())


def _each_to_their_own(records: dict[str, Any], own_id: str) -> None:
    for record in records.values():
        if record.text.endswith(" 0"):
            assert record.scope.user == "ada"
        elif record.text.endswith(" 1"):
            assert record.scope.user == own_id
        elif record.text == "fact of the graph":
            assert record.scope == Scope(app=own_id)
