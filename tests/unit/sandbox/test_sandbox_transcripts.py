"""Transcripts in the sandbox, as the real SDK (maximem-synap) sends them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from maximem_synap import MaximemSynapSDK, SDKConfig
from maximem_synap.models.errors import InvalidInputError, TranscriptConflictError

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
HELLO = [
    {"role": "user", "content": "I moved to Lisbon", "timestamp": AT},
    {"role": "assistant", "content": "Noted", "speaker": "Max"},
]


def run(base_url: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def session() -> Any:
        config = SDKConfig(
            api_base_url=base_url, cache_backend=None, history_search_model=None, retry_policy=None
        )
        sdk = MaximemSynapSDK(api_key="synap_test", config=config, _force_new=True)
        await sdk.initialize()
        try:
            return await work(sdk)
        finally:
            await sdk.shutdown()

    return asyncio.run(session())


def push(conversation_id: str = "call 7", **changes: Any) -> Callable[[Any], Awaitable[Any]]:
    given = {"user_id": "ana", "customer_id": "acme", "transcript": HELLO, **changes}
    return lambda sdk: sdk.conversation.ingest_transcript(conversation_id, **given)


def test_a_transcript_is_queued_under_a_uuid_and_ingested(start: Callable[..., Any]) -> None:
    client = start()

    async def work(sdk: Any) -> None:
        answer = await push()(sdk)
        assert (answer.status, answer.turns_recorded, answer.warnings) == ("queued", 2, [])
        assert answer.external_conversation_id == "call 7"
        assert answer.conversation_id == str(UUID(answer.conversation_id))
        done = await sdk.memories.wait_for_completion(
            answer.ingestion_id, poll_interval_seconds=0.01
        )
        memory = await sdk.memories.get(done.memory_ids[0])
        assert memory.content == "User: I moved to Lisbon\nMax: Noted"

    run(client.base_url, work)


def test_the_same_transcript_again_is_a_duplicate_with_the_first_ingestion_id(
    start: Callable[..., Any],
) -> None:
    client = start()

    async def work(sdk: Any) -> list[Any]:
        return [await push()(sdk), await push(metadata={"other": 1})(sdk)]

    first, second = run(client.base_url, work)
    assert (first.status, second.status) == ("queued", "duplicate")
    assert first.ingestion_id == second.ingestion_id
    assert client.counters()["documents"] == 1


@pytest.mark.parametrize(
    "other",
    [
        HELLO[:1],
        [HELLO[0], {**HELLO[1], "content": "Noted."}],
        [{**HELLO[0], "timestamp": None}, HELLO[1]],
    ],
)
def test_another_transcript_of_a_conversation_is_a_conflict(
    start: Callable[..., Any], other: list[Any]
) -> None:
    client = start()
    run(client.base_url, push())
    with pytest.raises(TranscriptConflictError):
        run(client.base_url, push(transcript=other))
    assert client.documents()[0]["metadata"]["transcript"][1]["content"] == "Noted"


def test_a_uuid_stays_what_it_is(start: Callable[..., Any]) -> None:
    own = "4f6e2d0a-5f5c-4a55-9c0e-0c8f3f6b1a11"
    assert run(start().base_url, push(own)).conversation_id == own


def test_a_transcript_without_times_is_warned_of(start: Callable[..., Any]) -> None:
    answer = run(start().base_url, push(transcript=[{"role": "user", "content": "hi"}]))
    assert "no event time" in answer.warnings[0]


@pytest.mark.parametrize(
    "changes", [{"transcript": []}, {"customer_id": None}, {"conversation_type": "x" * 65}]
)
def test_what_synap_refuses_is_refused(start: Callable[..., Any], changes: Any) -> None:
    client = start()
    with pytest.raises(InvalidInputError):
        run(client.base_url, push(**changes))
    assert client.documents() == []


def test_a_transcript_whose_memory_was_deleted_may_come_again(start: Callable[..., Any]) -> None:
    client = start()

    async def work(sdk: Any) -> str:
        answer = await push()(sdk)
        done = await sdk.memories.wait_for_completion(
            answer.ingestion_id, poll_interval_seconds=0.01
        )
        await sdk.memories.delete(done.memory_ids[0])
        return str((await push()(sdk)).status)

    assert run(client.base_url, work) == "queued"
