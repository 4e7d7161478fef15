"""The same cassette answers SuperMemory's own client and our adapter: same items.

supermemory 3.62 has no call for the list of memories, so its plain ``post`` asks for that.
"""

from __future__ import annotations

from typing import Any

import pytest

from supermemory_support.cassettes import cassette, read_cassette
from synap_import import Kind
from synap_import.testing import replay

ORDER: dict[str, Any] = {"page": 1, "sort": "createdAt", "order": "asc"}


@pytest.fixture(scope="module")
def sdk() -> Any:
    import supermemory

    return supermemory


def ours(kind: Kind, tag: str) -> dict[str, str]:
    """The items of a list: earlier versions come with their newest one."""
    return {
        record.raw["id"]: record.text
        for record in read_cassette("v4_reading").records
        if (record.kind, record.scope.group) == (kind, tag) and record.raw.get("isLatest", True)
    }


def test_both_read_the_same_documents(sdk: Any) -> None:
    with replay(cassette("v4_reading"), all_played=False):
        client = sdk.Supermemory(api_key="sm_key-of-the-tests", max_retries=0)
        answer = client.documents.list(
            container_tags=["user_ana"], include_content=True, limit=25, **ORDER
        )
        theirs = {one.id: one.content or "" for one in answer.memories}
    assert theirs == ours(Kind.DOCUMENT, "user_ana")


def test_both_read_the_same_memories(sdk: Any) -> None:
    with replay(cassette("v4_reading"), all_played=False):
        client = sdk.Supermemory(api_key="sm_key-of-the-tests", max_retries=0)
        body = {"containerTags": ["user_ana"], "limit": 100, **ORDER}
        answer = client.post("/v4/memories/list", cast_to=object, body=body)
        theirs = {one["id"]: one["memory"] for one in answer["memoryEntries"]}
    assert theirs == ours(Kind.FACT, "user_ana")


def test_their_client_refuses_a_wrong_key_where_ours_does(sdk: Any) -> None:
    with replay(cassette("v4_wrong_key"), all_played=False):
        client = sdk.Supermemory(api_key="sm_wrong", max_retries=0)
        with pytest.raises(sdk.AuthenticationError):
            client.get("/v3/session", cast_to=object)
