"""``synap-import ids``: a row for every record, whatever became of it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

from support.commands import Finished, memories, run, write_lines
from support.synap import ScriptedSynap, ok

KEY = {"SYNAP_API_KEY": "synap_test"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load(tmp_path: Path, synap: ScriptedSynap, file: Path, *options: str) -> Finished:
    here = ("--workdir", tmp_path / "work", "--synap-url", synap.url)
    return run("json", file, "--user-map", "identity", *here, *options, "--json", **KEY)


def ids(tmp_path: Path, *options: str) -> Finished:
    output = ("-o", tmp_path / "ids.csv", "--workdir", tmp_path / "work")
    return run("ids", *output, *options)


def test_old_ids_lead_to_new_ones(tmp_path: Path, synap: ScriptedSynap) -> None:
    load(tmp_path, synap, write_lines(tmp_path / "memories.jsonl", memories(5)))
    done = ids(tmp_path)
    assert done.code == 0, done.err
    assert "5 records written" in done.out
    for number, row in enumerate(rows(tmp_path / "ids.csv")):
        assert (row["system"], row["id"], row["kind"]) == ("json", f"m-{number}", "fact")
        assert row["user"] == f"user-{number % 3}"
        assert row["document_id"] == f"legacy_json_m-{number}"
        assert row["memory_ids"] == f"memory of {row['ingestion_id']}"
        assert row["state"] == "loaded"


def test_every_record_has_a_row_whatever_became_of_it(tmp_path: Path, synap: ScriptedSynap) -> None:
    empty = {**memories(1)[0], "id": "empty", "content": " "}
    twice = {**memories(1)[0], "content": "something else"}
    file = write_lines(tmp_path / "memories.jsonl", [*memories(300), empty, twice])
    synap.script = [
        lambda documents: ok(documents, status="failed", error_message="=no"),
        lambda documents: ok(documents, status="failed", error_message="duplicate document_id"),
    ]
    books = load(tmp_path, synap, file).result
    assert ids(tmp_path).code == 0
    written = rows(tmp_path / "ids.csv")
    assert len(written) == books["exported"] == 302
    states = Counter(row["state"] for row in written)
    assert states == {
        "loaded": 298,
        "already_there": 1,
        "rejected:=no": 1,
        "held:empty-text": 1,
        "held:conflicting-id": 1,
    }


def test_messages_of_a_conversation_share_their_document(
    tmp_path: Path, synap: ScriptedSynap
) -> None:
    lines = [
        json.dumps(
            {
                "system": "json",
                "id": f"t-{number}",
                "kind": "message",
                "text": f"turn {number}",
                "role": ("user", "assistant")[number % 2],
                "position": number,
                "scope": {"user": "ada", "session": "chat"},
                "record_version": 1,
            }
        )
        for number in range(4)
    ]
    file = tmp_path / "records.jsonl"
    file.write_text("\n".join(lines))
    load(tmp_path, synap, file)
    ids(tmp_path)
    written = rows(tmp_path / "ids.csv")
    assert len(written) == 4
    by_document = Counter((row["document_id"], row["memory_ids"]) for row in written)
    assert sorted(by_document.values()) == [2, 2]
    assert {row["session"] for row in written} == {"chat"}


def test_rolled_back_records_say_so_and_have_no_memories(
    tmp_path: Path, synap: ScriptedSynap
) -> None:
    load(tmp_path, synap, write_lines(tmp_path / "memories.jsonl", memories(6)))
    here = ("--workdir", tmp_path / "work", "--synap-url", synap.url)
    run("rollback", "--only-user", "user-1", "--yes", *here, **KEY)
    ids(tmp_path)
    written = [
        (row["user"], row["state"], bool(row["memory_ids"])) for row in rows(tmp_path / "ids.csv")
    ]
    assert Counter(written) == {
        ("user-0", "loaded", True): 2,
        ("user-1", "rolled_back", False): 2,
        ("user-2", "loaded", True): 2,
    }


def test_memories_that_are_not_known_yet_are_told(tmp_path: Path, synap: ScriptedSynap) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(5))
    load(tmp_path, synap, file, "--confirm", "none")
    done = ids(tmp_path, "--json")
    assert done.result["documents_not_confirmed"] == 5
    assert [row["memory_ids"] for row in rows(tmp_path / "ids.csv")] == [""] * 5


def test_a_file_that_is_there_is_replaced_only_when_told(
    tmp_path: Path, synap: ScriptedSynap
) -> None:
    load(tmp_path, synap, write_lines(tmp_path / "memories.jsonl", memories(5)))
    (tmp_path / "ids.csv").write_text("mine")
    assert ids(tmp_path).code == 2
    assert (tmp_path / "ids.csv").read_text() == "mine"
    assert ids(tmp_path, "--force").code == 0
