"""What of a conversation is loaded, and what is held for which reason."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from letta_support.data import Data, called, notice, sleeptime_pair, speaking
from letta_support.reading import reading, records
from letta_support.stand_in import StandIn
from synap_import import Kind
from synap_import_letta.messages import said_in, words_of


def holds(stand_in: StandIn) -> Counter[str | None]:
    return Counter(one.hold for one in reading(stand_in).records if one.kind is Kind.MESSAGE)


def test_user_and_assistant_text_is_loaded_with_role_time_position_and_session() -> None:
    data = Data()
    agent = data.agent("alice", tags=["user:alice"])
    conversation = data.conversation(agent, "Trip planning")
    row = data.row(
        agent,
        "user",
        "plan a trip",
        name="Al",
        conversation_id=conversation["id"],
        date="2026-11-21T04:56:07+00:00",
    )
    one = records(StandIn(data))[row["id"]]
    assert (one.kind, one.role, one.text, one.name) == (Kind.MESSAGE, "user", "plan a trip", "Al")
    assert one.created_at == datetime(2026, 11, 21, 4, 56, 7, tzinfo=UTC)
    assert (one.scope.user, one.scope.agent) == ("alice", agent["id"])
    assert (one.scope.session, one.position) == (conversation["id"], 0)
    assert one.metadata == {"conversation": "Trip planning"}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"message_type": "system_message", "content": "You are"}, "system-message"),
        ({"message_type": "reasoning_message", "reasoning": "hm"}, "reasoning"),
        ({"message_type": "hidden_reasoning_message", "state": "redacted"}, "reasoning"),
        ({"message_type": "tool_call_message", "tool_call": called("search")}, "tool-message"),
        ({"message_type": "tool_return_message", "tool_return": "None"}, "tool-message"),
        ({"message_type": "approval_request_message", "tool_call": {}}, "approval-message"),
        ({"message_type": "approval_response_message", "approve": True}, "approval-message"),
        ({"message_type": "event_message", "event_type": "compaction"}, "event-message"),
        ({"message_type": "summary_message", "summary": "so far"}, "compaction-alert"),
        ({"message_type": "user_message", "content": notice("login")}, "login-notice"),
        ({"message_type": "user_message", "content": notice("heartbeat")}, "heartbeat"),
        ({"message_type": "user_message", "content": notice("system_alert")}, "compaction-alert"),
        (
            {
                "message_type": "tool_call_message",
                "tool_call": speaking("More human than human is our motto."),
            },
            "boot-message",
        ),
        ({"message_type": "message_of_next_year", "content": "?"}, "unknown-message"),
    ],
)
def test_what_nobody_said_is_held_for_its_reason(item: dict[str, object], reason: str) -> None:
    assert [said.hold for said in said_in(item)] == [reason]


@pytest.mark.parametrize("words", ['{"type": "order", "n": 1}', "{not json", '["login"]', "hi"])
def test_json_that_a_user_wrote_is_what_the_user_said(words: str) -> None:
    [said] = said_in({"message_type": "user_message", "content": words})
    assert (said.words, said.hold) == (words, None)


def test_the_call_by_which_older_agents_speak_is_what_they_say() -> None:
    calls = [called("search", q="x"), speaking("Hello."), speaking("And you?")]
    spoken, silent = said_in({"message_type": "tool_call_message", "tool_calls": calls})
    assert (spoken.role, spoken.words, spoken.hold) == ("assistant", "Hello.\nAnd you?", None)
    assert (silent.words, silent.hold) == ('search({"q": "x"})', "tool-message")


def test_a_call_that_breaks_off_is_a_call() -> None:
    broken = {"name": "send_message", "arguments": '{"message": "Hel'}
    [said] = said_in({"message_type": "tool_call_message", "tool_call": broken})
    assert said.hold == "tool-message"


def test_the_text_parts_of_a_message_are_its_words_and_pictures_are_counted_not_kept() -> None:
    data = Data()
    picture = {"type": "image", "source": {"type": "base64", "data": "iVBOR" * 100}}
    content = [{"type": "text", "text": "Look"}, picture, {"type": "text", "text": "here"}]
    row = data.row(data.agent("alice"), "user", content)  # type: ignore[arg-type]
    one = records(StandIn(data))[row["id"]]
    assert one.text == "Look\nhere"
    assert one.metadata == {"pictures": 1}
    assert "iVBOR" not in str(one.raw)
    assert words_of(None) == ("", 0)


def test_the_sender_of_a_message_is_its_user_and_the_reply_is_for_that_user() -> None:
    data = Data()
    agent = data.agent("family", metadata={"user_id": "household"})
    bob = data.identity("bob@example.com")
    data.row(agent, "user", "I am Bob", sender_id=bob["id"])
    data.row(agent, "assistant", "Hello Bob")
    data.row(agent, "user", "somebody else")
    data.row(agent, "assistant", "Hello")
    said = [one for one in reading(StandIn(data)).records if one.role in ("user", "assistant")]
    assert [one.scope.user for one in said] == ["bob@example.com"] * 2 + ["household"] * 2


def test_an_unknown_sender_changes_nothing_and_is_kept() -> None:
    data = Data()
    agent = data.agent("alice", tags=["user:alice"])
    row = data.row(agent, "user", "hi", sender_id="identity-unknown")
    one = records(StandIn(data))[row["id"]]
    assert one.scope.user == "alice"
    assert one.metadata == {"sender_id": "identity-unknown"}


def test_a_sleeptime_agents_copies_are_held_and_its_hosts_user_owns_what_they_share() -> None:
    data = Data()
    host = data.agent("dana", tags=["user:dana"])
    block = data.block("human", "Name: Dana", host)
    data.exchange(host, 1)
    worker = sleeptime_pair(data, host)
    copied = data.row(worker, "user", "<system-reminder> what dana said: question 1")
    by_id = records(StandIn(data))
    assert by_id[copied["id"]].hold == "sleeptime-copy"
    assert by_id[block["id"]].scope.user == "dana"
    loaded = [one for one in by_id.values() if one.kind is Kind.MESSAGE and one.hold is None]
    assert {one.scope.agent for one in loaded} == {host["id"]}


def test_a_sleeptime_agent_of_which_no_host_is_known_is_held_too() -> None:
    data = Data()
    data.row(data.agent("s", agent_type="voice_sleeptime_agent"), "user", "a copy")
    assert holds(StandIn(data)) == {"sleeptime-copy": 2}


def test_a_message_that_cannot_be_read_is_told_and_the_others_come() -> None:
    data = Data()
    agent = data.agent("alice")
    data.row(agent, "user", "first", date="2026-11-21T05:16:01+00:00")
    data.row(agent, "user", "second")
    stand_in = StandIn(data)
    data.messages[1]["id"] = None
    agent["message_ids"] = []
    read = reading(stand_in)
    assert [one.text for one in read.records if one.role == "user"] == ["second"]
    assert [one.reason for one in read.unreadable] == ["it has no id"]
