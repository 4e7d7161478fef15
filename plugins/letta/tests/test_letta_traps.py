"""Each way in which Letta's API loses items silently, and that the adapter does not lose them."""

from __future__ import annotations

from collections import Counter

import pytest

from letta_support.data import Data, Item, called, notice
from letta_support.reading import errors, pages_of, partitions_of, read_all, reading, with_source
from letta_support.stand_in import StandIn
from synap_import import Kind, MemoryRecord, ScopeKind
from synap_import.testing import Reading
from synap_import_letta.server import api
from synap_import_letta.source import LettaSource


def messages(read: Reading) -> list[MemoryRecord]:
    return [one for one in read.records if one.kind is Kind.MESSAGE]


def long_chat(data: Data, exchanges: int = 60) -> Item:
    """122 stored messages, as the measured conversation had: a prompt, 60 exchanges, a summary."""
    agent = data.agent("long-chat")
    for number in range(exchanges):
        data.exchange(agent, number)
    data.row(agent, "summary", notice("system_alert", message="a summary of what was said"))
    return agent


def passages(data: Data, count: int, *agents: Item, moment: str | None = None) -> Item:
    archive = data.archive("notes", *agents)
    for number in range(count):
        data.passage(archive, f"fact {number}", moment or f"2026-11-21T05:15:{number % 60:02d}Z")
    return archive


def test_122_of_122_messages_come_though_the_default_stops_after_100() -> None:
    stand_in = StandIn()
    long_chat(stand_in.data)
    read = reading(stand_in)
    assert len(messages(read)) == 122
    assert not errors(read.findings)


def test_every_list_is_asked_for_oldest_first_and_from_a_cursor_forward() -> None:
    stand_in = StandIn()
    agent = long_chat(stand_in.data)
    passages(stand_in.data, 3, agent)
    stand_in.data.conversation(agent)
    reading(stand_in, with_files=True)
    lists = [one for one in stand_in.asked if one.url.path.endswith(("/", "/messages"))]
    unordered = {
        one.url.path
        for one in lists
        if one.query_params.get("order") != "asc" and one.url.path != "/v1/health/"
    }
    assert unordered == set()
    assert not [one for one in stand_in.asked if "before" in one.query_params]
    forward = {one.query_params["ascending"] for one in stand_in.asked_of("/archival-memory")}
    assert {"true"} <= forward
    assert not [
        one
        for one in stand_in.asked_of("/archival-memory")
        if one.query_params["ascending"] == "false" and "after" in one.query_params
    ]


def test_36_of_36_messages_of_a_conversation_come_after_a_compaction() -> None:
    stand_in = StandIn()
    data = stand_in.data
    agent = data.agent("planner")
    conversation = data.conversation(agent, "Trip planning")
    for number in range(17):
        data.exchange(agent, number, conversation_id=conversation["id"])
    alert = notice("system_alert", message="a summary")
    for text in (alert, "and then?"):
        data.row(agent, "user", text, conversation_id=conversation["id"])
    mine = [one for one in messages(reading(stand_in)) if one.scope.session == conversation["id"]]
    assert len(mine) == 36
    assert [one.position for one in mine] == list(range(36))
    # The endpoint that renumbers its rows is never asked.
    assert not stand_in.asked_of(f"/conversations/{conversation['id']}/messages")


def test_a_fork_has_its_own_messages_and_those_it_shares_come_once() -> None:
    stand_in = StandIn()
    data = stand_in.data
    agent = data.agent("planner")
    origin, fork = data.conversation(agent, "Trip"), data.conversation(agent)
    for number in range(3):
        data.exchange(agent, number, conversation_id=origin["id"])
    data.exchange(agent, 9, conversation_id=fork["id"])
    sessions = Counter(one.scope.session for one in messages(reading(stand_in)))
    assert sessions == {origin["id"]: 6, fork["id"]: 2, agent["id"]: 1}


def test_messages_that_no_conversation_shows_come_all_the_same() -> None:
    stand_in = StandIn()
    data = stand_in.data
    agent = data.agent("planner")
    data.conversation(agent, "Trip")
    data.exchange(agent, 1, conversation_id="conv-of-which-no-list-tells")
    said = [one for one in messages(reading(stand_in)) if one.hold is None]
    assert [one.text for one in said] == ["question 1", "answer 1"]
    assert {one.scope.session for one in said} == {agent["id"]}


@pytest.mark.parametrize("page", [1, 3, 1000])
def test_what_is_on_a_page_does_not_decide_what_is_said(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE", page)
    stand_in = StandIn()
    agent = stand_in.data.agent("bob", agent_type="memgpt_v2_agent")
    for number in range(5):
        stand_in.data.memgpt_exchange(agent, f"question {number}", f"answer {number}")
    found = messages(reading(stand_in))
    # 16 rows; a thought and a call share a row.
    assert len(found) == 21
    assert len({one.id for one in found}) == 21
    loaded = [one.text for one in found if one.hold is None]
    assert loaded == [f"{word} {n}" for n in range(5) for word in ("question", "answer")]
    rows = {one["id"] for one in stand_in.data.messages}
    assert rows <= {one.id for one in found}


def test_messages_are_never_filtered_by_type_because_filtered_pages_look_like_the_end() -> None:
    stand_in = StandIn()
    long_chat(stand_in.data)
    reading(stand_in)
    assert not [one for one in stand_in.asked if "include_return_message_types" in one.query_params]


def test_a_thought_and_the_words_of_one_message_have_ids_of_their_own() -> None:
    stand_in = StandIn()
    agent = stand_in.data.agent("thinker")
    row = stand_in.data.row(agent, "assistant", "words", thought="a thought")
    silent = stand_in.data.row(agent, "assistant", calls=[called("search", q="x")], thought="hm")
    by_id = {one.id: one for one in messages(reading(stand_in))}
    assert by_id[row["id"]].text == "words"
    assert by_id[f"{row['id']}/reasoning"].hold == "reasoning"
    assert by_id[silent["id"]].hold == "reasoning"
    assert by_id[f"{silent['id']}/tool"].text == 'search({"q": "x"})'


def test_all_passages_come_though_the_client_gives_one_page() -> None:
    stand_in = StandIn()
    passages(stand_in.data, 261, stand_in.data.agent("alice"))
    read = reading(stand_in)
    assert len([one for one in read.records if one.kind is Kind.FACT]) == 261


def test_hidden_agents_hidden_blocks_and_templates_come_too() -> None:
    stand_in = StandIn()
    data = stand_in.data
    hidden = data.agent("hidden-one", hidden=True)
    blocks = [
        data.block("human", "Name: Hidden Harry", hidden),
        data.block("scratch", "a hidden block", hidden=True),
        data.block("persona", "Template persona", is_template=True),
    ]
    by_id = {one.id: one for one in reading(stand_in).records}
    assert hidden["id"] in by_id
    assert all(one["id"] in by_id for one in blocks)
    assert by_id[blocks[2]["id"]].hold == "template-block"


def test_relations_of_agents_are_asked_for_because_the_client_is_told_none_otherwise() -> None:
    stand_in = StandIn()
    agent = stand_in.data.agent("alice", tags=["user:alice"])
    block = stand_in.data.block("human", "Name: Alice", agent)
    by_id = {one.id: one for one in reading(stand_in).records}
    assert by_id[block["id"]].scope.user == "alice"
    assert stand_in.asked_of("/v1/agents/")[0].headers["x-stainless-package-version"]


def test_what_a_deleted_agent_left_behind_comes_out_as_nobodys() -> None:
    stand_in = StandIn()
    archive = passages(stand_in.data, 3)
    block = stand_in.data.block("human", "Name: Carol")
    read = reading(stand_in)
    owners = Counter(one.scope.owner() for one in read.records)
    assert owners == {
        (ScopeKind.GROUP, archive["id"]): 3,
        (ScopeKind.GROUP, block["id"]): 1,
    }


def test_an_unattached_archive_is_read_to_its_end() -> None:
    stand_in = StandIn()
    archive = stand_in.data.archive("kb")
    for number in range(230):
        stand_in.data.passage(archive, f"fact {number}", f"2026-11-21T05:{number // 60:02d}:00Z")
    read = reading(stand_in)
    assert len(read.records) == 230
    assert read.unreadable == []


def test_passages_of_one_moment_that_a_search_cannot_reach_are_told() -> None:
    stand_in = StandIn()
    archive = passages(stand_in.data, 130, moment="2026-11-21T05:15:00.000001Z")
    stand_in.data.passage(archive, "later", "2026-11-21T06:00:00Z")
    read = reading(stand_in)
    assert len(read.records) == 101
    assert [one.where for one in read.unreadable] == [
        f"{archive['id']}@2026-11-21T05:15:00.000001Z"
    ]
    assert "Attach it to an agent" in read.unreadable[0].reason


def test_of_an_attached_archive_all_130_of_one_moment_come() -> None:
    stand_in = StandIn()
    passages(stand_in.data, 130, stand_in.data.agent("a"), moment="2026-11-21T05:15:00Z")
    read = reading(stand_in)
    assert len([one for one in read.records if one.kind is Kind.FACT]) == 130
    assert read.unreadable == []


def test_lists_that_show_other_organizations_are_never_asked() -> None:
    stand_in = StandIn()
    long_chat(stand_in.data)
    reading(stand_in)
    assert "/v1/messages/" not in stand_in.paths()


def _read_while(stand_in: StandIn, ending: str, page: int, act: object) -> Reading:
    """Reads, and lets something happen before a certain request."""

    def before(request: object) -> None:
        asked = stand_in.asked_of(ending)
        if len(asked) == page and asked[-1] is request:
            act()  # type: ignore[operator]

    stand_in.before = before  # type: ignore[assignment]
    return reading(stand_in)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAGE", 10)


@pytest.mark.usefixtures("small_pages")
def test_a_passage_deleted_under_the_cursor_does_not_look_like_the_end() -> None:
    stand_in = StandIn()
    archive = stand_in.data.archive("notes", stand_in.data.agent("alice"))
    for number in range(45):
        stand_in.data.passage(archive, f"fact {number}", f"2026-11-21T05:15:{number:02d}Z")
    # The probe for the newest is the first request of this list.
    read = _read_while(stand_in, "/archival-memory", 3, lambda: stand_in.data.passages.pop(9))
    assert {one.text for one in read.records if one.kind is Kind.FACT} == {
        f"fact {number}" for number in range(45)
    }


@pytest.mark.usefixtures("small_pages")
def test_a_message_deleted_under_the_cursor_ends_nothing() -> None:
    stand_in = StandIn()
    agent = stand_in.data.agent("alice")
    for number in range(20):
        stand_in.data.exchange(agent, number)
    read = _read_while(stand_in, "/messages", 2, lambda: stand_in.data.messages.pop(9))
    assert len(messages(read)) == 41
    assert not errors(read.findings)


@pytest.mark.usefixtures("small_pages")
def test_an_agent_deleted_under_the_cursor_makes_no_endless_list() -> None:
    stand_in = StandIn()
    for number in range(25):
        stand_in.data.agent(f"agent {number}")
    read = _read_while(stand_in, "/v1/agents/", 2, lambda: stand_in.data.agents.pop(9))
    names = [one.text for one in read.records if one.kind is Kind.ENTITY]
    assert sorted(names) == sorted(f"agent {n}" for n in range(25) if n != 9)


def test_who_an_identity_belongs_to_is_read_from_agents_because_its_own_list_says_nobody() -> None:
    stand_in = StandIn()
    agent = stand_in.data.agent("alice")
    identity = stand_in.data.identity("alice@example.com", agent)
    assert identity["agent_ids"] == []
    owners = {one.scope.user for one in reading(stand_in).records if one.kind is Kind.MESSAGE}
    assert owners == {"alice@example.com"}


def test_messages_that_were_reset_out_of_the_context_come_too() -> None:
    stand_in = StandIn()
    agent = long_chat(stand_in.data)
    agent["message_ids"] = []
    assert len(messages(reading(stand_in))) == 122


def test_a_shared_archive_is_read_once_not_once_for_each_agent() -> None:
    stand_in = StandIn()
    agents = [stand_in.data.agent(f"agent {number}") for number in range(5)]
    archive = passages(stand_in.data, 3, *agents)
    exported = with_source(stand_in, read_all)
    assert exported.conflicting == []
    facts = [one for one in exported.records.values() if one.kind is Kind.FACT]
    assert {one.scope.group for one in facts} == {archive["id"]}
    assert facts[0].metadata["agents"] == sorted(one["id"] for one in agents)
    readers = {one.url.path for one in stand_in.asked_of("/archival-memory")}
    assert len(readers) == 1


def test_a_server_before_0_12_is_read_backwards_to_its_first_message() -> None:
    stand_in = StandIn(version=(0, 10, 0))
    agent = long_chat(stand_in.data)
    read = reading(stand_in)
    found = sorted(messages(read), key=lambda one: one.position or 0)
    assert len(found) == 122
    assert found[1].text == "question 0"
    assert [one.position for one in found] == list(range(-122, 0))
    assert {one.scope.session for one in found} == {agent["id"]}
    assert "letta-old-server" in {one.code for one in read.check.findings}


def test_a_server_that_ignores_cursors_is_told_not_read_for_ever() -> None:
    stand_in = StandIn()
    long_chat(stand_in.data)

    async def act(source: LettaSource) -> None:
        for partition in await partitions_of(source):
            await pages_of(source, partition)

    def forget_cursor(request: object) -> None:
        if "messages" in request.url.path:  # type: ignore[attr-defined]
            request._query_params = {"limit": "100", "order": "asc"}  # type: ignore[attr-defined]

    stand_in.before = forget_cursor  # type: ignore[assignment]
    with pytest.raises(Exception, match="same page again and again"):
        with_source(stand_in, act)
