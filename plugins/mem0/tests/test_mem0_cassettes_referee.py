"""The same cassette answers Mem0's own client and our adapter: same requests, same items."""

from __future__ import annotations

from typing import Any

import pytest

from mem0_support.cassettes import cassette, read_cassette
from mem0_support.official_sdk import memory_client_class
from synap_import.testing import replay

ANY_USER = {"AND": [{"user_id": "*"}]}


@pytest.fixture(scope="module")
def memory_client(tmp_path_factory) -> Any:
    return memory_client_class(tmp_path_factory.mktemp("mem0"))


def listed(memory_client: Any, name: str, *pages: int, **more: Any) -> list[dict[str, Any]]:
    """What Mem0's client lists; a request that ours does not make is not in the cassette."""
    with replay(cassette(name), all_played=False):
        client = memory_client(api_key="m0-key-of-the-tests")
        return [
            item
            for page in pages
            for item in client.get_all(
                filters=ANY_USER, show_expired=True, page=page, page_size=200, **more
            )["results"]
        ]


def of_users(name: str) -> list[Any]:
    """What our adapter read from the list of the memories that have a user."""
    return [record.raw for record in read_cassette(name).records if record.scope.user]


@pytest.mark.parametrize(
    "name", ["entities_two_pages", "without_user", "filters_open", "merged_unknown"]
)
def test_both_read_the_same_items(memory_client, name) -> None:
    name = f"platform_{name}"
    assert listed(memory_client, name, 1) == of_users(name)


def test_both_read_the_same_items_over_pages(memory_client) -> None:
    theirs = listed(memory_client, "platform_three_pages", 1, 2, 3)
    reading = read_cassette("platform_three_pages")
    ours = [record.raw for page in reading.pages for record in page.records]
    assert theirs == ours[: len(theirs)]
    assert len(theirs) == 7


def test_both_see_the_merged_ones_only_when_they_ask_for_them(memory_client) -> None:
    name = "platform_states"
    shown = listed(memory_client, name, 1)
    everything = listed(memory_client, name, 1, include_merged=True)
    merged = [item["id"] for item in everything if item not in shown]
    assert [
        record.id for record in read_cassette(name).records if record.state == "merged"
    ] == merged


def test_their_client_refuses_a_wrong_key_where_ours_does(memory_client) -> None:
    with replay(cassette("platform_wrong_key")), pytest.raises(ValueError, match="Invalid API key"):
        memory_client(api_key="m0-wrong")
