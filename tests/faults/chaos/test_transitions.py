"""kill -9 around every transaction of the ledger, then the same run again."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from support.chaos import POINTS, Story, Witness, bad_synap, live_apart
from support.commands import memories, run, sandbox, write_lines
from support.thorough import a_few_of
from synap_import.fault_points import VARIABLE
from synap_import.sandbox import FaultScript

ORDINARY_POINTS = [point for number, point in enumerate(POINTS) if number % 4 == 0]


def story() -> Story:
    """A run that passes each transition: its first answer is lost, its batches are cut."""
    quiet = Story.of(1)
    return replace(
        quiet,
        duplicates="update",
        faults=FaultScript(batches=("500-after", "503-before"), retry_after_seconds=0.01),
        limits=replace(quiet.limits, max_bytes=8_000),
    )


@pytest.mark.parametrize("point", a_few_of(POINTS, ORDINARY_POINTS))
def test_killed_there_the_same_run_finishes(tmp_path: Path, point: str) -> None:
    with bad_synap(tmp_path, story()) as url:
        witness = Witness(tmp_path / "ledger.sqlite", url)
        assert live_apart(witness.ledger, url, story(), point=point) == -signal.SIGKILL
        witness.look()
        assert live_apart(witness.ledger, url, story()) == 0
        witness.look()
        witness.compare()
        books = witness.account(story().count)
    assert books.rejected_total == len(story().unreadable)


@pytest.mark.parametrize(
    "point",
    a_few_of(
        [
            "ledger.stage.before_commit:2",
            "ledger.claim.after_commit",
            "ledger.answer.before_commit:2",
        ],
        ["ledger.answer.before_commit:2"],
    ),
)
def test_the_command_killed_there_finishes_when_run_again(tmp_path: Path, point: str) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2500))
    with sandbox(tmp_path) as here:
        command = (
            *("json", file, "--user-map", "identity", "--synap-url", here.url),
            *("--workdir", tmp_path / "work", "--json"),
        )
        key = {"SYNAP_API_KEY": "synap_test"}
        killed = run(*command, **key, **{VARIABLE: point})
        done = run(*command, **key)
        stored = {one["document_id"] for one in here.documents()}
    assert killed.code == -signal.SIGKILL
    assert done.code == 0, done.err
    assert done.result["exported"] == done.result["loaded"] == len(stored) == 2500


@pytest.mark.parametrize(
    "point",
    [
        "ledger.choose_to_confirm.before_commit",
        "ledger.confirm.before_commit",
        "ledger.confirm.after_commit",
    ],
)
def test_confirming_killed_there_confirms_each_document_when_run_again(
    tmp_path: Path, point: str
) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(60))
    key = {"SYNAP_API_KEY": "synap_test"}
    with sandbox(tmp_path, "--faults", "seed=1,rate=0.2,kinds=job-failed") as here:
        work = ("--workdir", tmp_path / "work", "--synap-url", here.url)
        loaded = run("json", file, "--user-map", "identity", "--confirm", "none", *work, **key)
        killed = run("confirm", "--confirm", "all", *work, **key, **{VARIABLE: point})
        done = run("confirm", "--confirm", "all", *work, **key)
        received = [one["received"] for one in here.documents()]
        failed = here.counters()["faults"]["job-failed"]
    (ledger,) = tmp_path.glob("work/jobs/*/ledger.sqlite")
    with closing(sqlite3.connect(ledger)) as db:
        confirmed = dict(
            db.execute(
                "SELECT state, count(*) FROM documents WHERE confirmation NOTNULL GROUP BY 1"
            )
        )
    assert loaded.code == 0, loaded.err
    assert killed.code == -signal.SIGKILL
    assert done.code == 1, done.err
    assert received == [1] * 60
    assert sum(confirmed.values()) == 60
    assert 0 < confirmed["rejected"] <= failed
