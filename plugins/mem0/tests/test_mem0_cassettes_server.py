"""The self-hosted server: what a real one was recorded to answer, and a whole reading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
import pytest

from mem0_support.cassettes import cassette, read_cassette
from mem0_support.constructing import REMEDY, constructed_server
from synap_import import Scope, SourceError, SourceUnavailableError, State
from synap_import.polite_http import polite_client
from synap_import.testing import Reading, replay
from synap_import_mem0.memories import record_of_item
from synap_import_mem0.server.api import ServerApi, raise_unexpected

ADDRESS = "http://127.0.0.1:18888"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


async def _no_wait(_: float) -> None:
    await anyio.lowlevel.checkpoint()


def ask(name: str, question: Callable[[ServerApi], Awaitable[Any]]) -> Any:
    """What the adapter makes of the recorded answer to one question."""

    async def run() -> Any:
        async with polite_client(base_url=ADDRESS, sleep=_no_wait) as client:
            return await question(ServerApi(client, ADDRESS, None))

    with replay(cassette(name), all_played=False):
        return anyio.run(run)


@pytest.mark.parametrize("name", ["server_listing", "server_answers"])
def test_the_totals_of_all_entities_are_read(name) -> None:
    entities = ask(name, ServerApi.entities)
    assert [(one.kind, one.id, one.total) for one in entities] == [
        ("user", "expired_user", 1),
        ("user", "user_0", 275),
        ("user", "user_1", 275),
        ("user", "user_2", 275),
        ("user", "user_3", 275),
        ("agent", "agent_x", 1),
        ("run", "run_1", 1),
    ]


@pytest.mark.parametrize(
    ("field", "owner", "scope", "text", "role"),
    [
        ("agent_id", "agent_x", Scope(agent="agent_x"), "agent only", "assistant"),
        ("run_id", "run_1", Scope(session="run_1"), "run only", "user"),
    ],
)
def test_a_listed_memory_becomes_a_record(field, owner, scope, text, role) -> None:
    [item] = ask("server_listing", lambda api: api.listed({field: owner}))
    record = record_of_item(item, now=NOW)
    assert (record.scope, record.text, record.role) == (scope, text, role)
    assert record.created_at is not None
    assert (record.metadata, record.state) == ({}, State.ACTIVE)


def test_an_expired_memory_is_listed_only_when_it_is_asked_for() -> None:
    with replay(cassette("server_answers"), all_played=False):
        asked = {"user_id": "expired_user"}
        hidden = httpx.get(f"{ADDRESS}/memories", params=asked).json()["results"]
        shown = httpx.get(f"{ADDRESS}/memories", params={**asked, "show_expired": "true"})
    assert hidden == []
    [item] = shown.json()["results"]
    assert record_of_item(item, now=NOW).state is State.EXPIRED


def test_the_history_of_a_memory_is_read() -> None:
    known = "3f19a062-58b9-4a02-8f52-3c2c6b7b6208"
    events = ask("server_answers", lambda api: api.history(known))
    assert [event["event"] for event in events] == ["ADD", "UPDATE"]
    assert events[1]["old_memory"] == "server fact 0000"


def test_what_the_server_tells_about_its_store_is_read_and_holds_no_password() -> None:
    store = ask("server_answers", ServerApi.configuration)
    assert store.collection == "memories"
    assert "postgresql://" in store.route or "--postgres" in store.route


def test_without_a_key_the_sentence_asks_for_one() -> None:
    with pytest.raises(SourceError, match=r"asks for a key.*MEM0_SERVER_KEY"):
        ask("server_listing", ServerApi.everything)


def test_an_id_that_is_none_is_the_stores_failure_and_names_the_request() -> None:
    with replay(cassette("server_answers"), all_played=False):
        answer = httpx.get(f"{ADDRESS}/memories/notauuid")
    with pytest.raises(SourceUnavailableError, match=r"store failed.*request 218f599e"):
        raise_unexpected(answer)


@pytest.mark.parametrize(("name", "top_k"), [("server_listing", 2000), ("server_answers", 1001)])
def test_more_than_a_thousand_are_refused(name, top_k) -> None:
    with replay(cassette(name), all_played=False):
        answer = httpx.get(f"{ADDRESS}/memories", params={"top_k": top_k})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["ctx"] == {"le": 1000}


@pytest.mark.parametrize("name", ["server_listing", "server_answers"])
def test_every_recorded_answer_can_be_played(name) -> None:
    with replay(cassette(name)) as tape, httpx.Client() as client:
        answers = [client.request(asked.method, asked.uri) for asked, _ in tape.data]
    assert {answer.status_code for answer in answers} <= {200, 401, 404, 422, 502}


def read_whole_server() -> Reading:
    return read_cassette("server_reading", base_url="http://127.0.0.1:8888", server_key="any")


def test_a_whole_server_is_read() -> None:
    reading = read_whole_server()
    assert {record.text: (record.scope, record.state) for record in reading.records} == {
        "Likes tea": (Scope(user="ada"), State.ACTIVE),
        "Trip to Porto": (Scope(user="ada", session="trip-1"), State.ACTIVE),
        "Answers briefly": (Scope(agent="concierge"), State.ACTIVE),
        "Has a ticket": (Scope(user="bob"), State.EXPIRED),
        "Of nobody": (Scope(), State.ACTIVE),
    }
    assert reading.check.expected == 5
    assert list(reading.findings) == []
    assert reading.unreadable == []


def test_metadata_come_without_what_the_server_leaks_into_them() -> None:
    metadata = {record.text: record.metadata for record in read_whole_server().records}
    assert metadata["Likes tea"] == {"drink": "tea"}
    assert metadata["Of nobody"] == {}


def test_the_constructed_cassette_is_what_its_construction_makes() -> None:
    assert cassette("server_reading").read_text("utf-8") == constructed_server(), REMEDY
