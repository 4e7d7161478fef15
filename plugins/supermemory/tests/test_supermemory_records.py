"""What becomes of an item of SuperMemory."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from supermemory_support.items import document, memory, own_id, version
from supermemory_support.stand_in import v5_document, v5_memory
from synap_import import Kind, Link, MemoryRecord, Scope, State
from synap_import_supermemory.dialects import Slice
from synap_import_supermemory.models import Row
from synap_import_supermemory.records import Reading

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def sample(name: str, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text())[key]
    return found


def reading(
    kind: Any, *, tag: str | None = "user_ana", api: str = "v4", load: str = "memories"
) -> Reading:
    return Reading(Slice(kind, tag), api, load, NOW)


def facts(*items: Any, **options: Any) -> list[MemoryRecord]:
    records, unreadable = reading("memories", **options).records([*map(Row.of, items)])
    assert unreadable == []
    return records


def documents(item: Any, *, are_too_large: bool = False, **options: Any) -> list[MemoryRecord]:
    records, unreadable = reading("documents", **options).records(
        [Row.of(item)], are_too_large=are_too_large
    )
    assert unreadable == []
    return records


def the_document(item: Any, **options: Any) -> MemoryRecord:
    [record] = documents(item, **options)
    return record


# -- memories --------------------------------------------------------------------------------


def test_a_memory_is_a_fact_of_its_tag() -> None:
    [record] = facts(sample("v4_memories_list", "memoryEntries")[1])
    assert (record.kind, record.system) == (Kind.FACT, "supermemory")
    assert record.id == "mem2bbbbbbbbbbbbbbbbbb"
    assert record.text == "Ana is vegetarian"
    assert record.scope == Scope(group="user_ana")
    assert record.state is State.ACTIVE
    assert record.created_at == datetime(2026, 1, 15, 10, 30, 5, tzinfo=UTC)
    assert record.tags == ("static",)
    assert record.hold is None


def test_version_and_marks_stand_beside_the_sources_own_metadata() -> None:
    [record] = facts(
        memory(1, version=3, isStatic=True, isInference=True, metadata={"source": "slack"})
    )
    assert record.metadata["source"] == "slack"
    assert record.metadata["supermemory"] == {
        "containerTag": "user_ana",
        "version": 3,
        "isStatic": True,
        "isInference": True,
        "sourceCount": 1,
    }
    assert record.tags == ("static", "inferred")


def test_an_inference_that_is_unknown_is_no_mark() -> None:
    [record] = facts(memory(1, isInference=None))
    assert record.tags == ()
    assert "isInference" not in record.metadata["supermemory"]


def test_earlier_versions_are_superseded_facts_that_name_the_next_one() -> None:
    newest, older = facts(sample("v4_memories_list", "memoryEntries")[0])
    assert newest.state is State.ACTIVE
    assert older.id == "mem0zzzzzzzzzzzzzzzzzz"
    assert (older.text, older.state) == ("Ana lives in Madrid", State.SUPERSEDED)
    assert older.links == (Link(relation="replaced_by", id=newest.id),)
    assert older.valid_to == newest.created_at
    assert older.raw["memory"] == "Ana lives in Madrid"


def test_each_version_is_replaced_by_the_next_one_in_whatever_order_they_come() -> None:
    history = [version(2, version=2), version(1, version=1), version(3, version=3)]
    records = facts(memory(4, version=4, history=history))
    assert {one.id: [link.id for link in one.links] for one in records} == {
        own_id("mem", 4): [],
        own_id("mem", 1): [own_id("mem", 2)],
        own_id("mem", 2): [own_id("mem", 3)],
        own_id("mem", 3): [own_id("mem", 4)],
    }


def test_relations_to_memories_and_documents_are_links() -> None:
    [record] = facts(
        memory(
            9,
            parentMemoryId="m1",
            memoryRelations={"m1": "updates", "m2": "extends", "m3": "derives", "m4": "adores"},
            documentIds=["d1"],
        )
    )
    assert record.links == (
        Link(relation="updates", id="m1"),
        Link(relation="extends", id="m2"),
        Link(relation="derived_from", id="m3"),
        Link(relation="derived_from", id="d1"),
    )


def test_the_parent_is_what_a_version_updates_also_without_a_relation() -> None:
    [record] = facts(memory(9, parentMemoryId="m1"))
    assert record.links == (Link(relation="updates", id="m1"),)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"isForgotten": True}, State.DELETED),
        ({"isForgotten": True, "forgetAfter": "2999-01-01T00:00:00.000Z"}, State.DELETED),
        ({"forgetAfter": "2999-01-01T00:00:00.000Z"}, State.ACTIVE),
        ({"forgetAfter": "2026-01-17T00:00:00.000Z"}, State.EXPIRED),
        ({"isForgotten": True, "forgetAfter": "2026-01-17T00:00:00.000Z"}, State.EXPIRED),
        ({"isLatest": False}, State.SUPERSEDED),
        ({"isLatest": False, "isForgotten": True}, State.DELETED),
    ],
)
def test_what_is_forgotten_expired_or_superseded_says_so(changes: Any, state: State) -> None:
    [record] = facts(memory(1, **changes))
    assert record.state is state


def test_forget_after_is_the_expiry_and_its_reason_is_kept() -> None:
    record = facts(sample("v4_memories_list", "memoryEntries")[2])[0]
    assert record.expires_at == datetime(2026, 1, 17, tzinfo=UTC)
    assert record.metadata["supermemory"]["forgetReason"] == "temporary event"


EVENT = {"documentDate": "2026-01-15T00:00:00.000Z", "eventDate": ["2026-01-10", "2026-01-12"]}


@pytest.mark.parametrize(
    "places",
    [
        {"temporalContext": EVENT},
        {"metadata": {"temporalContext": EVENT}},
        {"temporalContext": {"temporalContext": EVENT}, "metadata": {"temporalContext": EVENT}},
        {"temporalContext": {"mood": "good"}, "metadata": EVENT},
    ],
)
def test_the_date_of_the_event_is_found_wherever_it_stands(places: Any) -> None:
    [record] = facts(memory(1, **places))
    assert record.valid_from == datetime(2026, 1, 10, tzinfo=UTC)
    assert record.assumptions == ("date-only:valid_from",)


@pytest.mark.parametrize("event", [None, [], ""])
def test_without_an_event_the_date_of_the_document_counts(event: Any) -> None:
    context = {"documentDate": "2026-01-15T00:00:00.000Z", "eventDate": event}
    [record] = facts(memory(1, temporalContext=context))
    assert record.valid_from == datetime(2026, 1, 15, tzinfo=UTC)


def test_without_either_nothing_is_made_up() -> None:
    [record] = facts(memory(1, updatedAt=None))
    assert (record.valid_from, record.valid_to, record.updated_at) == (None, None, None)


@pytest.mark.parametrize("metadata", ["text", 3, [1, {"a": None}], {"supermemory": "mine"}])
def test_metadata_of_any_shape_is_kept(metadata: Any) -> None:
    [record] = facts(memory(1, metadata=metadata))
    assert record.metadata["supermemory"]["metadata"] == metadata


def test_a_version_that_the_list_shows_by_itself_comes_once() -> None:
    older = memory(1, isLatest=False, version=1)
    newer = memory(2, version=2, history=[version(1, version=1)])
    assert [one.id for one in facts(older, newer)] == [own_id("mem", 1), own_id("mem", 2)]


def test_v5_gives_the_same_fact_without_its_lineage() -> None:
    item = memory(1, isStatic=True, metadata={"source": "slack"})
    [of_v4], [of_v5] = facts(item), facts(v5_memory(item), api="v5")
    assert of_v5.metadata["supermemory"].items() <= of_v4.metadata["supermemory"].items()
    without = {"raw": None, "metadata": {}}
    assert of_v5.model_copy(update=without) == of_v4.model_copy(update=without)


# -- documents -------------------------------------------------------------------------------


def test_a_document_is_a_document_and_held_while_memories_load() -> None:
    record = the_document(sample("v3_documents_list_includeContent", "memories")[0])
    assert record.kind is Kind.DOCUMENT
    assert record.id == "acxV5LHMEsG2hMSNb4umbn"
    assert record.text == "Had a call with Ana. She is vegetarian and moved to Lisbon."
    assert record.scope == Scope(group="user_ana")
    assert record.hold == "document-of-memories"
    assert record.metadata["source"] == "slack"
    told = record.metadata["supermemory"]
    assert (told["customId"], told["title"], told["type"], told["status"]) == (
        "chat_session_1",
        "Call notes",
        "text",
        "done",
    )


@pytest.mark.parametrize(
    ("load", "of_fact", "of_document"),
    [
        ("memories", None, "document-of-memories"),
        ("documents", "memory-of-documents", None),
        ("both", None, None),
    ],
)
def test_load_says_what_is_held(load: str, of_fact: str | None, of_document: str | None) -> None:
    assert facts(memory(1), load=load)[0].hold == of_fact
    assert the_document(document(1), load=load).hold == of_document


@pytest.mark.parametrize(
    ("changes", "hold"),
    [
        ({"type": "image", "url": "https://files.example/a.png"}, "file-only"),
        ({"type": "hologram", "status": "dreamt"}, "file-only"),
        ({"status": "failed", "type": "pdf"}, "document-failed"),
        ({"status": "embedding"}, "document-unfinished"),
    ],
)
@pytest.mark.parametrize("content", [None, " \n"])
def test_a_document_without_text_is_held_with_the_reason_and_no_summary_takes_its_place(
    changes: Any, hold: str, content: str | None
) -> None:
    record = the_document(document(1, content, summary="It is about tea.", **changes), load="both")
    assert record.hold == hold
    assert "tea" not in record.text
    assert record.metadata["supermemory"]["summary"] == "It is about tea."


def test_a_document_that_is_too_large_is_held_for_that() -> None:
    record = the_document(document(1, None), load="both", are_too_large=True)
    assert record.hold == "document-too-large"


def test_a_document_under_several_tags_is_a_record_for_each() -> None:
    item = document(1, containerTags=["user_bob", "user_ana"])
    of_ana, of_bob = the_document(item), the_document(item, tag="user_bob")
    assert (of_ana.id, of_ana.scope.group) == (item["id"], "user_ana")
    assert (of_bob.id, of_bob.scope.group) == (f"user_bob/{item['id']}", "user_bob")


def test_a_document_that_no_list_showed_is_the_same_record_for_each_of_its_tags() -> None:
    item = document(1, containerTags=["user_bob", "user_ana"])
    listed = [the_document(item, tag=tag) for tag in ("user_bob", "user_ana")]
    assert documents(item, tag=None) == listed


def test_a_document_without_any_tag_belongs_to_nobody() -> None:
    assert the_document(document(1), tag=None).scope == Scope()


def test_in_v5_an_id_counts_within_its_namespace() -> None:
    item = v5_document(document(1, customId="chat"), content=True)
    records = [the_document(item, api="v5", tag=tag) for tag in ("user_ana", "user_bob")]
    assert [one.id for one in records] == ["user_ana/chat", "user_bob/chat"]


# -- what cannot be read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("text", "valid dictionary"),
        (None, "valid dictionary"),
        ({**memory(1), "memory": None}, "memory: Input should be a valid string"),
        ({**memory(1), "id": ""}, "id: String should have at least 1 character"),
        ({**memory(1), "isForgotten": "perhaps"}, "isForgotten"),
    ],
)
def test_an_item_that_cannot_be_a_record_is_told_and_the_others_go_on(
    item: Any, reason: str
) -> None:
    rows = [Row.of(item), Row.of(memory(2))]
    records, [told] = reading("memories").records(rows)
    assert [one.id for one in records] == [own_id("mem", 2)]
    assert reason in told.reason
    assert told.where == f"memories:user_ana/{rows[0].id}"


def test_a_damaged_history_does_not_cost_the_memory() -> None:
    damaged = Row.of(memory(1, history=[{"id": "old"}]))
    records, unreadable = reading("memories").records([damaged])
    assert [one.id for one in records] == [own_id("mem", 1)]
    assert len(unreadable) == 1
