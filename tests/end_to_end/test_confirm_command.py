"""``synap-import confirm``: what became of a job's documents, later and as often as one likes."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from support.commands import memories, run, start, write_lines
from support.synap import ScriptedSynap, error, ingested
from synap_import.fault_points import VARIABLE

KEY = {"SYNAP_API_KEY": "synap_test"}
NOT_FOLLOWED = ("--confirm", "none")


def imported(tmp_path: Path, synap: ScriptedSynap, count: int = 10) -> tuple[str | Path, ...]:
    """A job of so many documents that were not followed; returns the command that does."""
    here = ("--workdir", tmp_path / "work", "--synap-url", synap.url)
    file = write_lines(tmp_path / "memories.jsonl", memories(count))
    done = run("json", file, "--user-map", "identity", *here, *NOT_FOLLOWED, **KEY)
    assert done.code == 0, done.err
    assert synap.asked == []
    return ("confirm", *here)


def test_it_tells_what_synap_made_of_the_documents(tmp_path: Path, synap: ScriptedSynap) -> None:
    command = imported(tmp_path, synap)
    synap.status_script = [lambda one: ingested(one, memory_ids=["a", "b"])]
    done = run(*command, **KEY)
    assert done.code == 0, done.err
    assert "ingested 10 of 10 documents asked: completed 10; 11 memories" in done.out


def test_machines_read_it_as_json(tmp_path: Path, synap: ScriptedSynap) -> None:
    done = run(*imported(tmp_path, synap), "--json", **KEY)
    assert done.result["confirmation"] == {"completed": 10, "not_confirmable": 0, "memories": 10}


def test_a_failed_ingestion_is_told_with_its_reason(tmp_path: Path, synap: ScriptedSynap) -> None:
    command = imported(tmp_path, synap)
    synap.status_script = [lambda one: ingested(one, status="failed", error_message="no \x1b[2J")]
    done = run(*command, **KEY)
    assert done.code == 1
    assert "ingestion failed: no \\x1b[2J" in done.out
    assert "\x1b" not in done.out


def test_what_is_not_finished_says_how_to_go_on(tmp_path: Path, synap: ScriptedSynap) -> None:
    command = imported(tmp_path, synap)
    synap.status_script = [lambda one: ingested(one, status="processing")]
    first = run(*command, "--wait", "0", **KEY)
    assert first.code == 3
    assert "1 document is not finished" in first.err
    assert "synap-import confirm json-" in first.err
    second = run(*command, "--wait", "0", **KEY)
    assert second.code == 0, second.err
    assert len(synap.asked) == 11


def test_a_refused_key_ends_it_resumably(tmp_path: Path, synap: ScriptedSynap) -> None:
    command = imported(tmp_path, synap)
    synap.status_script = [lambda _: error(401, {"detail": "revoked"})] * 10
    done = run(*command, **KEY)
    assert done.code == 3
    assert "revoked" in done.err
    assert "What was loaded stays loaded" in done.err
    assert "Traceback" not in done.err


def test_the_key_of_another_instance_is_not_used(tmp_path: Path, synap: ScriptedSynap) -> None:
    command = imported(tmp_path, synap)
    body = synap.whoami[2].replace(b"inst_0123456789abcdef", b"inst_fedcba9876543210")
    synap.whoami = (200, {}, body)
    done = run(*command, **KEY)
    assert done.code == 2
    assert "inst_fedcba9876543210" in done.err
    assert synap.asked == []


def test_a_rehearsal_is_confirmed_by_its_own_sandbox(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(10))
    here = ("--workdir", tmp_path / "work")
    run("json", file, "--user-map", "identity", "--to", "sandbox", *here, *NOT_FOLLOWED)
    done = run("confirm", *here, "--json")
    assert done.code == 0, done.err
    assert done.result["confirmation"]["completed"] == 10


def test_a_rehearsal_whose_sandbox_is_gone_is_told(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(10))
    here = ("--workdir", tmp_path / "work")
    run("json", file, "--user-map", "identity", "--to", "sandbox", *here, *NOT_FOLLOWED)
    (box,) = (tmp_path / "work").glob("jobs/*/sandbox.sqlite")
    box.unlink()
    done = run("confirm", *here)
    assert done.code == 2
    assert "is gone" in done.err
    assert not box.exists()


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
def test_a_killed_one_goes_on_where_it_was(
    tmp_path: Path, synap: ScriptedSynap, point: str
) -> None:
    command = imported(tmp_path, synap, 40)
    killed = run(*command, **KEY, **{VARIABLE: f"ledger.confirm.{point}:2"})
    assert killed.code == -signal.SIGKILL
    done = run(*command, "--json", **KEY)
    assert done.code == 0, done.err
    assert done.result["confirmation"] == {"completed": 40, "not_confirmable": 0, "memories": 40}
    assert len(synap.asked) < 80


def test_control_c_keeps_what_is_known(tmp_path: Path, synap: ScriptedSynap) -> None:
    command = imported(tmp_path, synap)
    synap.status_script = [
        ingested,
        *[lambda one: ingested(one, status="processing") for _ in range(100_000)],
    ]
    process = start(*command, "--json", **KEY)
    deadline = time.monotonic() + 30
    while len(synap.asked) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    done = run("status", "--json", "--workdir", tmp_path / "work")
    assert done.result["confirmation"]["completed"] == 1
