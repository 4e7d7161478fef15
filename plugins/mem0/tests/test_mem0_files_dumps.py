"""Dumps of get_all: whole or refused, in every shape in which people keep them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from mem0_support.exports import (
    DATA,
    memories,
    memory,
    page,
    read,
    write_json,
    write_lines,
    write_text,
)
from synap_import import Kind, Severity, SourceError, State

SHAPES = {
    "a bare list": lambda items: items,
    "1.x and the library": lambda items: {"results": items},
    "2.x": lambda items: page(items, count=len(items)),
    "the CLI's older list": lambda items: {"memories": items},
    "a list of pages": lambda items: [
        page(items[:2], count=len(items), following=True),
        page(items[2:], count=len(items)),
    ],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_dump_gives_all_its_memories(tmp_path, shape):
    path = write_json(tmp_path / "dump.json", SHAPES[shape](memories(5)))
    reading = read(path)
    assert reading.texts == [f"memory {n}" for n in range(5)]
    assert reading.check.expected == 5
    assert reading.check.findings == ()


def test_lines_may_be_memories(tmp_path):
    assert read(write_lines(tmp_path / "dump.jsonl", memories(5))).texts[4] == "memory 4"


def test_lines_may_be_pages(tmp_path):
    pages = [page(memories(6)[n : n + 2], count=6, following=n < 4) for n in (0, 2, 4)]
    assert len(read(write_lines(tmp_path / "pages.jsonl", pages)).records) == 6


def test_objects_may_be_written_over_several_lines(tmp_path):
    text = "\n".join(json.dumps(item, indent=2) for item in memories(3))
    assert len(read(write_text(tmp_path / "jq.json", text)).records) == 3


def test_pages_may_be_written_over_several_lines(tmp_path):
    pages = [page(memories(4)[n : n + 2], count=4, following=n < 2) for n in (0, 2)]
    text = "\n".join(json.dumps(one, indent=2) for one in pages)
    assert len(read(write_text(tmp_path / "pages.json", text)).records) == 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_windows_writes_is_read(tmp_path, encoding):
    path = tmp_path / "dump.json"
    path.write_bytes(json.dumps([memory(memory="grüßt")], ensure_ascii=False).encode(encoding))
    assert read(path).texts == ["grüßt"]


def test_a_packed_dump_is_read(tmp_path):
    path = tmp_path / "dump.json.gz"
    path.write_bytes(gzip.compress(json.dumps(memories(3)).encode()))
    assert len(read(path).records) == 3


def test_one_page_of_many_is_refused(tmp_path):
    path = write_json(tmp_path / "dump.json", page(memories(100), count=5_000, following=True))
    with pytest.raises(SourceError, match="incomplete: it holds 100 of 5000 memories") as refused:
        read(path)
    assert "--accept-partial" in refused.value.remedy


@pytest.mark.parametrize("order", [("results", "count", "next"), ("next", "count", "results")])
def test_where_the_count_stands_makes_no_difference(tmp_path, order):
    listing = page(memories(3), count=4)
    with pytest.raises(SourceError, match="3 of 4"):
        read(write_json(tmp_path / "dump.json", {key: listing[key] for key in order}))


def test_a_page_that_names_a_next_one_is_refused_without_a_count(tmp_path):
    path = write_json(tmp_path / "dump.json", {"next": "https://…", "results": memories(3)})
    with pytest.raises(SourceError, match="3 memories, and says that more follow"):
        read(path)


def test_a_complete_listing_does_not_hide_one_that_is_not(tmp_path):
    listings = [
        page(memories(2), count=9, following=True),
        page(memories(20), count=20),
    ]
    with pytest.raises(SourceError, match="2 of 9"):
        read(write_lines(tmp_path / "two.jsonl", listings))


def test_a_part_is_read_when_that_is_accepted(tmp_path):
    path = write_json(tmp_path / "dump.json", page(memories(3), count=4, following=True))
    reading = read(path, accept_partial=True)
    assert len(reading.records) == 3
    assert reading.finding("partial-dump").severity is Severity.WARNING
    assert "3 of 4" in reading.finding("partial-dump").message


@pytest.mark.parametrize("count", [20, 100, 1000])
def test_the_length_of_a_default_limit_is_told(tmp_path, count):
    path = write_json(tmp_path / "dump.json", {"results": memories(count)})
    assert read(path).finding("maybe-cut-off").severity is Severity.WARNING


@pytest.mark.parametrize("dump", [{"results": memories(19)}, page(memories(20), count=20)])
def test_other_lengths_and_counted_lists_raise_no_suspicion(tmp_path, dump):
    assert read(write_json(tmp_path / "dump.json", dump)).codes == []


def test_a_broken_memory_costs_only_itself(tmp_path):
    items = memories(20)
    items[16] = {"id": items[16]["id"], "memory": 5}
    items[17] = "not a memory"
    reading = read(write_json(tmp_path / "dump.json", {"results": items}))
    assert len(reading.records) == 18
    assert [item.where for item in reading.unreadable] == ["dump.json[16]", "dump.json[17]"]
    assert "memory: is not a string" in reading.unreadable[0].reason


def test_a_broken_line_costs_only_itself(tmp_path):
    text = "\n".join([json.dumps(memory(0)), '{"id": "cut off', json.dumps(memory(2))])
    reading = read(write_text(tmp_path / "dump.jsonl", text))
    assert reading.texts == ["memory 0", "memory 2"]
    assert [item.where for item in reading.unreadable] == ["dump.jsonl:2"]


def test_a_dump_that_is_cut_off_gives_what_is_there_and_says_so(tmp_path):
    text = json.dumps({"results": memories(3)})
    reading = read(write_text(tmp_path / "dump.json", text[: len(text) // 2]))
    assert reading.texts == ["memory 0"]
    assert "the text ends inside" in reading.unreadable[0].reason


def test_packed_data_that_are_cut_off_are_told(tmp_path):
    path = write_json(tmp_path / "dump.json.gz", memories(3000))
    path.write_bytes(path.read_bytes()[:-100])
    reading = read(path)
    assert "cut off" in reading.unreadable[-1].reason


def test_camel_case_of_typescript_is_understood(tmp_path):
    item = {
        "id": "m1",
        "memory": "likes tea",
        "userId": "ada",
        "agentId": "bot",
        "appId": "web",
        "runId": "r1",
        "createdAt": "2026-03-01T08:00:00Z",
        "updatedAt": "2026-03-02T08:00:00Z",
        "expirationDate": "2020-01-01",
        "categories": ["drinks"],
    }
    record = read(write_json(tmp_path / "ts.json", page([item], count=1))).record
    scope = record.scope
    assert (scope.user, scope.agent, scope.app, scope.session) == ("ada", "bot", "web", "r1")
    assert record.created_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert record.updated_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert record.state is State.EXPIRED
    assert record.tags == ("drinks",)


def test_graph_relations_are_kept_and_held(tmp_path):
    relations = [
        {"source": "ada", "relationship": "likes", "target": "tea"},
        {"source": "ada", "relationship": "likes", "destination": "cake"},
    ]
    path = write_json(tmp_path / "dump.json", {"results": memories(1), "relations": relations})
    reading = read(path)
    kept = [record for record in reading.records if record.kind is Kind.RELATION]
    assert [record.text for record in kept] == ["ada likes tea", "ada likes cake"]
    assert {record.hold for record in kept} == {"graph-relation"}
    assert len({record.id for record in kept}) == 2
    assert reading.finding("graph-relations").count == 2


def test_a_broken_relation_is_told_with_its_place(tmp_path):
    dump = {"results": memories(1), "relations": [{"source": "ada"}]}
    reading = read(write_json(tmp_path / "dump.json", dump))
    assert [item.where for item in reading.unreadable] == ["dump.json.relations[0]"]


def test_a_notice_of_mem0_is_no_memory(tmp_path):
    items = [{"mem0_notice": "claim your key"}, {**memory(1), "mem0_notice": "claim your key"}]
    reading = read(write_json(tmp_path / "dump.json", items))
    assert reading.texts == ["memory 1"]
    assert "mem0_notice" not in reading.record.raw
    assert reading.check.expected == 1


def test_what_mem0_list_leaves_out_is_told_and_its_scope_taken(tmp_path):
    listing = {
        "status": "success",
        "command": "list",
        "scope": {"user_id": "ada"},
        "count": 100,
        "data": [{"id": f"m{n}", "memory": "likes tea"} for n in range(100)],
    }
    reading = read(write_json(tmp_path / "list.json", listing))
    assert {record.scope.user for record in reading.records} == {"ada"}
    assert reading.records[0].raw == {"id": "m0", "memory": "likes tea"}
    assert set(reading.codes) == {"cli-list", "maybe-cut-off"}


def test_an_item_without_an_id_gets_the_same_one_each_time(tmp_path):
    items = [memory(0), {"memory": "likes tea", "user_id": "ada"}]
    first, second = (
        read(write_json(tmp_path / name, items)).records[1] for name in ("a.json", "b.json")
    )
    assert first.id == second.id
    assert first.assumptions == ("made-id",)
    assert first.raw == items[1]


def test_the_platforms_metadata_is_the_users_own(tmp_path):
    item = memory(metadata={"role": "their own", "hash": "too"})
    platform = read(write_json(tmp_path / "platform.json", page([item], count=1))).record
    library = read(write_json(tmp_path / "library.json", [item])).record
    assert platform.metadata == {"role": "their own", "hash": "too"}
    assert library.metadata == {}


def test_an_empty_dump_is_read_and_told(tmp_path):
    assert read(write_json(tmp_path / "dump.json", {"results": []})).codes == ["empty-file"]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("oss_get_all_mem0ai_0.1.118.json", 2),
        ("oss_get_all_mem0ai_1.0.5.json", 2),
        ("oss_get_all_user0_topk1000.json", 55),
        ("oss_get_all_infer_true_canned_llm.json", 2),
    ],
)
def test_what_releases_of_mem0ai_answered_is_read_whole(name, count):
    reading = read(DATA / "dumps" / name)
    assert len(set(reading.ids)) == count
    assert reading.unreadable == []


def test_the_times_of_a_release_are_its_own():
    first, second = read(DATA / "dumps" / "oss_get_all_mem0ai_0.1.118.json").records
    assert first.created_at == datetime(2026, 11, 21, 4, 33, 56, 790565, tzinfo=UTC)
    assert second.updated_at is None


def test_reading_goes_on_behind_every_page(tmp_path):
    path = write_json(tmp_path / "dump.json", {"results": memories(1000)})
    whole = read(path)
    assert len(whole.pages) > 3
    for number, one in enumerate(whole.pages[:-1], start=1):
        behind = read(path, cursor=one.cursor)
        expected = [record.id for later in whole.pages[number:] for record in later.records]
        assert behind.ids == expected
