"""The destination writes each document once, whole, for its owner only."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from support.commands import memories, run, write_lines
from synap_import import ConfigurationError, Delivery, OutgoingDocument
from synap_import_file.writing import opened


def document(number: int, **changes: object) -> OutgoingDocument:
    one = OutgoingDocument(
        document_id=f"legacy_json_{number}",
        text=f"memory {number}\n\u2028 with ends of lines",
        document_type="document",
        created_at=datetime(2025, 6, 1, 12, tzinfo=UTC),
        user_id="ada",
        customer_id=None,
        mode="long-range",
        metadata={"source": "migration", "large": 2**70},
    )
    return one._replace(**changes)


def send(path: Path, *documents: OutgoingDocument) -> Sequence[Delivery]:
    async def sent() -> Sequence[Delivery]:
        async with opened(str(path)) as target:
            return await target.send(documents)

    return anyio.run(sent)


def ids(path: Path) -> list[str]:
    return [json.loads(line)["document_id"] for line in path.read_bytes().split(b"\n")[:-1]]


def test_a_line_is_what_synap_would_be_given(tmp_path: Path) -> None:
    from maximem_synap import CreateMemoryRequest

    path = tmp_path / "out.jsonl"
    assert send(path, document(1)) == [Delivery("stored")]
    request = CreateMemoryRequest(**json.loads(path.read_bytes()))
    assert request.document == document(1).text
    assert request.document_created_at == document(1).created_at
    assert request.metadata == document(1).metadata


def test_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    send(path, document(1), document(2))
    again = send(path, document(2), document(3), document(3))
    assert [one.outcome for one in again] == ["already-there", "stored", "already-there"]
    assert ids(path) == ["legacy_json_1", "legacy_json_2", "legacy_json_3"]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    send(tmp_path / "out.jsonl", document(1))
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [1, 5, 12, 40, -1])
def test_a_half_written_line_is_cut_off_and_written_anew(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "out.jsonl"
    send(path, document(1))
    whole = path.read_bytes()
    send(path, document(2))
    line = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + line[:kept])
    assert send(path, document(1), document(2)) == [Delivery("already-there"), Delivery("stored")]
    assert path.read_bytes() == whole + line


@pytest.mark.parametrize("content", [b"hello", b"hello\n", b'{"id": 1}\n', b'{"document":"x"}\n\n'])
def test_another_file_is_refused_and_not_changed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is no document"):
        send(path, document(1))
    assert path.read_bytes() == content


def test_one_import_at_a_time_writes_to_it(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"

    async def twice() -> None:
        async with opened(str(path)), opened(str(path)):
            pass

    with pytest.raises(ConfigurationError, match="Another import is writing"):
        anyio.run(twice)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        send(tmp_path / "no" / "folder.jsonl", document(1))


def test_an_import_into_a_file_and_a_look_at_it(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "m.jsonl", memories(7))
    out = tmp_path / "out.jsonl"
    command = ("json", source, "--user-map", "identity", "--to", f"file:{out}", "--json")
    for loaded in (7, 7):
        done = run(*command, "--workdir", tmp_path / "work")
        assert (done.code, done.result["loaded"]) == (0, loaded), done.err
    assert len(ids(out)) == 7
    shown = run("file-show", out)
    assert shown.code == 0
    assert "7 documents of 3 users" in shown.out


def test_a_new_job_into_the_same_file_finds_all_there(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "m.jsonl", memories(7))
    command = ("json", source, "--user-map", "identity", "--to", f"file:{tmp_path / 'out'}")
    assert run(*command, "--workdir", tmp_path / "one").code == 0
    done = run(*command, "--workdir", tmp_path / "two", "--json")
    assert done.result["already_there"] == 7


def test_a_look_names_lines_that_are_broken_or_twice(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    send(path, document(1))
    line = path.read_bytes()
    path.write_bytes(line + b"{}\n" + line)
    done = run("file-show", path)
    assert done.code == 1
    assert "no documents: 2" in done.err
    assert "there before: 3" in done.err
