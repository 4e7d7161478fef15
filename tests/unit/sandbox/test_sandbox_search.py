"""A search in the sandbox: what a user may read, and the ways in which it can look empty."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from maximem_synap import MaximemSynapSDK, SDKConfig

from synap_import.errors import ConfigurationError
from synap_import.sandbox import FaultScript
from synap_import.sandbox.fault_script import script_of

Start = Callable[..., Any]
Make = Callable[..., dict[str, Any]]


def search(client: Any, query: str, **changes: Any) -> Any:
    body = {"user_id": "ana", "customer_id": "acme", "search_query": [query], **changes}
    return client.post("/v1/context/user/fetch", body)


def contents(client: Any, query: str, **changes: Any) -> list[str]:
    answer = search(client, query, **changes)
    assert answer.status_code == 200, answer.text
    return [fact["content"] for fact in answer.json()["context"]["facts"]]


def test_a_user_also_reads_what_is_the_customers_and_what_is_everybodys(
    start: Start, make: Make
) -> None:
    client = start()
    client.results(
        make(1, document="Tea at nine"),
        make(2, document="Tea for all of acme", user_id=None),
        make(3, document="Tea for everybody", user_id=None, customer_id=None),
        make(4, document="Tea of bo", user_id="bo"),
        make(5, document="Tea of another customer", user_id=None, customer_id="other"),
    )
    found = {"Tea at nine", "Tea for all of acme", "Tea for everybody"}
    assert set(contents(client, "tea")) == found


def test_what_is_forgotten_is_the_users_own(start: Start, make: Make) -> None:
    client = start()
    client.results(make(1, document="Tea for everybody", user_id=None, customer_id=None))
    body = {"description": "tea", "user_id": "ana", "customer_id": "acme"}
    assert client.post("/api/v1/memories/forget", body).json()["candidates"] == []


@pytest.mark.parametrize(
    ("text", "query"),
    [("她每天早上喜欢喝绿茶", "喝绿茶"), ("東京に住んでいます", "東京"), ("ชอบดื่มชาเขียว", "ชาเขียว")],
)
def test_words_without_spaces_between_them_are_found(
    start: Start, make: Make, text: str, query: str
) -> None:
    client = start()
    client.results(make(1, document=text), make(2, document="something else"))
    assert contents(client, query) == [text]


def test_at_most_fifty_results_are_given(start: Start, make: Make) -> None:
    client = start()
    client.results(*(make(number, document=f"tea {number}") for number in range(60)))
    assert len(contents(client, "tea", max_results=50)) == 50
    assert len(contents(client, "tea")) == 10
    assert search(client, "tea", max_results=51).status_code == 422


@pytest.mark.parametrize(("kind", "left"), [("search-degraded", 0), ("search-partial", 1)])
def test_a_degraded_search_gives_less_and_says_so(
    start: Start, make: Make, kind: str, left: int
) -> None:
    client = start(faults=FaultScript(searches=(kind,)))
    client.results(make(1, document="tea one"), make(2, document="tea two"))
    answer = search(client, "tea").json()
    assert len(answer["context"]["facts"]) == left
    assert answer["retrieval"]["degraded"] is True
    healthy = search(client, "tea").json()
    assert len(healthy["context"]["facts"]) == 2
    assert "retrieval" not in healthy
    assert client.counters()["faults"] == {kind: 1}


def test_a_silent_search_gives_nothing_and_says_nothing(start: Start, make: Make) -> None:
    client = start(faults=FaultScript(searches=("search-silent",)))
    client.results(make(1, document="tea"))
    answer = search(client, "tea").json()
    assert not any(answer["context"].values())
    assert "retrieval" not in answer


@pytest.mark.parametrize(
    ("kind", "status"),
    [("search-429", 429), ("search-429-reason", 429), ("search-402", 402), ("search-500", 500)],
)
def test_a_search_is_refused(start: Start, kind: str, status: int) -> None:
    client = start(faults=FaultScript(searches=("ok", kind)))
    assert search(client, "tea").status_code == 200
    assert search(client, "tea").status_code == status


def test_searches_meet_faults_at_the_rate_of_the_script(start: Start) -> None:
    client = start(faults=FaultScript(seed=3, rate=0.5, kinds=("search-500",)))
    statuses = [search(client, "tea").status_code for _ in range(40)]
    assert 10 < statuses.count(500) < 30


def test_a_search_without_a_query_is_answered_from_the_profile_and_has_no_memories(
    start: Start, make: Make
) -> None:
    client = start(faults=FaultScript(profiles="all"))
    client.results(make(1, document="tea"))

    async def fetched(query: list[str] | None) -> Any:
        sdk = MaximemSynapSDK(
            api_key="synap_test",
            config=SDKConfig(
                api_base_url=client.base_url, cache_backend=None, history_search_model=None
            ),
            _force_new=True,
        )
        await sdk.initialize()
        try:
            return await sdk.user.context.fetch(
                user_id="ana", customer_id="acme", search_query=query
            )
        finally:
            await sdk.shutdown()

    assert asyncio.run(fetched(None)).facts == []
    assert [fact.content for fact in asyncio.run(fetched(["tea"])).facts] == ["tea"]


def test_searches_are_a_list_in_the_option() -> None:
    assert script_of("searches=ok+search-silent").searches == ("ok", "search-silent")
    with pytest.raises(ConfigurationError, match="no fault 'search-x'"):
        script_of("searches=search-x")
