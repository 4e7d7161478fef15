"""Mem0's own client and the adapter ask the same server the same, and get the same items."""

from __future__ import annotations

from typing import Any

import pytest

from mem0_support.official_sdk import memory_client_class
from mem0_support.platform_reading import everything, with_platform
from mem0_support.platform_stand_in import KEY, Asked, PlatformStandIn, memory
from mem0_support.reading import check, scopes

FILTERS = {"AND": [{"user_id": "*"}]}


@pytest.fixture(scope="module")
def memory_client(tmp_path_factory) -> Any:
    return memory_client_class(tmp_path_factory.mktemp("mem0"))


@pytest.fixture
def server():
    memories = [memory(n, user_id="ada", session_id="r") for n in range(450)]
    memories[7]["expiration_date"] = "2020-01-01"
    with PlatformStandIn(memories) as running:
        yield running


def line(asked: Asked) -> tuple[Any, ...]:
    return asked.method, asked.path, asked.query, asked.body, asked.headers["authorization"]


def test_pages_of_memories_are_the_same_requests_and_the_same_items(memory_client, server):
    ours = [record.raw for record in everything(server).values()]
    our_requests = [line(one) for one in server.list_pages()][:3]
    server.asked.clear()
    client = memory_client(api_key=KEY, host=server.base_url)
    answers = [
        client.get_all(filters=FILTERS, show_expired=True, page=page, page_size=200)
        for page in (1, 2, 3)
    ]
    assert [line(one) for one in server.list_pages()] == our_requests
    assert [item for answer in answers for item in answer["results"]] == ours


def test_the_count_with_merged_ones_is_the_same_request(memory_client, server):
    with_platform(server, check)
    ours = [line(one) for one in server.asked_of("/v3/memories/") if "include_merged" in one.body]
    server.asked.clear()
    client = memory_client(api_key=KEY, host=server.base_url)
    client.get_all(filters=FILTERS, show_expired=True, include_merged=True, page=1, page_size=1)
    assert line(server.asked[-1]) in ours


@pytest.mark.parametrize("path", ["/v1/ping/"])
def test_the_project_is_asked_for_in_the_same_way(memory_client, server, path):
    with_platform(server, check)
    (ours,) = map(line, server.asked_of(path))
    server.asked.clear()
    memory_client(api_key=KEY, host=server.base_url)
    assert list(map(line, server.asked_of(path))) == [ours]


def test_entities_are_the_same_as_those_that_the_client_shows(memory_client, server):
    client = memory_client(api_key=KEY, host=server.base_url)
    theirs = {(one["type"], one["name"]) for one in client.users()["results"]}
    names = {"user": "user", "session": "run"}
    listed = with_platform(server, scopes)
    assert {(names[one.kind.value], one.id) for one in listed} == theirs


def test_entities_behind_the_first_page_are_seen_where_the_client_stops(memory_client):
    memories = [memory(n, user_id=f"user {n}") for n in range(150)]
    with PlatformStandIn(memories) as server:
        client = memory_client(api_key=KEY, host=server.base_url)
        assert len(client.users()["results"]) == 100
        assert len(with_platform(server, scopes)) == 150


def test_a_single_memory_is_asked_for_in_the_same_way(memory_client):
    with PlatformStandIn([memory(1)]) as server:
        (ours,) = everything(server)
        (our_request,) = map(line, server.asked_of(f"/v1/memories/{ours}/"))
        server.asked.clear()
        client = memory_client(api_key=KEY, host=server.base_url)
        client.get(ours)
        assert line(server.asked[-1])[:2] == our_request[:2]
