"""`synap-import rejected`: what did not arrive can be loaded as it is handed over."""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.commands import Finished, memories, run, sandbox, write_lines
from support.synap import Reply, ScriptedSynap, error, ok
from synap_import.ledger import SqliteLedger

KEY = {"SYNAP_API_KEY": "synap_test"}


def refusing(*document_ids: str) -> Callable[[list[dict[str, Any]]], Reply]:
    """A Synap that refuses every request with one of these documents in it."""

    def answer(documents: list[dict[str, Any]]) -> Reply:
        ids = {document["document_id"] for document in documents}
        return error(422, {"detail": "bad"}) if ids & set(document_ids) else ok(documents)

    return answer


def imported(file: Path, work: Path, *refused: str) -> Finished:
    """Import the file into a Synap that refuses some documents."""
    with ScriptedSynap([refusing(*refused)] * 100) as synap:
        return run(
            *("json", file, "--user-map", "identity", "--synap-url", synap.url),
            *("--workdir", work),
            **KEY,
        )


def loaded(folder: Path, file: Path) -> dict[str, dict[str, Any]]:
    """What the sandbox holds after the file was imported into it, by document id."""
    folder.mkdir()
    with sandbox(folder) as here:
        done = run(
            *("json", file, "--user-map", "identity", "--synap-url", here.url),
            *("--workdir", folder / "work"),
            **KEY,
        )
        documents = here.documents()
    assert done.code == 0, done.err
    said = ("document", "document_type", "document_created_at", "user_id", "metadata")
    return {d["document_id"]: {key: d[key] for key in said} for d in documents}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_rejected_records_load_as_the_same_documents(tmp_path: Path) -> None:
    rows = memories(10)
    rows[3] |= {
        "content": "\u202eright to left\u202c \U0001f469\u200d\U0001f4bb e\u0301 \ud83d \0",
        "metadata": {"large": 2**70, "none": math.nan, "half\ud800": "\0", "deep": [[[[{}]]]]},
    }
    file = write_lines(tmp_path / "memories.jsonl", rows)
    work, output = tmp_path / "work", tmp_path / "rejected.jsonl"
    assert imported(file, work, "legacy_json_m-3", "legacy_json_m-7").code == 1
    done = run("rejected", "-o", output, "--workdir", work)
    assert done.code == 0, done.err
    assert "2 records of 2 documents" in done.out
    whole = loaded(tmp_path / "whole", file)
    assert loaded(tmp_path / "again", output) == {
        name: whole[name] for name in ("legacy_json_m-3", "legacy_json_m-7")
    }


def test_an_exchange_of_a_conversation_without_positions_keeps_its_document_id(
    tmp_path: Path,
) -> None:
    mapping = tmp_path / "chat.yaml"
    mapping.write_text(
        "version: 1\nid: id\nkind: message\ncontent: text\nrole: role\nuser: user\nsession: chat\n"
    )
    rows = [
        {"id": f"t-{n}", "text": f"turn {n}", "role": role, "user": "ada", "chat": "c"}
        for n, role in enumerate(["user", "assistant"] * 3)
    ]
    file = write_lines(tmp_path / "chat.jsonl", rows)
    work, output = tmp_path / "work", tmp_path / "rejected.jsonl"
    command = ("json", file, "--mapping", mapping, "--user-map", "identity", "--workdir", work)
    with ScriptedSynap() as synap:
        # The second of the three exchanges, whatever the id of its conversation.
        synap.script = [_second_refused]
        assert run(*command, "--synap-url", synap.url, **KEY).code == 1
        second = synap.batches[0][1]
    run("rejected", "-o", output, "--workdir", work)
    (again,) = loaded(tmp_path / "again", output).items()
    assert again[0] == second["document_id"]
    assert again[1]["document"] == second["document"] == "User: turn 2\nAssistant: turn 3"


def _second_refused(documents: list[dict[str, Any]]) -> Reply:
    status, headers, body = ok(documents)
    answer = json.loads(body)
    answer["results"][1] |= {"status": "failed", "error_message": "no"}
    return status, headers, json.dumps(answer).encode()


def test_each_reason_stands_beside_its_record(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(4))
    file.write_text(file.read_text() + "{broken\n" + json.dumps(memories(5)[4]) + "\n")
    work, output = tmp_path / "work", tmp_path / "rejected.jsonl"
    imported(file, work, "legacy_json_m-2")
    done = run("rejected", "-o", output, "--workdir", work, "--json")
    assert done.result["records"] == done.result["unreadable"] == 1
    reason, unreadable = lines(tmp_path / "rejected.reasons.jsonl")
    assert reason == {
        "id": "m-2",
        "document_id": "legacy_json_m-2",
        "reason": "HTTP 422: bad",
        "attempts": 1,
    }
    assert unreadable["where"].endswith("memories.jsonl:5")
    assert unreadable["raw"] == "{broken"
    assert lines(output)[0]["raw"] == memories(3)[2]


def test_only_unreadable_items_make_a_file_of_reasons_only(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2))
    file.write_text(file.read_text() + "{broken\n")
    work, output = tmp_path / "work", tmp_path / "rejected.jsonl"
    imported(file, work)
    assert run("rejected", "-o", output, "--workdir", work).code == 0
    assert not output.exists()
    assert len(lines(tmp_path / "rejected.reasons.jsonl")) == 1


def test_the_files_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2))
    work, output = tmp_path / "work", tmp_path / "rejected.jsonl"
    imported(file, work, "legacy_json_m-0")
    output.touch(mode=0o644)
    assert run("rejected", "-o", output, "--workdir", work, "--force").code == 0
    written = [output, tmp_path / "rejected.reasons.jsonl"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in written] == [0o600, 0o600]


@pytest.mark.parametrize("name", ["rejected.jsonl", "rejected.reasons.jsonl"])
def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, name: str) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2))
    work = tmp_path / "work"
    imported(file, work, "legacy_json_m-0")
    (tmp_path / name).write_text("mine")
    done = run("rejected", "-o", tmp_path / "rejected.jsonl", "--workdir", work)
    assert done.code == 2
    assert "--force" in done.err
    assert (tmp_path / name).read_text() == "mine"


def test_nothing_rejected_is_said_and_writes_nothing(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2))
    imported(file, tmp_path / "work")
    done = run("rejected", "--workdir", tmp_path / "work", cwd=tmp_path)
    assert done.code == 0
    assert "Nothing is rejected" in done.out
    assert not list(tmp_path.glob("*rejected*"))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2))
    imported(file, tmp_path / "work", "legacy_json_m-0")
    output = tmp_path / "nowhere" / "rejected.jsonl"
    done = run("rejected", "-o", output, "--workdir", tmp_path / "work")
    assert done.code == 2
    assert str(output.parent) in done.err
    assert "Traceback" not in done.err


def test_what_is_in_doubt_is_handed_over_when_asked_for(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2))
    work, output = tmp_path / "work", tmp_path / "doubts.jsonl"
    command = ("json", file, "--user-map", "identity", "--workdir", work, "--on-doubt", "hold")
    with ScriptedSynap([lambda _: None]) as synap:
        run(*command, "--synap-url", synap.url, **KEY)
    assert run("rejected", "-o", output, "--workdir", work).code == 0
    assert not output.exists()
    assert run("rejected", "--in-doubt", "-o", output, "--workdir", work).code == 0
    assert [line["id"] for line in lines(output)] == ["m-0", "m-1"]
    assert {line["reason"] for line in lines(tmp_path / "doubts.reasons.jsonl")} != {""}


def test_the_reasons_are_inert_in_a_terminal(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(1))
    work, output = tmp_path / "work", tmp_path / "rejected.jsonl"
    with ScriptedSynap([lambda _: error(422, {"detail": "\x1b[31m\u202e"})]) as synap:
        command = ("json", file, "--user-map", "identity", "--workdir", work)
        run(*command, "--synap-url", synap.url, **KEY)
    run("rejected", "-o", output, "--workdir", work)
    written = (tmp_path / "rejected.reasons.jsonl").read_bytes()
    assert b"\x1b" not in written
    assert written.isascii()


def test_the_ledger_is_as_it_was(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(3))
    work = tmp_path / "work"
    imported(file, work, "legacy_json_m-1")
    (path,) = work.glob("jobs/*/ledger.sqlite")
    before = _books(path)
    run("rejected", "-o", tmp_path / "rejected.jsonl", "--workdir", work)
    assert _books(path) == before


def _books(path: Path) -> object:
    ledger = SqliteLedger(path)
    try:
        return ledger.books()
    finally:
        ledger.close()
