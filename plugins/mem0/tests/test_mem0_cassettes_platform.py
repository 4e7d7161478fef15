"""The Platform, answered by cassettes: every memory, or a sentence that helps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mem0_support.cassettes import cassette, read_cassette, short_id
from mem0_support.constructing import REMEDY, constructed_platform, path_of
from mem0_support.platform_scenarios import SCENARIOS
from synap_import import Kind, Scope, Severity, SourceError, SourceUnavailableError, State


def ids(reading) -> list[int]:
    return sorted(short_id(record) for record in reading.records)


def test_a_memory_that_moves_between_pages_is_neither_lost_nor_twice() -> None:
    reading = read_cassette("platform_three_pages")
    came = [short_id(record) for page in reading.pages for record in page.records]
    assert len(came) > len(set(came)), "no page repeats a memory"
    assert ids(reading) == [1, 2, 3, 4, 5, 6, 7]
    assert reading.findings == []


def test_the_second_page_of_entities_is_read_too() -> None:
    scopes = read_cassette("platform_entities_two_pages").scopes
    assert [(scope.id, scope.records) for scope in scopes] == [
        ("user-1", 1),
        ("user-2", 1),
        ("user-3", 1),
    ]


def test_each_memory_comes_in_its_state() -> None:
    records = {short_id(record): record for record in read_cassette("platform_states").records}
    assert {number: record.state for number, record in records.items()} == {
        1: State.ACTIVE,
        2: State.EXPIRED,
        3: State.ACTIVE,
        4: State.SUPERSEDED,
        5: State.MERGED,
        6: State.ACTIVE,
    }
    assert [link.id for link in records[4].links] == [records[1].id]
    assert records[6].kind is Kind.SUMMARY


def test_a_memory_keeps_text_owner_times_tags_and_metadata() -> None:
    [record] = [one for one in read_cassette("platform_states").records if short_id(one) == 1]
    assert record.text == "Lives in Lisbon"
    assert record.scope == Scope(user="ada")
    assert record.created_at == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    assert record.updated_at == datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    assert (record.tags, record.metadata) == (("location",), {"n": 1})


def test_memories_of_only_an_agent_a_run_or_an_app_come_too() -> None:
    records = read_cassette("platform_without_user").records
    assert {short_id(record): record.scope for record in records} == {
        1: Scope(user="ada"),
        2: Scope(agent="concierge"),
        3: Scope(session="trip-1"),
        4: Scope(app="travel"),
    }


@pytest.mark.parametrize("reading", ["open", "closed"])
def test_what_a_filter_means_for_other_ids_loses_nothing(reading) -> None:
    read = read_cassette(f"platform_filters_{reading}")
    assert {short_id(record): record.scope for record in read.records} == {
        1: Scope(user="ada"),
        2: Scope(user="ada", session="trip-1"),
        3: Scope(user="ada", agent="concierge"),
        4: Scope(user="bob", agent="concierge", session="trip-2"),
    }
    assert read.check.expected == 4
    assert read.findings == []


def test_an_empty_project_is_told() -> None:
    reading = read_cassette("platform_empty")
    assert reading.records == []
    [finding] = reading.check.findings
    assert "project_1 that the key opens holds no memories" in finding.message


def test_a_server_that_does_not_know_include_merged_is_read_without() -> None:
    reading = read_cassette("platform_merged_unknown")
    assert ids(reading) == [1]
    assert [finding.code for finding in reading.check.findings] == ["mem0-merged-not-exported"]


def test_answers_of_earlier_years_are_read() -> None:
    [record] = read_cassette("platform_older_shapes").records
    assert record.scope == Scope(user="ada", session="trip-1")
    assert record.created_at == datetime(2024, 7, 20, 8, 30, 36, 275141, tzinfo=UTC)
    assert record.updated_at is None
    assert "mem0_notice" not in record.raw


@pytest.mark.parametrize(
    ("name", "waited"), [("busy_retry_after", [2.0]), ("busy", None), ("fails_once", None)]
)
def test_what_passes_is_waited_for(name, waited) -> None:
    reading = read_cassette(f"platform_{name}")
    assert ids(reading) == [1]
    assert len(reading.waits) == 1
    assert waited is None or reading.waits == waited


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("wrong_key", SourceError, r"\(HTTP 401\): Invalid API key\..*Check MEM0_API_KEY"),
        ("refused_detail", SourceError, r"\(HTTP 400\): Filters are too deep"),
        ("refused_error", SourceError, r"\(HTTP 400\): limit must be <= 200"),
        ("refused_message", SourceError, r"\(HTTP 400\): Schema is required"),
        ("refused_list", SourceError, r"\(HTTP 400\): One of the filters: app_id, user_id"),
        ("refused_fields", SourceError, r"\(HTTP 400\): name: This field is required"),
        ("breaks_off", SourceUnavailableError, "breaks off.*Run the same command again"),
        ("web_page", SourceError, "answers a web page.*not the API of the Mem0 Platform"),
    ],
)
def test_what_does_not_pass_is_a_sentence(name, error, sentence) -> None:
    with pytest.raises(error, match=sentence) as raised:
        read_cassette(f"platform_{name}")
    assert raised.type is error


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if not one.fails])
def test_nothing_is_missing_at_the_end(name) -> None:
    reading = read_cassette(f"platform_{name}")
    assert [one for one in reading.findings if one.severity is Severity.ERROR] == []
    assert reading.unreadable == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_cassette_is_what_its_construction_makes(name) -> None:
    path = path_of(cassette("any").parent, name)
    assert path.read_text("utf-8") == constructed_platform(name), REMEDY
