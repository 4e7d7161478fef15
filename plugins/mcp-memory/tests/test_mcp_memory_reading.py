"""Broken lines, other files, files that change, and going on from any cursor."""

from __future__ import annotations

import json

import anyio
import pytest

from synap_import import Severity, SourceError, SourceUnavailableError
from synap_import.testing import reading_context
from synap_import_mcp_memory import lines
from synap_import_mcp_memory.source import McpMemory, McpMemoryConfig

ANA = {"type": "entity", "name": "Ana", "entityType": "person", "observations": ["likes tea"]}


def observations(count):
    return [ANA | {"name": f"e{number}"} for number in range(count)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"type":"entity","name":"Bob","obs', "it is not JSON"),
        (b'{"type":"entity","name":"\xff"}', "it is not UTF-8 text at byte 26"),
        ("[1]", "no object with a 'type'"),
        ('{"type":"note","text":"x"}', "its type is 'note', neither 'entity' nor 'relation'"),
        ('{"type":"entity","name":"","observations":[]}', "an entity needs 'name'"),
        ('{"type":"entity","name":"Bob","observations":"x"}', "'observations', a list"),
        ('{"type":"relation","from":"a","to":null,"relationType":"r"}', "a relation needs 'from'"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_line_is_told_with_its_number_and_the_others_load(graph, reading, line, reason):
    done = reading(graph(ANA, "", line, ANA | {"name": "Bob"}))
    assert [one.text for one in done.records] == ["Ana: likes tea", "Bob: likes tea"]
    (unreadable,) = done.unreadable
    assert unreadable.where == "memory.jsonl:3"
    assert reason in unreadable.reason
    assert unreadable.raw


def test_an_observation_that_is_no_text_is_told_and_the_others_load(graph, reading):
    done = reading(graph(ANA | {"observations": ["a", {"b": 1}, "c", 4]}))
    assert [one.text for one in done.records] == ["Ana: a", "Ana: c"]
    assert [one.where for one in done.unreadable] == [
        "memory.jsonl:1, observation 2",
        "memory.jsonl:1, observation 4",
    ]


def test_a_line_that_is_too_long_is_told_and_passed_over(graph, reading, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 200)
    done = reading(graph(ANA, ANA | {"observations": ["x" * 5000]}, ANA | {"name": "Bob"}))
    assert [one.text for one in done.records] == ["Ana: likes tea", "Bob: likes tea"]
    assert [one.where for one in done.unreadable] == ["memory.jsonl:2"]


def test_a_byte_order_mark_is_passed_over(graph, reading):
    done = reading(graph(b"\xef\xbb\xbf" + json.dumps(ANA).encode()))
    assert [one.text for one in done.records] == ["Ana: likes tea"]


def test_without_a_user_it_is_nobodys_and_a_warning_says_so(graph, reading):
    done = reading(graph(ANA), user=None)
    assert done.records[0].scope.owner() is None
    assert done.scopes == []
    (finding,) = done.check.findings
    assert (finding.severity, finding.code) == (Severity.WARNING, "mcp-memory-no-user")
    assert "--user ID" in finding.remedy


def test_with_a_user_it_is_said_that_all_is_taken_for_theirs(graph, reading):
    (finding,) = reading(graph(ANA)).check.findings
    assert (finding.severity, finding.code) == (Severity.INFO, "mcp-memory-one-user")
    assert "ana" in finding.message


def test_another_user_is_another_account(graph, reading):
    accounts = {reading(graph(ANA), user=user).check.account for user in (None, "ana", "bob")}
    assert len(accounts) == 3


def test_an_empty_file_is_read_with_a_warning(graph, reading):
    done = reading(graph())
    assert done.records == []
    assert "mcp-memory-empty" in [one.code for one in done.check.findings]


@pytest.mark.parametrize(
    "content", ['{\n  "entities": [],\n  "relations": []\n}', '{"id":1,"memory":"x"}', "PK\x03\x04"]
)
def test_another_file_is_refused_with_a_way_out(graph, reading, content):
    with pytest.raises(SourceError, match="no file of the MCP memory server") as told:
        reading(graph(content))
    assert "synap-import json" in told.value.remedy


def test_a_file_that_is_not_there_is_refused(tmp_path, reading):
    with pytest.raises(SourceError, match=r"none\.jsonl cannot be read") as told:
        reading(tmp_path / "none.jsonl")
    assert "MEMORY_FILE_PATH" in told.value.remedy


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_are_of_whole_lines_and_their_share_grows(graph, reading, size):
    done = reading(graph(*observations(7)), page_size=size)
    assert len(done.records) == 7
    assert len(done.pages) == -(-7 // size) + 1
    shares = [page.fraction_read for page in done.pages]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_page_of_long_lines_is_short(graph, reading):
    long = [ANA | {"name": f"e{number}", "observations": ["x" * 3_000_000]} for number in range(4)]
    assert [len(page.records) for page in reading(graph(*long)).pages] == [2, 2, 0]


def test_a_strange_cursor_is_refused(graph):
    with pytest.raises(SourceError, match="'page 2' is not one of this source"):
        run(graph(ANA), lambda _: None, "page 2")


def test_what_the_server_writes_meanwhile_is_told_and_another_version(graph):
    path = graph(*observations(3))
    codes, versions = run(path, lambda number: number == 0 and replace(path, *observations(9)))
    assert codes == ["mcp-memory-changed"]
    assert run(path, lambda _: None)[1] != versions


def test_what_was_open_stays_whole_when_the_server_replaces_the_file(graph):
    path = graph(*observations(5))
    seen: list[int] = []

    def act(number: int) -> None:
        seen.append(number)
        if number == 0:
            replace(path, "{}")

    run(path, act)
    assert len(seen) == 6


def test_what_was_put_behind_the_end_meanwhile_is_told(graph):
    path = graph(*observations(3))

    def act(number: int) -> None:
        if number == 0:
            with path.open("ab") as file:
                file.write(b"\n" + json.dumps(ANA).encode())

    assert run(path, act)[0] == ["mcp-memory-changed"]


def test_a_file_that_changed_before_its_first_page_can_be_read_by_the_same_command(graph):
    path = graph(ANA)

    async def change_first() -> None:
        async with reading_context() as context:
            source = McpMemory(McpMemoryConfig(file=path, user="ana"), context)
            await source.check()
            async for partition in source.partitions():
                replace(path, *observations(2))
                async for _ in source.pages(partition, None):
                    pass

    with pytest.raises(SourceUnavailableError, match="changed just now"):
        anyio.run(change_first)


def run(path, act, cursor=None):
    """The codes of what is found at the end, and the versions; ``act`` before each next page."""

    async def reading():
        async with reading_context() as context:
            source = McpMemory(McpMemoryConfig(file=path, user="ana", page_size=1), context)
            await source.check()
            versions = []
            async for partition in source.partitions():
                versions.append(partition.version)
                number = 0
                async for _ in source.pages(partition, cursor):
                    act(number)
                    number += 1
            return [one.code for one in await source.reconcile()], versions

    return anyio.run(reading)


def replace(path, *content):
    """As the server does: a new file in the place of the old one."""
    new = path.with_suffix(".tmp")
    texts = [one if isinstance(one, str) else json.dumps(one) for one in content]
    new.write_text("\n".join(texts))
    new.replace(path)
