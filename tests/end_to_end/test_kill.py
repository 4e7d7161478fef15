"""kill -9 at any moment, then the same command: the result is the same as without the kill."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from support.commands import Sandbox, memories, run, sandbox, start, write_lines

MOST_IN_FLIGHT = 10


def in_ledger(workdir: Path, state: str) -> set[str]:
    """The documents in this state, as the killed process wrote them down."""
    (path,) = workdir.glob("jobs/*/ledger.sqlite")
    db = sqlite3.connect(path)
    try:
        rows = db.execute("SELECT document_id FROM documents WHERE state = ?", (state,))
        return {document_id for (document_id,) in rows}
    finally:
        db.close()


def kill_when_stored(here: Sandbox, command: tuple[str | Path, ...], count: int) -> None:
    """Run the import until the server holds so many documents, then kill it."""
    process = start(*command, SYNAP_API_KEY="synap_test")
    deadline = time.monotonic() + 30
    while here.counters()["documents"] < count and process.poll() is None:
        assert time.monotonic() < deadline, "the import does not get on"
        time.sleep(0.01)
    process.kill()
    process.communicate()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("duplicates", "kills", "records"),
    [
        ("update", 3, 1500),
        ("conflict", 2, 1500),
        pytest.param("update", 20, 5000, marks=pytest.mark.thorough),
        pytest.param("row", 3, 5000, marks=pytest.mark.thorough),
        pytest.param("conflict", 3, 5000, marks=pytest.mark.thorough),
    ],
)
def test_killed_imports_end_with_each_document_once(
    tmp_path: Path, duplicates: str, kills: int, records: int
) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(records))
    workdir = tmp_path / "work"
    with sandbox(tmp_path, "--duplicates", duplicates) as here:
        command = (
            *("json", file, "--user-map", "identity", "--synap-url", here.url),
            *("--workdir", workdir),
        )
        acknowledged: dict[str, int] = {}
        in_flight: list[int] = []
        for kill in range(1, kills + 1):
            kill_when_stored(here, command, kill * records // (kills + 1))
            received = {d["document_id"]: d["received"] for d in here.documents()}
            known = in_ledger(workdir, "loaded")
            in_flight.append(len(in_ledger(workdir, "in_flight")))
            acknowledged |= {key: received[key] for key in known if key not in acknowledged}
        done = run(*command, "--json", SYNAP_API_KEY="synap_test")
        stored = {d["document_id"]: d["received"] for d in here.documents()}

    assert done.code == 0, done.err
    assert set(stored) == {f"legacy_json_m-{number}" for number in range(records)}
    assert acknowledged, "no kill came after an answer: the test shows nothing"
    assert {key: stored[key] for key in acknowledged} == acknowledged
    assert max(in_flight) <= MOST_IN_FLIGHT * 100
    assert sum(stored.values()) - records <= sum(in_flight)
    assert done.result["seen_again"] == 0
    assert done.result["loaded"] + done.result["already_there"] == records
