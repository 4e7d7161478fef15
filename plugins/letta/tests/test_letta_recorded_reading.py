"""A real Letta V1 server 0.16.8, read to its end: every row of its database is accounted for.

The server was filled by plugins/letta/live/seed.py; ``rows`` are its database's own counts. When
the adapter asks otherwise than before, ``make record-letta`` records anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from letta_support.recorded import answered, exchanges, read_cassette, rows
from synap_import import Kind, MemoryRecord, Scope, Severity
from synap_import.testing import Reading

ONE_MOMENT = datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_cassette("server_reading", with_files=True)


@pytest.fixture(scope="module")
def agents(reading) -> dict[str, str]:
    """The ids of the seeded agents, by name."""
    found = (one for one in reading.records if one.id.startswith("agent-"))
    return {one.text.partition(":")[0]: one.id for one in found}


def of_kind(reading: Reading, prefix: str) -> list[MemoryRecord]:
    return [one for one in reading.records if one.id.startswith(f"{prefix}-")]


def stored(records: list[MemoryRecord]) -> set[str]:
    """The rows that records came from: a stored message can be several."""
    return {one.id.partition("/")[0] for one in records}


def messages_of(reading: Reading, agent: str) -> list[MemoryRecord]:
    found = (one for one in of_kind(reading, "message") if one.scope.agent == agent)
    return sorted(found, key=lambda one: (one.scope.session or "", one.position or 0))


def passages_in(reading: Reading, archive: str) -> list[MemoryRecord]:
    return [one for one in of_kind(reading, "passage") if one.metadata.get("archive") == archive]


def conversations(reading: Reading, agent: str) -> Iterator[list[MemoryRecord]]:
    """The messages of an agent by session, those outside of conversations left out."""
    records = messages_of(reading, agent)
    for session in dict.fromkeys(one.scope.session for one in records):
        if session and session.startswith("conv-"):
            yield [one for one in records if one.scope.session == session]


@pytest.mark.parametrize(
    ("what", "prefix", "beyond_reach"),
    [
        ("agents", "agent", 0),
        ("identities", "identity", 0),
        ("blocks", "block", 0),
        ("messages", "message", 0),
        ("files", "file", 0),
        ("passages", "passage", 30),
    ],
)
def test_every_row_comes_out_but_for_those_that_no_answer_shows(
    reading, what, prefix, beyond_reach
) -> None:
    assert len(stored(of_kind(reading, prefix))) == rows()[what] - beyond_reach


def test_what_is_not_loaded_is_held_for_reasons_that_add_up(reading) -> None:
    held = Counter(one.hold for one in reading.records if one.hold)
    assert held == {
        "agent-definition": 11,
        "approval-message": 2,
        "boot-message": 2,
        "compaction-alert": 2,
        "heartbeat": 1,
        "identity": 3,
        "login-notice": 2,
        "persona-block": 3,
        "read-only-block": 1,
        "reasoning": 9,
        "sleeptime-copy": 5,
        "system-message": 14,
        "template-block": 1,
        "tool-message": 19,
    }


def test_122_of_122_messages_of_a_long_chat_that_was_compacted(reading, agents) -> None:
    assert rows()["messages by agent"]["long-chat"] == 122
    assert len(stored(messages_of(reading, agents["long-chat"]))) == 122


def test_61_of_61_passages_of_an_agent(reading) -> None:
    assert rows()["passages by archive"]["support-alice's Archive"] == 61
    assert len(passages_in(reading, "support-alice's Archive")) == 61


def test_130_of_130_passages_of_one_moment_that_an_agent_has(reading) -> None:
    found = passages_in(reading, "one-moment's Archive")
    assert rows()["passages by archive"]["one-moment's Archive"] == len(found) == 130
    assert {one.created_at for one in found} == {ONE_MOMENT}


def test_101_of_131_passages_that_a_deleted_agent_left_and_a_word_about_the_others(reading) -> None:
    found = passages_in(reading, "gone's Archive")
    assert rows()["passages by archive"]["gone's Archive"] == 131
    assert Counter(one.created_at == ONE_MOMENT for one in found) == {True: 100, False: 1}
    [hole] = reading.unreadable
    assert hole.where.endswith("@2024-02-29T12:00:00Z")
    assert "Attach it to an agent" in hole.reason


def test_36_of_36_messages_of_a_compacted_conversation_in_their_order(reading, agents) -> None:
    assert rows()["messages by conversation"]["Many things"] == 36
    [compacted] = [
        found for found in conversations(reading, agents["support-alice"]) if len(found) == 36
    ]
    said = [one.text for one in compacted if one.role == "user" and not one.hold]
    assert said == [f"Many things no. {number}" for number in range(17)]


def test_a_fork_brings_its_own_messages_and_what_it_shares_comes_once(reading, agents) -> None:
    counted = rows()["messages by conversation"]
    assert (counted["Trip planning"], counted["a fork"]) == (7, 3)
    found = list(conversations(reading, agents["support-alice"]))
    assert sorted(map(len, found)) == [3, 7, 36]
    [fork] = [one for one in found if len(one) == 3]
    assert [one.text for one in fork if one.role == "user"] == ["The other plan"]


def test_a_deleted_conversation_is_gone_for_the_server_and_so_for_us(reading) -> None:
    assert "Soon deleted" not in rows()["messages by conversation"]
    assert not [one for one in reading.records if "Soon deleted" in one.text]


def test_7_of_7_messages_of_an_agent_that_was_reset(reading, agents) -> None:
    assert rows()["messages by agent"]["forgetful"] == 7
    assert len(stored(messages_of(reading, agents["forgetful"]))) == 7


def test_an_agent_that_no_list_shows_comes_with_what_was_said(reading, agents) -> None:
    assert "Nobody sees us." in [one.text for one in messages_of(reading, agents["hidden-one"])]


def test_blocks_that_are_hidden_detached_or_left_behind_come_once_each(reading) -> None:
    blocks = of_kind(reading, "block")
    assert Counter(one.metadata.get("label") for one in blocks) == rows()["blocks by label"]
    assert {
        "Nobody lists this.",
        "Name: Carol. No agent has this block.",
        "Talks to gone.",
        "A persona to start from.",
    } <= {one.text for one in blocks}


def test_a_block_has_no_time_because_the_server_tells_none(reading) -> None:
    assert {one.created_at for one in of_kind(reading, "block")} == {None}


def test_a_date_that_was_set_back_is_the_passages_time_in_utc(reading) -> None:
    by_text = {one.text: one for one in passages_in(reading, "support-alice's Archive")}
    with_offset = by_text["Fact 0: Alice mentioned café no. 0, 東京, 🙂."]
    assert with_offset.created_at == datetime(2023, 5, 1, 7, 30, tzinfo=UTC)
    without = by_text["Fact 1: Alice mentioned café no. 1, 東京, 🙂."]
    assert without.created_at == datetime(2023, 6, 1, 9, 30, tzinfo=UTC)
    assert with_offset.updated_at is not None
    assert with_offset.updated_at > with_offset.created_at


def test_a_passage_of_two_agents_of_different_users_is_a_groups(reading) -> None:
    found = passages_in(reading, "kb-shared")
    assert len(found) == rows()["passages by archive"]["kb-shared"] == 3
    assert {one.scope for one in found} == {Scope(group=found[0].metadata["archive_id"])}
    assert all(len(one.metadata["agents"]) == 2 for one in found)


def test_what_an_older_agent_says_by_a_tool_is_what_it_says(reading, agents) -> None:
    spoken = [
        one.text
        for one in messages_of(reading, agents["support-bob"])
        if one.role == "assistant" and not one.hold
    ]
    # The model's stand-in counts messages of users, of which the login notice is the first.
    said = [f"Answer {number}: 14 characters were read." for number in range(2, 6)]
    assert spoken[:4] == said


def test_the_first_words_of_the_oldest_agents_are_no_memory(reading, agents) -> None:
    first = messages_of(reading, agents["old-hand"])[:5]
    assert all(one.hold for one in first)
    assert {"boot-message", "login-notice"} <= {one.hold for one in first}


def test_a_sleeptime_agents_copies_of_the_chat_are_held(reading, agents) -> None:
    found = [one for one in of_kind(reading, "message") if one.hold == "sleeptime-copy"]
    assert len(stored(found)) == rows()["messages by agent"]["sleepy-sleeptime"]


def test_messages_of_an_agent_of_two_people_are_their_senders(reading, agents) -> None:
    found = [one for one in messages_of(reading, agents["two-users"]) if not one.hold]
    assert [one.scope.user for one in found] == ["alice@example.com"] * 2 + ["cust_0002"] * 2


def test_whose_the_rest_of_that_agent_is_nobody_guesses(reading) -> None:
    [finding] = [one for one in reading.check.findings if one.severity is Severity.ERROR]
    assert finding.code == "letta-ambiguous-user"
    assert "two-users" in finding.message


def test_a_picture_is_counted_and_not_kept(reading) -> None:
    [shown] = [one for one in reading.records if one.metadata.get("pictures")]
    assert shown.text == "Look at this"
    assert "iVBOR" not in shown.model_dump_json()


def test_secrets_of_agents_are_never_asked_for() -> None:
    """The server sends them in clear to whoever does: test_letta_recorded_answers shows it."""
    listed = [
        agent
        for one in exchanges("server_reading")
        if "/v1/agents/?" in one["request"]["uri"]
        for agent in answered(one)
    ]
    assert {str(agent["secrets"]) for agent in listed} == {"[]"}
    assert {str(agent["tool_exec_environment_variables"]) for agent in listed} == {"[]"}


def test_no_vector_is_in_any_record(reading) -> None:
    assert not [one.id for one in reading.records if "embedding" in json.dumps(one.raw)]


def test_a_file_is_one_document_with_its_text(reading) -> None:
    [file] = of_kind(reading, "file")
    assert (file.kind, file.text.strip()) == (Kind.DOCUMENT, "Alice likes hiking.")


def test_signals_of_whose_memories_they_are_stand_in_the_user_map(reading) -> None:
    told = {one.id: one.note for one in reading.scopes or ()}
    assert told["alice@example.com"].startswith("identity in Letta (sure)")
    assert told["dana"].startswith("tag user:… (likely)")
    assert told["frank"].startswith("metadata user_id (likely)")


def test_another_organization_on_the_server_is_told(reading) -> None:
    codes = [one.code for one in reading.check.findings]
    assert "letta-other-organizations" in codes
    assert not [one for one in reading.records if "Not for everybody" in one.text]


def test_the_comparison_at_the_end_finds_nothing_missing(reading) -> None:
    assert list(reading.findings or ()) == []


def test_the_adapter_never_asks_for_a_path_that_redirects() -> None:
    assert {one["response"]["status"]["code"] for one in exchanges("server_reading")} == {200}
