"""Memory Exports: read, and never taken for what Mem0 itself keeps."""

from __future__ import annotations

import pytest

from mem0_support.exports import memory, read, write_json, write_lines
from synap_import import Severity, SourceError

ITEM = {"content": "likes tea", "user_id": "ada", "created_at": "2026-03-01", "category": "drinks"}


def test_it_is_told_that_a_model_wrote_them(tmp_path):
    reading = read(write_json(tmp_path / "export.json", {"memories": [ITEM]}))
    assert reading.texts == ["likes tea"]
    assert reading.finding("rewritten-by-a-model").severity is Severity.WARNING


@pytest.mark.parametrize("key", ["memories", "facts", "user_preferences"])
def test_the_list_may_have_any_name(tmp_path, key):
    assert read(write_json(tmp_path / "export.json", {"title": "All", key: [ITEM]})).texts


def test_several_lists_are_all_read(tmp_path):
    export = {"facts": [ITEM], "dislikes": [{"content": "hates rain"}, {"content": 7}]}
    reading = read(write_json(tmp_path / "export.json", export))
    assert reading.texts == ["likes tea", "hates rain"]
    assert [item.where for item in reading.unreadable] == ["export.json.dislikes[1]"]


def test_the_text_none_stands_for_what_there_is_not(tmp_path):
    item = {**ITEM, "user_id": "None", "agent_id": "None", "id": "None", "mood": "None"}
    record = read(write_json(tmp_path / "export.json", [item])).record
    assert record.scope.user is None
    assert record.scope.agent is None
    assert record.metadata == {"category": "drinks"}
    assert record.raw == item


def test_an_item_with_id_and_memory_is_still_one_of_an_export_job_when_it_says_none(tmp_path):
    reading = read(write_json(tmp_path / "export.json", {"memories": [memory(run_id="None")]}))
    assert reading.codes == ["rewritten-by-a-model"]
    assert reading.record.scope.session is None


def test_ids_that_a_model_counted_are_replaced(tmp_path):
    items = [{**ITEM, "id": "1"}, {**ITEM, "id": "1", "content": "hates rain"}]
    reading = read(write_json(tmp_path / "export.json", items))
    assert len(set(reading.ids)) == 2
    assert all("made-id" in record.assumptions for record in reading.records)


def test_ids_that_can_be_mem0s_are_kept(tmp_path):
    known = memory()["id"]
    assert read(write_json(tmp_path / "export.json", [{**ITEM, "id": known}])).ids == [known]


def test_the_same_text_of_two_users_has_two_ids(tmp_path):
    items = [ITEM, {**ITEM, "user_id": "bob"}]
    assert len(set(read(write_json(tmp_path / "export.json", items)).ids)) == 2


def test_its_times_are_counted_as_doubtful(tmp_path):
    record = read(write_json(tmp_path / "export.json", [ITEM])).record
    assert "untrusted-time:created_at" in record.assumptions


def test_items_for_the_import_of_the_cli_are_read(tmp_path):
    items = [{"text": "likes tea", "user_id": "ada", "metadata": {"k": 1}}]
    record = read(write_lines(tmp_path / "mine.jsonl", [*items, {"text": "x"}])).records[0]
    assert record.text == "likes tea"
    assert record.metadata == {"k": 1}


def test_a_chat_is_no_memory_export(tmp_path):
    chat = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
    with pytest.raises(SourceError, match="objects with the keys role, content"):
        read(write_json(tmp_path / "chat.json", chat))
