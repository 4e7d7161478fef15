"""Agent files: both forms, in the wrappings that people have them in, and said to be lossy."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from letta_support.reading import errors
from synap_import import Kind, SourceError
from synap_import.testing import Reading, read_source
from synap_import_letta.config import LettaConfig
from synap_import_letta.source import LettaSource

ALICE = Path(__file__).parent / "data" / "agent_files" / "support-alice.af"

OLD = {
    "agent_type": "memgpt_agent",
    "name": "old-agent",
    "system": "You are",
    "created_at": "2025-03-01T10:00:00+00:00",
    "version": "0.6.40",
    "tags": [{"tag": "user:dana"}],
    "metadata_": None,
    "tool_exec_environment_variables": [],
    "tools": [],
    "in_context_message_indices": [0, 1, 2, 3],
    "core_memory": [
        {
            "label": "human",
            "value": "Name: Dana",
            "description": None,
            "is_template": False,
            "limit": 5000,
            "created_at": "2025-03-01T10:00:00+00:00",
            "updated_at": "2025-03-02T10:00:00+00:00",
        },
        {"label": "persona", "value": "Terse.", "is_template": False},
    ],
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "prompt"}]},
        {
            "role": "user",
            "content": [{"type": "text", "text": '{"type": "login", "time": "now"}'}],
        },
        {
            "role": "user",
            "created_at": "2025-03-01T10:00:05+00:00",
            "content": [
                {"type": "text", "text": '{"type": "user_message", "message": "hi", "time": "x"}'}
            ],
        },
        {
            "role": "assistant",
            "created_at": "2025-03-01T10:00:06+00:00",
            "content": [{"type": "text", "text": "a private thought"}],
            "tool_calls": [
                {
                    "id": "call_1",
                    "function": {"name": "send_message", "arguments": '{"message": "hello"}'},
                }
            ],
        },
        {"role": "tool", "content": [{"type": "text", "text": '{"status": "OK"}'}]},
    ],
}


def read(*files: Path, **options: Any) -> Reading:
    config = LettaConfig(files=tuple(map(str, files)), **options)
    return anyio.run(read_source, LettaSource, config)


def written(folder: Path, content: Any, name: str = "agent.af") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_real_agent_file_gives_what_it_holds() -> None:
    found = read(ALICE).records
    assert Counter(one.kind for one in found) == {Kind.MESSAGE: 51, Kind.BLOCK: 4, Kind.ENTITY: 1}
    assert Counter(one.hold for one in found if one.kind is Kind.MESSAGE) == {
        None: 41,
        "tool-message": 8,
        "system-message": 2,
    }
    assert {one.scope.user for one in found} == {"alice"}


def test_messages_of_a_file_keep_their_order_and_their_exact_times() -> None:
    said = [one for one in read(ALICE).records if one.role == "user"]
    assert said[0].text == "Hello number 0, I like tea 0."
    assert said[0].created_at == datetime(2026, 11, 21, 5, 16, 1, 58053, tzinfo=UTC)
    positions = [one.position for one in read(ALICE).records if one.kind is Kind.MESSAGE]
    assert positions == sorted(positions)


def test_ids_of_a_file_are_its_own_because_every_file_counts_from_zero(tmp_path: Path) -> None:
    other = written(tmp_path, OLD)
    ids = [one.id for one in read(ALICE, other).records]
    assert len(ids) == len(set(ids))
    assert all("/" in own for own in ids)
    assert ids == [one.id for one in read(ALICE, other).records]


def test_the_same_file_twice_is_read_once(tmp_path: Path) -> None:
    copy = tmp_path / "copy.af"
    copy.write_bytes(ALICE.read_bytes())
    assert len(read(ALICE, copy).records) == len(read(ALICE).records)


def test_the_older_form_is_read_too(tmp_path: Path) -> None:
    result = read(written(tmp_path, OLD))
    by_text = {one.text: one for one in result.records}
    assert by_text["Name: Dana"].hold is None
    assert by_text["Name: Dana"].created_at == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert by_text["Terse."].hold == "persona-block"
    assert (by_text["hi"].role, by_text["hi"].hold) == ("user", None)
    assert (by_text["hello"].role, by_text["hello"].hold) == ("assistant", None)
    assert by_text["a private thought"].hold == "reasoning"
    assert by_text["prompt"].hold == "system-message"
    assert {one.scope.user for one in result.records} == {"dana"}
    assert Counter(one.hold for one in result.records)["login-notice"] == 1


@pytest.mark.parametrize("times", [1, 2])
def test_json_inside_a_json_string_is_what_the_official_client_leads_to(
    times: int, tmp_path: Path
) -> None:
    content: Any = OLD
    for _ in range(times):
        content = json.dumps(content)
    assert len(read(written(tmp_path, json.dumps(content))).records) == len(
        read(written(tmp_path, OLD, "plain.af")).records
    )


def test_it_is_said_that_an_agent_file_is_no_full_export() -> None:
    finding = read(ALICE).check.findings[0]
    assert finding.code == "letta-agent-file-is-lossy"
    assert "no archival passages" in finding.message


def test_files_in_an_agent_file_come_when_they_are_asked_for() -> None:
    found = [one for one in read(ALICE, with_files=True).records if one.kind is Kind.DOCUMENT]
    assert [one.metadata["file_name"] for one in found] == ["notes.txt"]
    assert found[0].scope.user == "alice"


def test_several_users_in_a_file_are_an_error(tmp_path: Path) -> None:
    content = {**OLD, "tags": [{"tag": "user:dana"}, {"tag": "user:eve"}]}
    checked = read(written(tmp_path, content)).check
    [finding] = errors(checked.findings)
    assert "dana, eve" in finding.message


def test_a_sleeptime_agent_in_a_file_is_a_copy_of_its_hosts(tmp_path: Path) -> None:
    content = {
        "agents": [
            {"id": "agent-0", "name": "host", "tags": ["user:dana"], "block_ids": ["block-0"]},
            {
                "id": "agent-1",
                "name": "s",
                "agent_type": "sleeptime_agent",
                "block_ids": ["block-0"],
                "messages": [{"id": "message-0", "role": "user", "content": "a copy"}],
            },
        ],
        "blocks": [{"id": "block-0", "label": "human", "value": "Name: Dana"}],
        "groups": [
            {
                "id": "group-0",
                "agent_ids": ["agent-1"],
                "manager_config": {"manager_type": "sleeptime", "manager_agent_id": "agent-0"},
            }
        ],
    }
    by_text = {one.text: one for one in read(written(tmp_path, content)).records}
    assert by_text["a copy"].hold == "sleeptime-copy"
    assert by_text["Name: Dana"].scope.user == "dana"


def test_a_list_of_passages_that_a_script_wrote_is_read(tmp_path: Path) -> None:
    content = [
        {
            "id": "passage-1",
            "text": "likes tea",
            "created_at": "2025-11-05 23:04:24.901468+00:00",
            "archive_id": "archive-1",
        },
        {"id": "passage-2", "text": "has a cat", "agent_id": "agent-7"},
    ]
    first, second = read(written(tmp_path, content, "passages.json")).records
    assert first.created_at == datetime(2025, 11, 5, 23, 4, 24, 901468, tzinfo=UTC)
    assert (first.scope.group, second.scope.agent) == ("archive-1", "agent-7")


@pytest.mark.parametrize(
    "content",
    ["", "not json", '{"agents": ', "[]", "{}", '"text"', '[{"id": "memory-1", "memory": "x"}]'],
)
def test_what_is_no_agent_file_gets_a_sentence(content: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        read(written(tmp_path, content))
    assert "agent.af" in raised.value.message
    assert "export_file" in raised.value.remedy


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "none.af")


def test_from_every_page_of_a_file_the_rest_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from synap_import_letta.files import source

    monkeypatch.setattr(source, "_TOGETHER", 7)
    whole = read(ALICE)

    async def rest_from(cursor: str | None) -> list[str]:
        files = LettaSource.of(LettaConfig(files=(str(ALICE),)), None)  # type: ignore[arg-type]
        await files.check()
        [partition] = [one async for one in files.partitions()]
        return [one.id async for page in files.pages(partition, cursor) for one in page.records]

    for number, page in enumerate(whole.pages, start=1):
        expected = [one.id for later in whole.pages[number:] for one in later.records]
        if page.cursor is not None:
            assert anyio.run(rest_from, page.cursor) == expected
