"""Letta Cloud, as public issues tell of it, read from constructed cassettes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from letta_support.cloud_scenarios import SCENARIOS
from letta_support.constructing import REMEDY, constructed, options, path_of
from letta_support.recorded import FOLDER, exchanges, read_cassette
from synap_import import SourceError
from synap_import.testing import Reading


def read(name: str) -> Reading:
    return read_cassette(f"cloud_{name}", **options(name))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_cassette_is_what_its_construction_makes(name) -> None:
    assert path_of(FOLDER, name).read_text("utf-8") == constructed(name), REMEDY


def test_every_project_is_read_not_only_the_default_one() -> None:
    told = {one.text: one.scope.user for one in read("projects").records}
    assert (told["Name: Alice"], told["Name: Bob"]) == ("alice", "bob")


def test_122_messages_and_an_archived_conversation_come_whole_and_in_order() -> None:
    said = [one for one in read("messages").records if one.role in ("user", "assistant")]
    assert len(said) == 122
    default = [one.text for one in said if not (one.scope.session or "").startswith("conv-")]
    assert default[:2] + default[-2:] == ["question 0", "answer 0", "question 59", "answer 59"]


def test_messages_are_asked_for_in_the_one_order_that_is_right_everywhere() -> None:
    asked = [
        parse_qs(urlsplit(one["request"]["uri"]).query)
        for one in exchanges("cloud_messages")
        if one["request"]["uri"].partition("?")[0].endswith("/messages")
    ]
    assert asked
    assert {query["order"][0] for query in asked} == {"asc"}
    assert not [query for query in asked if "before" in query]


def test_a_memory_file_is_a_record_and_the_block_that_shows_it_again_is_held() -> None:
    records = read("memory_files").records
    files = [one for one in records if "path" in one.metadata]
    assert {one.metadata["path"] for one in files if not one.hold} == {
        "system/human.md",
        "notes/trip.md",
    }
    copies = [one.hold for one in records if one.id.startswith("block-")]
    assert copies == ["memory-file-copy"] * 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("limit_refused", "less than or equal to 200"),
        ("plan_limit", "You have reached your limit for agents"),
        ("wrong_key", "does not accept the key"),
        ("other_project", "does not open a project not-mine"),
    ],
)
def test_a_refusal_is_a_sentence_with_what_to_do(name, words) -> None:
    with pytest.raises(SourceError, match=words) as refused:
        read(name)
    assert refused.value.remedy
