"""The real SDK (maximem-synap) works against the sandbox and takes it for a Synap server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from maximem_synap import MaximemSynapSDK, SDKConfig
from maximem_synap.memories.models import CreateMemoryRequest, DocumentType, IngestStatus
from maximem_synap.models.errors import (
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    SynapPermanentError,
)


def run(base_url: str, work: Callable[[Any], Awaitable[Any]], key: str = "synap_test") -> Any:
    async def session() -> Any:
        sdk = MaximemSynapSDK(
            api_key=key,
            config=SDKConfig(
                api_base_url=base_url,
                cache_backend=None,
                history_search_model=None,
                retry_policy=None,
            ),
            _force_new=True,
        )
        await sdk.initialize()
        try:
            return await work(sdk)
        finally:
            await sdk.shutdown()

    return asyncio.run(session())


def request(number: int, **changes: Any) -> CreateMemoryRequest:
    fields: dict[str, Any] = {
        "document": f"Memory {number}",
        "document_type": DocumentType.DOCUMENT,
        "document_id": f"legacy_mem0_{number}",
        "document_created_at": datetime(2025, 6, 1, 12, tzinfo=UTC),
        "user_id": "ana",
        "customer_id": "acme",
        **changes,
    }
    return CreateMemoryRequest(**fields)


def test_the_way_of_a_batch(start):
    client = start(ingestion_delay_seconds=0.1)

    async def work(sdk: Any) -> None:
        answer = await sdk.memories.batch_create([request(1), request(2, document=""), request(3)])
        assert (answer.total, answer.succeeded, answer.failed) == (3, 2, 1)
        assert answer.results[1].error_message == "document is empty"
        done = await sdk.memories.wait_for_completion(
            answer.results[0].ingestion_id, timeout_seconds=5, poll_interval_seconds=0.05
        )
        assert done.status is IngestStatus.COMPLETED
        [memory_id] = done.memory_ids
        memory = await sdk.memories.get(memory_id)
        assert (memory.content, memory.source_document_id) == ("Memory 1", "legacy_mem0_1")
        found = await sdk.user.context.fetch(
            user_id="ana", customer_id="acme", search_query=["memory 1"], max_results=1
        )
        assert [fact.content for fact in found.facts] == ["Memory 1"]
        await sdk.memories.delete(memory_id)

    run(client.base_url, work)

    [held] = client.documents()
    assert (held["document_id"], held["document_created_at"]) == (
        "legacy_mem0_3",
        "2025-06-01T12:00:00Z",
    )


def test_a_user_is_previewed_and_wiped(start):
    client = start()

    async def work(sdk: Any) -> Any:
        await sdk.memories.create(**request(1).model_dump())
        who = {"scope": "user", "user_id": "ana", "customer_id": "acme"}
        preview = await sdk.data.delete(**who, dry_run=True)
        wiped = await sdk.data.delete(**who, confirm="ana")
        return preview, wiped

    preview, wiped = run(client.base_url, work)

    assert (preview.status, preview.found) == ("dry_run", True)
    assert (wiped.status, wiped.fully_removed) == ("complete", True)
    assert client.documents() == []


@pytest.mark.parametrize(
    ("changes", "documents", "error"),
    [
        ({"duplicates": "conflict"}, [request(1), request(1)], ConflictError),
        ({"isolation": "b2c"}, [request(1)], InvalidInputError),
        ({"isolation": "b2b"}, [request(1, customer_id=None)], InvalidInputError),
        ({"api_key": "synap_other"}, [request(1)], AuthenticationError),
        ({}, [request(1, document="x" * (6 << 20))], SynapPermanentError),
    ],
)
def test_refusals_become_the_errors_that_the_sdk_knows(
    start, changes, documents, error, monkeypatch
):
    client = start(**changes)
    # Both ids known: the SDK asks no whoami, which it would ask three times with a wrong key.
    monkeypatch.setenv("SYNAP_CLIENT_ID", "cli_0011223344556677")
    monkeypatch.setenv("SYNAP_INSTANCE_ID", "inst_0011223344556677")

    with pytest.raises(error):
        run(client.base_url, lambda sdk: sdk.memories.batch_create(documents))

    assert client.documents() == []
