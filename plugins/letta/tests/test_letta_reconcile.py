"""What Letta shows or counts and did not come out is told as an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse

from letta_support.data import Data, Item
from letta_support.reading import errors, read_all, reading, with_source
from letta_support.stand_in import StandIn
from synap_import import Finding
from synap_import_letta.source import LettaSource


def found_after(stand_in: StandIn, forget: Callable[[Any], None]) -> list[Finding]:
    """The findings when something of what was read did not come out."""

    async def act(source: LettaSource) -> Any:
        exported = await read_all(source)
        forget(exported)
        return await source.reconcile()

    return errors(with_source(stand_in, act))


def without(item: Item) -> Callable[[Any], None]:
    return lambda exported: exported.records.pop(("letta", item["id"]))


def two_agents() -> tuple[Data, Item]:
    data = Data()
    agent = data.agent("a")
    data.agent("b")
    return data, agent


def test_when_everything_came_out_there_is_nothing_to_say() -> None:
    data, agent = two_agents()
    data.block("human", "Name: A", agent)
    data.block("persona", "template", is_template=True)
    data.exchange(agent, 1)
    assert reading(StandIn(data)).findings == []


def test_an_agent_that_did_not_come_out() -> None:
    data, agent = two_agents()
    [finding] = found_after(StandIn(data), without(agent))
    assert (finding.code, finding.examples) == ("letta-agents-missing", (agent["id"],))


def test_a_block_that_did_not_come_out() -> None:
    data, _ = two_agents()
    block = data.block("scratch", "hidden", hidden=True)
    [finding] = found_after(StandIn(data), without(block))
    assert (finding.code, finding.examples) == ("letta-blocks-missing", (block["id"],))


def test_a_message_that_did_not_come_out() -> None:
    data, agent = two_agents()
    row = data.row(agent, "user", "hello")
    [finding] = found_after(StandIn(data), without(row))
    assert (finding.code, finding.examples) == ("letta-messages-missing", (row["id"],))


def test_a_message_that_says_nothing_is_not_missing() -> None:
    data, agent = two_agents()
    data.row(agent, "assistant")
    assert found_after(StandIn(data), lambda _: None) == []


def test_a_message_that_came_while_others_were_read_is_not_missing() -> None:
    data, agent = two_agents()
    row = data.row(agent, "user", "just now", date="2099-01-01T00:00:00+00:00")
    assert found_after(StandIn(data), without(row)) == []


def test_agents_that_are_counted_and_not_listed() -> None:
    data, _ = two_agents()
    stand_in = StandIn(data)

    def hide(request: Any) -> None:
        if request.url.path == "/v1/agents/count":
            data.agents.append({"id": "agent-hidden-from-this-key"})

    stand_in.before = hide  # type: ignore[assignment]
    [finding] = errors(reading(stand_in).findings)
    assert finding.code == "letta-agents-not-listed"
    assert finding.count == 1


def test_an_agent_that_was_deleted_while_others_were_read_is_told() -> None:
    data, agent = two_agents()
    stand_in = StandIn(data)

    def delete(request: Any) -> None:
        if request.url.path.endswith(f"{agent['id']}/messages") and agent in data.agents:
            data.agents.remove(agent)

    stand_in.before = delete  # type: ignore[assignment]
    read = reading(stand_in)
    assert [one.where for one in read.unreadable] == [f"messages {agent['id']}"]
    assert not errors(read.findings)


def test_a_server_that_does_not_count_is_read_all_the_same() -> None:
    data, _ = two_agents()
    stand_in = StandIn(data)
    refused = JSONResponse({"detail": "[{'type': 'string_pattern_mismatch'}]"}, 422)
    stand_in.before = lambda asked: refused if asked.url.path.endswith("/count") else None
    assert reading(stand_in).findings == []
