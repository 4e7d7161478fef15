"""Wherever a run breaks off, the next one goes on and ends with the same records."""

from __future__ import annotations

from typing import Any

import pytest

from letta_support.data import Data, notice
from letta_support.reading import pages_of, partitions_of, read_all, reading, with_source
from letta_support.stand_in import StandIn
from synap_import import MemoryRecord, Page
from synap_import_letta.server import api, archives
from synap_import_letta.source import LettaSource


def full(data: Data) -> Data:
    alice = data.agent("alice", tags=["user:alice"])
    bob = data.agent("bob", agent_type="memgpt_v2_agent")
    data.block("human", "Name: Alice", alice)
    data.identity("bob@example.com", bob)
    for number in range(8):
        data.exchange(alice, number)
        data.memgpt_exchange(bob, f"question {number}", f"answer {number}")
    data.row(alice, "summary", notice("system_alert", message="so far"))
    trip = data.conversation(alice, "Trip")
    for number in range(4):
        data.exchange(alice, number, conversation_id=trip["id"])
    for name, agents in (("alice's", [alice]), ("shared", [alice, bob]), ("lone", [])):
        archive = data.archive(name, *agents)
        for number in range(9):
            data.passage(archive, f"{name} {number}", f"2026-11-21T05:15:{number:02d}Z")
    return data


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAGE", 4)
    for module in (api, archives):
        monkeypatch.setattr(module, "SEARCHED", 4)


def test_from_every_cursor_the_rest_of_a_partition_is_the_same() -> None:
    stand_in = StandIn(full(Data()))

    async def act(source: LettaSource) -> int:
        cursors = 0
        for partition in await partitions_of(source):
            whole = await pages_of(source, partition)
            for number, page in enumerate(whole[:-1], start=1):
                cursors += page.cursor is not None
                rest = await pages_of(source, partition, page.cursor)
                expected = set(ids(whole[number:])) - set(ids(whole[:number]))
                assert expected <= set(ids(rest)), (partition, page.cursor)
        return cursors

    assert with_source(stand_in, act) > 25


def test_records_of_a_resumed_run_are_the_same_records() -> None:
    stand_in = StandIn(full(Data()))
    whole = {one.id: one for one in reading(stand_in).records}

    async def act(source: LettaSource) -> Any:
        for partition in await partitions_of(source):
            first, *_ = await pages_of(source, partition)
            await pages_of(source, partition, first.cursor)
        return source.context.exported

    exported = with_source(stand_in, act)
    assert exported.conflicting == []
    assert {one.id: one for one in exported.records.values()} == whole


def test_a_second_run_reads_what_is_new_and_the_rest_is_unchanged() -> None:
    data = full(Data())
    stand_in = StandIn(data)
    before = reading(stand_in)
    alice = data.agents[0]
    data.exchange(alice, 99)
    after = reading(stand_in)
    versions = {one.id: one.version for one in before.partitions}
    changed = {one.id for one in after.partitions if one.version != versions[one.id]}
    assert f"messages {alice['id']} default" in changed
    new = [one for one in after.records if one not in before.records and one.kind == "message"]
    assert [one.text for one in new] == ["question 99", "answer 99"]


def test_a_new_passage_changes_the_partition_it_is_in() -> None:
    data = full(Data())
    stand_in = StandIn(data)
    versions = {one.id: one.version for one in reading(stand_in).partitions}
    data.passage(data.archives[0], "news", "2026-12-01T00:00:00Z")
    changed = {one.id for one in reading(stand_in).partitions if one.version != versions[one.id]}
    assert f"passages {data.agents[0]['id']}" in changed


def test_an_agent_that_is_given_to_somebody_else_is_read_anew() -> None:
    data = Data()
    agent = data.agent("a")
    trip = data.conversation(agent, "Trip")
    stand_in = StandIn(data)
    versions = {one.id: one.version for one in reading(stand_in).partitions}
    given = reading(stand_in, agent_user=(f"{agent['id']}=alice",)).partitions
    changed = {one.id for one in given if one.version != versions[one.id]}
    assert {f"passages {agent['id']}", f"messages {agent['id']} {trip['id']}"} <= changed


def test_nothing_that_comes_twice_contradicts_itself() -> None:
    exported = with_source(StandIn(full(Data())), read_all)
    assert exported.conflicting == []


def ids(pages: list[Page]) -> list[str]:
    return [record.id for page in pages for record in records_of(page)]


def records_of(page: Page) -> list[MemoryRecord]:
    return list(page.records)
