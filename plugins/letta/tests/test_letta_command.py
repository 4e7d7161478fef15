"""The first-time path, as somebody who leaves Letta goes it, with the sandbox as destination."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from letta_support.data import Data, notice, sleeptime_pair
from letta_support.stand_in import StandIn, running
from support.commands import Finished, run

ALICE = Path(__file__).parent / "data" / "agent_files" / "support-alice.af"


def two_users() -> Data:
    data = Data()
    alice = data.agent("support-alice")
    data.identity("alice@example.com", alice)
    bob = data.agent("support-bob", tags=["user:bob"], agent_type="memgpt_v2_agent")
    data.block("human", "Name: Alice", alice)
    data.block("persona", "I am a helpful agent.", alice)
    data.block("company_policy", "Refunds within 30 days.", alice, bob, read_only=True)
    data.block("project", "Deadline in May", alice, bob)
    archive = data.archive("alice's Archive", alice)
    for number in range(105):
        data.passage(archive, f"fact {number}", f"2026-11-21T05:15:{number % 60:02d}Z")
    for number in range(5):
        data.exchange(alice, number)
        data.memgpt_exchange(bob, f"question {number}", f"answer {number}")
    data.row(alice, "user", notice("heartbeat", reason="go on"))
    worker = sleeptime_pair(data, alice)
    data.row(worker, "user", "a copy of what was said")
    return data


@pytest.fixture
def server() -> Iterator[StandIn]:
    with running(StandIn(two_users())) as here:
        yield here


def letta(server: StandIn, folder: Path, *options: str | Path, **more: str) -> Finished:
    """``synap-import letta``, with the address in the environment."""
    target = ("--to", "sandbox", "--confirm", "none", "--workdir", folder / "work", "--json")
    return run("letta", *options, *target, LETTA_BASE_URL=server.url, **more)


def test_from_the_user_map_to_the_load_the_account_adds_up(server: StandIn, tmp_path: Path) -> None:
    output = tmp_path / "users.csv"
    done = run("users", "letta", "-o", output, LETTA_BASE_URL=server.url)
    assert done.code == 0, done.err
    _, alice, shared, bob = output.read_text().splitlines()
    assert alice.startswith("alice@example.com,,,user,,")
    assert ',"identity in Letta (sure): agents' in alice
    assert bob.startswith("bob,,,user,,")
    assert ",tag user:… (likely): agent support-bob," in bob
    assert ',"block project, shared by 3 agents of different users",' in shared

    filled = tmp_path / "filled.csv"
    filled.write_text(
        "source_id,user_id,customer_id,scope,action\n"
        "alice@example.com,u-1,acme,,\nbob,u-2,acme,,\n"
        f"{shared.split(',')[0]},,acme,group,customer-scope\n"
    )
    done = letta(server, tmp_path, "--user-map", filled)
    assert done.code == 0, done.err
    assert done.result["held"] == {
        "agent-definition": 3,
        "heartbeat": 1,
        "identity": 1,
        "persona-block": 1,
        "read-only-block": 1,
        "reasoning": 5,
        "sleeptime-copy": 2,
        "system-message": 2,
        "tool-message": 5,
    }
    # 105 passages, 2 blocks, 10 messages of each.
    assert done.result["loaded"] == 105 + 2 + 20
    assert done.result["exported"] == done.result["loaded"] + 21
    assert [one for one in done.result["findings"] if one["severity"] == "error"] == []


def test_what_is_shared_is_nobodys_until_a_row_names_it(server: StandIn, tmp_path: Path) -> None:
    done = letta(server, tmp_path, "--user-map", "identity", "--agents-as", "hold")
    assert done.code == 0, done.err
    assert done.result["held"]["no-user"] == 1
    again = letta(server, tmp_path, "--user-map", "identity", "--agents-as", "hold")
    assert (again.result["loaded"], again.result["already_there"]) == (126, 0)


def test_several_users_of_one_agent_stop_the_run_and_the_option_decides(tmp_path: Path) -> None:
    data = Data()
    agent = data.agent("family", tags=["user:alice", "user:bob"])
    data.block("human", "Name: who?", agent)
    with running(StandIn(data)) as server:
        stopped = letta(server, tmp_path, "--user-map", "identity")
        assert stopped.code == 2
        assert "alice, bob" in stopped.err
        chosen = ("--agent-user", f"{agent['id']}=alice")
        done = letta(server, tmp_path, "--user-map", "identity", *chosen)
    assert done.code == 0, done.err
    assert done.result["loaded"] == 1


def test_the_password_is_not_shown_when_it_is_wrong(tmp_path: Path) -> None:
    with running(StandIn(password="right")) as server:
        done = letta(server, tmp_path, "--user-map", "identity", LETTA_API_KEY="wrong-and-secret")
    assert done.code == 2
    assert "does not accept the password" in done.err
    assert "wrong-and-secret" not in done.out + done.err


def test_an_agent_file_is_loaded_and_said_to_be_lossy(tmp_path: Path) -> None:
    target = ("--to", "sandbox", "--confirm", "none", "--workdir", tmp_path / "work", "--json")
    done = run("letta", ALICE, "--user-map", "identity", *target)
    assert done.code == 0, done.err
    assert done.result["loaded"] == 42
    assert "letta-agent-file-is-lossy" in {one["code"] for one in done.result["findings"]}
