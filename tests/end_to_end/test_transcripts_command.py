"""``--conversations-as transcripts``, as a person runs it, with kills."""

from __future__ import annotations

import csv
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.commands import Finished, Sandbox, run, sandbox, start, write_lines

CONVERSATIONS = 150
TURNS = 4


def messages(conversations: int, turns: int = TURNS) -> list[dict[str, Any]]:
    """A log of an application: rows of conversations, one beside the other."""
    return [
        {
            "record_version": 1,
            "system": "app",
            "id": f"m-{number}-{turn}",
            "kind": "message",
            "role": "assistant" if turn % 2 else "user",
            "text": f"word {number} number{turn}",
            "position": turn,
            "created_at": f"2025-06-01T12:{turn:02}:00Z",
            "scope": {"user": f"u{number % 7}", "session": f"chat-{number}"},
        }
        for turn in range(turns)
        for number in range(conversations)
    ]


class Migration:
    """One job: the command, and what its sandbox holds."""

    def __init__(self, folder: Path, here: Sandbox, rows: list[dict[str, Any]]) -> None:
        self.here = here
        self.workdir = folder / "work"
        self.command = (
            *("json", write_lines(folder / "log.jsonl", rows), "--user-map", "identity"),
            *("--synap-url", here.url, "--workdir", self.workdir),
            *("--conversations-as", "transcripts"),
        )

    def again(self, *options: str) -> Finished:
        return run(*self.command, *options, SYNAP_API_KEY="synap_test")

    def then(self, command: str, *options: str | Path) -> Finished:
        where = () if command == "ids" else ("--synap-url", self.here.url)
        return run(command, *options, "--workdir", self.workdir, *where, SYNAP_API_KEY="synap_test")

    def kill_when_stored(self, count: int) -> None:
        process = start(*self.command, SYNAP_API_KEY="synap_test")
        deadline = time.monotonic() + 30
        while self.here.counters()["documents"] < count and process.poll() is None:
            assert time.monotonic() < deadline, "the import does not get on"
            time.sleep(0.002)
        process.kill()
        process.communicate()

    def in_flight(self) -> int:
        (path,) = self.workdir.glob("jobs/*/ledger.sqlite")
        with closing(sqlite3.connect(path)) as db:
            query = "SELECT count(*) FROM documents WHERE state = 'in_flight'"
            return int(db.execute(query).fetchone()[0])


@pytest.mark.timeout(120)
def test_a_killed_import_ends_with_each_transcript_once(tmp_path: Path) -> None:
    with sandbox(tmp_path) as here:
        job = Migration(tmp_path, here, messages(CONVERSATIONS))
        cut_off = 0
        for kill in range(1, 5):
            job.kill_when_stored(kill * CONVERSATIONS // 5)
            cut_off += job.in_flight()
        done = job.again("--json")
        documents = here.documents()
        counters = here.counters()
    assert done.code == 0, done.err
    assert (done.result["loaded"], done.result["already_there"]) == (CONVERSATIONS * TURNS, 0)
    assert [one["received"] for one in documents] == [1] * CONVERSATIONS
    assert cut_off > 0, "no kill cut off a transcript: the test shows nothing"
    assert counters["requests"]["POST /v1/conversations/ingest"] <= CONVERSATIONS + cut_off
    for document in documents:
        turns = document["metadata"]["transcript"]
        assert [turn["timestamp"] for turn in turns] == [
            f"2025-06-01T12:{turn:02}:00Z" for turn in range(TURNS)
        ]
        assert [turn["role"] for turn in turns] == ["user", "assistant"] * 2


@pytest.mark.timeout(120)
def test_transcripts_are_announced_followed_named_verified_and_rolled_back(tmp_path: Path) -> None:
    with sandbox(tmp_path) as here:
        job = Migration(tmp_path, here, messages(12))
        announced = job.again("--dry-run")
        done = job.again("--json")
        ids = job.then("ids", "-o", tmp_path / "ids.csv")
        verified = job.then("verify", "--json")
        undone = job.then("rollback", "--yes")
        left = here.documents()
    assert "12 of them transcripts, which go one by one" in announced.out
    assert done.code == 0, done.err
    assert done.result["confirmation"]["completed"] == 12
    assert ids.code == 0, ids.err
    rows = list(csv.DictReader((tmp_path / "ids.csv").read_text().splitlines()))
    assert len(rows) == 48
    assert all(row["document_id"].startswith("transcript:") and row["memory_ids"] for row in rows)
    assert verified.code == 0, verified.err
    assert verified.result["documents"]["found"] == 12
    assert undone.code == 0, undone.err
    assert "the turns of 12 transcripts, and what Synap summarised of them" in undone.err
    assert left == []


@pytest.mark.timeout(120)
def test_a_refused_transcript_is_sent_again_by_retry(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--faults", "transcripts=422") as here:
        job = Migration(tmp_path, here, messages(3))
        first = job.again("--json")
        again = job.then("retry", "--json")
        routes = httpx.get(f"{here.url}/sandbox/counters", timeout=30).json()["requests"]
    assert sum(first.result["rejected"].values()) == TURNS
    assert again.code == 0, again.err
    assert again.result["loaded"] == 3 * TURNS
    assert routes["POST /v1/conversations/ingest"] == 4
    assert "POST /api/v1/memories/batch" not in routes
