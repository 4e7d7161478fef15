"""Who the end user is: which signal decides, how sure it is, and that nobody guesses."""

from __future__ import annotations

import pytest

from letta_support.data import Data, sleeptime_pair
from letta_support.reading import check, errors, records, scopes
from letta_support.stand_in import StandIn
from synap_import import Kind
from synap_import_letta.config import LettaConfig


def test_an_identity_decides_before_tags_and_metadata() -> None:
    data = Data()
    agent = data.agent("a", tags=["user:alice"], metadata={"user_id": "al"})
    data.identity("alice@example.com", agent)
    data.identity("acme-inc", agent, type="org")
    assert scopes(StandIn(data)) == {
        ("user", "alice@example.com"): "identity in Letta (sure): agent a"
    }


def test_a_tag_decides_before_metadata() -> None:
    data = Data()
    data.agent("a", tags=["prod", "User: alice"], metadata={"user_id": "al"})
    assert scopes(StandIn(data)) == {("user", "alice"): "tag user:… (likely): agent a"}


@pytest.mark.parametrize("own", ["al", 17])
def test_metadata_decides_where_nothing_else_does(own: object) -> None:
    data = Data()
    data.agent("a", metadata={"user_id": own})
    assert scopes(StandIn(data)) == {("user", str(own)): "metadata user_id (likely): agent a"}


def test_without_a_signal_the_agent_itself_is_asked_about() -> None:
    data = Data()
    agent = data.agent("a", metadata={"user_id": ["no", "id"]})
    assert scopes(StandIn(data)) == {("agent", agent["id"]): "no user named in Letta: agent a"}


def test_the_account_that_made_an_agent_is_nobody() -> None:
    data = Data()
    agent = data.agent("a", created_by_id="user-11111111-1111-4111-8111-111111111111")
    data.block("human", "Name: A", agent)
    told = scopes(StandIn(data))
    assert {kind for kind, _ in told} == {"agent"}
    assert not [one for one in records(StandIn(data)).values() if one.scope.user]


def test_several_user_identities_are_an_error_that_names_agent_users_and_remedy() -> None:
    data = Data()
    agent = data.agent("family")
    data.identity("alice", agent)
    data.identity("bob", agent)
    data.block("human", "Name: who?", agent)
    [finding] = errors(check(StandIn(data)).findings)
    assert finding.code == "letta-ambiguous-user"
    assert "family" in finding.message
    assert "alice, bob" in finding.message
    assert f"--agent-user {agent['id']}=USER" in finding.remedy
    assert scopes(StandIn(data))["agent", agent["id"]] == "ambiguous (alice, bob): agent family"


def test_several_user_tags_are_ambiguous_too() -> None:
    data = Data()
    data.agent("pair", tags=["user:alice", "user:bob"])
    assert len(errors(check(StandIn(data)).findings)) == 1


def test_the_same_user_named_twice_is_not_ambiguous() -> None:
    data = Data()
    data.agent("a", tags=["user:alice", "user:alice"])
    assert not errors(check(StandIn(data)).findings)


@pytest.mark.parametrize(("choice", "user"), [("bob", "bob"), ("", None)])
def test_the_operator_decides_before_everything(choice: str, user: str | None) -> None:
    data = Data()
    agent = data.agent("family")
    data.identity("alice", agent)
    data.identity("bob", agent)
    block = data.block("human", "Name: who?", agent)
    chosen = {"agent_user": (f"{agent['id']}={choice}",)}
    assert not errors(check(StandIn(data), **chosen).findings)
    assert records(StandIn(data), **chosen)[block["id"]].scope.user == user


def test_a_choice_for_an_agent_that_is_not_there_is_an_error() -> None:
    data = Data()
    data.agent("a")
    [finding] = errors(check(StandIn(data), agent_user=("support-alice=alice",)).findings)
    assert "support-alice" in finding.message


@pytest.mark.parametrize("pair", ["alice", "=alice", ""])
def test_a_choice_without_an_agent_is_refused(pair: str) -> None:
    with pytest.raises(ValueError, match="AGENT=USER"):
        LettaConfig(agent_user=(pair,))


def test_a_block_that_agents_of_one_user_share_is_that_users() -> None:
    data = Data()
    agents = [data.agent("a", tags=["user:alice"]), data.agent("b", tags=["user:alice"])]
    block = data.block("human", "Name: Alice", *agents)
    one = records(StandIn(data))[block["id"]]
    assert (one.scope.user, one.scope.agent) == ("alice", None)
    assert one.metadata["agents"] == sorted(agent["id"] for agent in agents)


def test_a_block_that_agents_of_several_users_share_comes_once_and_is_no_users() -> None:
    data = Data()
    agents = [data.agent("a", tags=["user:alice"]), data.agent("b", tags=["user:bob"])]
    block = data.block("company_policy", "Refunds within 30 days.", *agents)
    one = records(StandIn(data))[block["id"]]
    assert (one.scope.user, one.scope.agent, one.scope.group) == (None, None, block["id"])
    told = scopes(StandIn(data))
    assert told["group", block["id"]] == (
        "block company_policy, shared by 2 agents of different users"
    )


def test_a_block_that_only_a_sleeptime_pair_shares_is_the_hosts() -> None:
    data = Data()
    host = data.agent("dana")
    block = data.block("human", "Name: Dana", host)
    sleeptime_pair(data, host)
    one = records(StandIn(data))[block["id"]]
    assert (one.scope.agent, one.scope.group) == (host["id"], None)


def test_a_detached_block_is_whose_identity_it_is_connected_to() -> None:
    data = Data()
    block = data.block("human", "Name: Carol", metadata={"user_id": "c"})
    identity = data.identity("carol@example.com")
    data.connected.add((identity["id"], block["id"]))
    assert records(StandIn(data))[block["id"]].scope.user == "carol@example.com"


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"metadata": {"user_id": "carol"}}, "metadata user_id (likely): block human of no agent"),
        ({"tags": ["user:carol"]}, "tag user:… (likely): block human of no agent"),
    ],
)
def test_a_detached_block_is_whose_metadata_or_tag_it_carries(
    fields: dict[str, object], note: str
) -> None:
    data = Data()
    block = data.block("human", "Name: Carol", **fields)
    assert records(StandIn(data))[block["id"]].scope.user == "carol"
    assert scopes(StandIn(data))["user", "carol"] == note


def test_a_detached_block_of_nobody_waits_for_a_row_of_its_own() -> None:
    data = Data()
    block = data.block("human", "Name: ?")
    assert scopes(StandIn(data)) == {
        ("group", block["id"]): "block human of no agent: no user named in Letta"
    }


def test_an_archive_of_several_users_and_one_of_no_agent_wait_for_rows() -> None:
    data = Data()
    agents = [data.agent("a", tags=["user:alice"]), data.agent("b", tags=["user:bob"])]
    shared, lone = data.archive("kb", *agents), data.archive("old")
    told = scopes(StandIn(data))
    assert told["group", shared["id"]] == "archive kb, shared by 2 agents of different users"
    assert told["group", lone["id"]] == "archive old, of no agent"


def test_people_who_only_send_messages_are_in_the_user_map_too() -> None:
    data = Data()
    data.identity("bob@example.com")
    assert "senders of messages" in scopes(StandIn(data))["user", "bob@example.com"]


def test_the_user_map_is_told_without_reading_a_passage_or_a_message() -> None:
    data = Data()
    agent = data.agent("a")
    data.exchange(agent, 1)
    stand_in = StandIn(data)
    scopes(stand_in)
    assert not stand_in.asked_of("/messages")
    assert not stand_in.asked_of("/archival-memory")


def test_identities_say_their_properties_and_wait_to_be_asked_for() -> None:
    data = Data()
    properties = [{"key": "plan", "value": "pro", "type": "string"}]
    identity = data.identity("alice@example.com", properties=properties)
    one = records(StandIn(data))[identity["id"]]
    assert (one.kind, one.hold) == (Kind.ENTITY, "identity")
    assert one.text == "Alice\nplan: pro"
    assert one.scope.user == "alice@example.com"
