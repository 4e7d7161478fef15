"""SuperMemory, answered by cassettes: every memory, or a sentence that helps."""

from __future__ import annotations

import pytest

from supermemory_support.cassettes import cassette, read_cassette
from supermemory_support.constructing import REMEDY, constructed
from supermemory_support.items import own_id
from supermemory_support.scenarios import SCENARIOS
from synap_import import Kind, Scope, Severity, SourceError, State
from synap_import.testing import Reading


def memories(*numbers: int) -> set[str]:
    return {own_id("mem", number) for number in numbers}


def ids(reading: Reading) -> set[str]:
    return {record.id for record in reading.records}


def errors(reading: Reading) -> list[str]:
    return [one.code for one in reading.findings or () if one.severity is Severity.ERROR]


def test_v4_tells_everything() -> None:
    reading = read_cassette("v4_reading")
    records = {record.id: record for record in reading.records}
    doc, shared = own_id("doc", 1), own_id("doc", 4)
    assert set(records) == memories(*range(7)) | {
        *(own_id("doc", n) for n in (1, 2, 3, 4, 7)),
        f"user_ana/{shared}",
    }
    assert {number: records[own_id("mem", number)].state for number in range(7)} == {
        0: State.SUPERSEDED,
        1: State.ACTIVE,
        2: State.ACTIVE,
        3: State.ACTIVE,
        4: State.DELETED,
        5: State.EXPIRED,
        6: State.ACTIVE,
    }
    assert (records[doc].kind, records[doc].text) == (Kind.DOCUMENT, "Had a call with Ana.")
    assert records[doc].metadata["supermemory"]["customId"] == "chat_session_1"
    assert records[shared].scope == Scope(group="org:1:user_bob")
    assert {link.relation for link in records[own_id("mem", 1)].links} == {
        "updates",
        "extends",
        "derived_from",
    }
    assert reading.findings == []


@pytest.mark.parametrize("name", ["v5_reading", "v5_only"])
def test_v5_tells_what_it_has(name: str) -> None:
    reading = read_cassette(name)
    assert memories(*range(1, 7)) <= ids(reading)
    assert {"user_ana/chat_session_1", f"user_ana/{own_id('doc', 4)}"} <= ids(reading)
    assert reading.check.account.startswith("v5:")
    assert reading.findings == []


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("v4_pages", range(7)),
        ("v5_pages", range(7)),
        ("v4_total_stays", [*range(7), 9]),
        ("v4_total_falls", range(7)),
    ],
)
def test_pages_bring_all_of_a_list_though_it_changes(name: str, numbers: list[int]) -> None:
    reading = read_cassette(name)
    assert ids(reading) == memories(*numbers)
    assert errors(reading) == []


def test_an_empty_page_in_the_middle_ends_nothing_and_what_is_not_shown_is_missed() -> None:
    reading = read_cassette("v4_empty_page")
    assert ids(reading) == memories(0, 1, 4, 5, 6)
    # The partition stays open, so the testing reader does not go on to compare.
    assert reading.findings is None


def test_an_empty_organization_is_told() -> None:
    reading = read_cassette("v4_empty")
    assert reading.records == []
    assert [one.code for one in reading.check.findings] == ["supermemory-empty"]


def test_a_scoped_key_reads_the_tag_that_is_named() -> None:
    reading = read_cassette("v4_scoped_key")
    assert {record.scope.group for record in reading.records} == {"user_ana"}
    assert [one.code for one in reading.check.findings] == ["supermemory-restricted-key"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("v4_one_tag_refused", "HTTP 403): No access to this container"),
        ("v4_error_list", "HTTP 400): containerTags.0: Must contain only alphanumeric"),
        ("v4_merging", "HTTP 409): Merge in progress Wait"),
        ("v5_one_namespace_refused", "HTTP 403): Namespace access denied"),
        ("v5_error_list", "HTTP 400): limit: Bad"),
    ],
)
def test_one_tag_that_is_refused_is_an_error_beside_what_came(name: str, words: str) -> None:
    reading = read_cassette(name)
    assert ids(reading) == memories(2)
    [finding] = reading.findings or ()
    assert (finding.code, finding.severity) == ("supermemory-refused", Severity.ERROR)
    assert words in f"{finding.message} {finding.remedy}"


@pytest.mark.parametrize("name", ["v4_busy", "v4_fails_once", "v4_web_page"])
def test_what_passes_is_waited_for(name: str) -> None:
    reading = read_cassette(name)
    assert ids(reading) == memories(1, 2)
    assert len(reading.waits) == 1
    assert name != "v4_busy" or reading.waits == [0.0]


def test_documents_without_text_are_held_with_the_reason() -> None:
    records = read_cassette("v4_null_content").records
    assert {record.id: record.hold for record in records} == {
        own_id("doc", 1): "file-only",
        own_id("doc", 2): "document-unfinished",
    }


def test_values_that_nobody_described_do_no_harm() -> None:
    reading = read_cassette("v4_unknown_values")
    assert ids(reading) == {own_id("mem", 1), own_id("doc", 1)}
    assert reading.unreadable == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("v4_wrong_key", r"HTTP 401.*Unauthorized.*SUPERMEMORY_API_KEY"),
        ("v4_credits", r"HTTP 402.*exhausted.*credits"),
        ("v4_scoped_key_without_tag", r"key is restricted.*--tag user_ana"),
    ],
)
def test_what_does_not_pass_is_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        read_cassette(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_cassette_is_what_its_construction_makes(name: str) -> None:
    assert cassette(name).read_text("utf-8") == constructed(name), REMEDY
