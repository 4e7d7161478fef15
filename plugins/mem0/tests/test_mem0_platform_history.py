"""With --with-history the earlier versions of memories come out too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mem0_support.platform_reading import everything, with_platform
from mem0_support.platform_stand_in import PlatformStandIn, event, memory
from mem0_support.reading import pages_of, reconcile
from synap_import import Scope, State

ADA = memory(1, user_id="ada", memory="tea")
GONE = memory(2)["id"]


def entries() -> list[dict]:
    return [
        event(1, ADA["id"], "ADD", new_memory="water"),
        event(2, ADA["id"], "UPDATE", old_memory="water", new_memory="coffee"),
        event(3, ADA["id"], "UPDATE", old_memory="coffee", new_memory="tea"),
        event(4, GONE, "ADD", new_memory="cats"),
        event(5, GONE, "UPDATE", old_memory="cats", new_memory="dogs"),
        event(6, GONE, "DELETE", old_memory="dogs", new_memory=""),
    ]


def versions(**options) -> dict[str, object]:
    with PlatformStandIn([ADA], events=entries()) as server:
        records = everything(server, **options)
    return {record.text: record for record in records.values() if record.id != ADA["id"]}


def test_without_the_option_only_memories_come_out():
    assert versions() == {}


def test_earlier_versions_are_superseded_by_their_memory():
    found = versions(with_history=True)
    assert found.keys() == {"water", "coffee", "cats", "dogs"}
    for text, entry in (("water", 2), ("coffee", 3)):
        version = found[text]
        assert version.state is State.SUPERSEDED
        assert version.id == f"{ADA['id']}:{event(entry, '', '')['id']}"
        assert [(one.relation, one.id) for one in version.links] == [("replaced_by", ADA["id"])]
        assert version.scope == Scope(user="ada")


def test_a_version_ends_when_it_was_changed_and_does_not_claim_when_it_began():
    version = versions(with_history=True)["water"]
    assert version.valid_to == datetime(2026, 1, 16, 10, 30, tzinfo=UTC)
    assert version.created_at is None


def test_the_last_text_of_a_deleted_memory_is_deleted():
    deleted = versions(with_history=True)["dogs"]
    assert deleted.state is State.DELETED
    assert deleted.links == ()


def test_embeddings_are_not_kept_and_the_conversation_is():
    raw = versions(with_history=True)["water"].raw
    assert not [name for name in raw if "embedding" in name]
    assert raw["input"] == [{"role": "user", "content": "said"}]


def test_an_entry_that_changed_no_text_is_no_version():
    same = event(9, ADA["id"], "UPDATE", old_memory="tea", new_memory="tea")
    with PlatformStandIn([ADA], events=[same]) as server:
        assert everything(server, with_history=True).keys() == {ADA["id"]}


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_reading_the_feed_goes_on_from_every_cursor(pages):
    feed = [event(n, ADA["id"], "UPDATE", old_memory=f"v{n}") for n in range(250)]

    async def read_in_two(source):
        (*_, partition) = [one async for one in source.partitions()]
        whole = await pages_of(source, partition)
        rest = await pages_of(source, partition, whole[pages - 1].cursor) if pages < 3 else []
        return [[one.id for page in part for one in page.records] for part in (whole, rest)]

    with PlatformStandIn([ADA], events=feed) as server:
        whole, rest = with_platform(server, read_in_two, with_history=True)
    assert len(set(whole)) == 250
    assert rest == whole[100 * pages :]


def test_a_project_whose_feed_is_not_there_says_so():
    with PlatformStandIn([ADA], without={"/v1/memories/events/"}) as server:
        assert everything(server, with_history=True).keys() == {ADA["id"]}
        found = with_platform(server, reconcile, with_history=True)
    assert "history feed" in next(one for one in found if one.code == "mem0-not-compared").message
