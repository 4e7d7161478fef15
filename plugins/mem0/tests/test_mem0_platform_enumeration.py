"""The lists that are read reach every memory, whatever filters mean and whoever knows it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import import Scope
from synap_import_mem0.platform.enumeration import (
    KINDS,
    SUBSETS,
    Probe,
    Reading,
    Subset,
    by_subset,
    filters_of,
    ids_of,
    may_bring_new,
    reading_that_shows,
    total,
)

READINGS = st.sampled_from([Reading.OPEN, Reading.CLOSED])
PROJECTS = st.lists(st.sampled_from(SUBSETS), max_size=40)


def listed(project: list[Subset], subset: Subset, reading: Reading) -> set[int]:
    """The memories of a project, by number, that a list shows; each is the ids it carries."""
    if reading is Reading.CLOSED:
        return {n for n, ids in enumerate(project) if ids == subset}
    return {n for n, ids in enumerate(project) if set(subset) <= set(ids)}


def probes(project: list[Subset], reading: Reading) -> dict[Subset, Probe]:
    return {subset: Probe(len(listed(project, subset, reading))) for subset in SUBSETS}


def read(project: list[Subset], reading: Reading, known: Reading) -> tuple[set[int], int]:
    """What comes out, and how many lists were read, when so much is known of the reading."""
    came_out: set[int] = set()
    lists = 0
    for subset, probe in probes(project, reading).items():
        exactly = Counter(project[n] for n in came_out)
        if may_bring_new(subset, probe, exactly, known):
            came_out |= listed(project, subset, reading)
            lists += 1
    return came_out, lists


def test_there_are_15_combinations_and_single_ids_come_first():
    assert len(set(SUBSETS)) == 15
    assert [len(subset) for subset in SUBSETS] == sorted(len(subset) for subset in SUBSETS)


@given(PROJECTS, READINGS)
def test_everything_comes_out_where_the_reading_is_known(project, reading):
    assert read(project, reading, reading)[0] == set(range(len(project)))


@given(PROJECTS, READINGS)
def test_everything_comes_out_where_it_is_not_known(project, reading):
    assert read(project, reading, Reading.UNKNOWN)[0] == set(range(len(project)))


@given(PROJECTS)
def test_only_single_ids_are_read_where_that_is_enough(project):
    assert read(project, Reading.OPEN, Reading.UNKNOWN)[1] <= len(KINDS)


@given(PROJECTS, READINGS)
def test_the_counts_never_show_the_wrong_reading(project, reading):
    shown = reading_that_shows(probes(project, reading))
    several = any(len(ids) > 1 for ids in project)
    assert shown in ({reading, Reading.UNKNOWN} if several else {Reading.OPEN})


@given(PROJECTS, READINGS)
def test_the_total_is_the_number_of_memories_or_is_not_told(project, reading):
    counted = probes(project, reading)
    assert total(counted, reading_that_shows(counted)) in {len(project), None}


def test_an_item_with_more_ids_than_asked_for_shows_that_filters_are_open():
    counted = probes([("user_id", "run_id")], Reading.OPEN)
    counted["user_id",] = Probe(1, {"user_id": "ada", "session_id": "r"})
    assert reading_that_shows(counted) is Reading.OPEN


def test_a_list_without_a_count_is_read():
    assert may_bring_new(("user_id", "run_id"), Probe(None, {"id": "1"}), {}, Reading.UNKNOWN)
    assert not may_bring_new(("user_id", "run_id"), Probe(None), {}, Reading.UNKNOWN)


def test_filters_ask_for_any_id_or_for_a_certain_one():
    assert filters_of(("user_id", "run_id")) == {"AND": [{"user_id": "*"}, {"run_id": "*"}]}
    assert filters_of(("user_id",), user_id="ada") == {"AND": [{"user_id": "ada"}]}


@pytest.mark.parametrize("name", ["session_id", "run_id"])
def test_the_ids_of_an_item_are_named_as_filters_name_them(name):
    assert ids_of({"user_id": "ada", "agent_id": None, name: "r"}) == {
        "user_id": "ada",
        "run_id": "r",
    }


def test_records_are_counted_by_the_ids_that_they_carry():
    scopes = [(Scope(user="a"), 2), (Scope(user="b"), 3), (Scope(user="a", session="r"), 1)]
    assert by_subset(scopes) == {("user_id",): 5, ("user_id", "run_id"): 1}
