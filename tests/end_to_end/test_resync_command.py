"""``--resync`` and ``--watch`` as a person runs them in the days of a cut-over."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.commands import Running, Sandbox, memories, run, sandbox, start, write_lines
from synap_import.fault_points import VARIABLE

KEY = {"SYNAP_API_KEY": "synap_test"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path) as one:
        yield one


class Cutover:
    """A file that people still write to, and the command that brings it over."""

    def __init__(self, folder: Path, here: Sandbox) -> None:
        self.file = folder / "memories.jsonl"
        self.here = here
        self.command = (
            *("json", self.file, "--user-map", "identity", "--synap-url", here.url),
            *("--workdir", folder / "work"),
        )
        self.write(memories(600))

    def write(self, rows: list[dict[str, Any]]) -> None:
        write_lines(self.file, rows)

    def changed(self) -> None:
        """Two memories change, one goes, one is new."""
        rows = memories(600)
        rows[5]["content"] = rows[500]["content"] = "changed"
        del rows[10]
        self.write([*rows, {"id": "new", "user_id": "user-1", "content": "a new one"}])

    def texts(self) -> list[str]:
        return sorted(one["document"] for one in self.here.documents())

    def sent(self) -> int:
        return sum(one["received"] for one in self.here.documents())


@pytest.fixture
def cutover(tmp_path: Path, here: Sandbox) -> Cutover:
    cutover = Cutover(tmp_path, here)
    assert run(*cutover.command, **KEY).code == 0
    return cutover


def test_only_what_is_new_or_changed_is_sent_and_what_is_gone_is_told(cutover: Cutover) -> None:
    cutover.changed()
    done = run(*cutover.command, "--resync", **KEY)
    assert done.code == 0, done.err
    assert cutover.texts().count("changed") == 2
    assert "memory 5" not in cutover.texts()
    assert "memory 10" in cutover.texts()
    assert "older versions of documents in Synap: 2 removed" in done.out
    assert "1 record is not in the source any more, and still in Synap" in done.out
    status = run("status", "--json", "--workdir", cutover.command[-1]).result
    assert (status["exported"], status["loaded"], status["gone"]) == (601, 601, 1)
    assert status["replaced"] == {"removed": 2}


def test_what_is_gone_is_removed_when_that_is_wanted(cutover: Cutover) -> None:
    cutover.changed()
    refused = run(*cutover.command, "--resync", "--mirror-deletes", **KEY)
    assert refused.code == 2
    assert "nobody is here to be asked" in refused.err
    done = run(*cutover.command, "--resync", "--mirror-deletes", "--yes", "--json", **KEY)
    assert done.code == 0, done.err
    assert "memory 10" not in cutover.texts()
    assert len(cutover.texts()) == 600
    assert done.result["held"] == {"gone-from-source": 1}


def test_half_a_source_that_is_gone_is_not_removed(cutover: Cutover) -> None:
    cutover.write(memories(300))
    done = run(*cutover.command, "--resync", "--mirror-deletes", "--yes", **KEY)
    assert done.code == 1
    assert "--mirror-deletes all" in done.out
    assert len(cutover.texts()) == 600


def test_a_second_re_sync_sends_nothing(cutover: Cutover) -> None:
    cutover.changed()
    run(*cutover.command, "--resync", **KEY)
    sent = cutover.sent()
    assert run(*cutover.command, "--resync", **KEY).code == 0
    assert cutover.sent() == sent


def test_killed_in_the_middle_the_same_command_finishes_it(cutover: Cutover) -> None:
    cutover.changed()
    killed = run(*cutover.command, "--resync", **KEY, **{VARIABLE: "ledger.stage.before_commit:2"})
    done = run(*cutover.command, "--resync", **KEY)
    assert (killed.code, done.code) == (-signal.SIGKILL, 0)
    assert cutover.texts().count("changed") == 2
    assert len(cutover.texts()) == 601


def wait_for(process: Running, **counts: int) -> None:
    """Until an account has these counts."""
    assert process.stdout is not None
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        account = json.loads(process.stdout.readline())
        if counts.items() <= account.items():
            return
    raise AssertionError(f"{counts} do not come")


def test_watching_brings_changes_over_until_ctrl_c(cutover: Cutover) -> None:
    process = start(*cutover.command, "--watch", "1s", "--json", **KEY)
    try:
        wait_for(process, loaded=600)
        cutover.file.rename(cutover.file.with_suffix(".away"))
        time.sleep(1.5)
        cutover.changed()
        wait_for(process, loaded=601, gone=1)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, 130)
    finally:
        process.kill()
        process.communicate()
    assert cutover.texts().count("changed") == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--watch", "soon"], "not a time such as 30s, 10m or 2h"),
        (["--mirror-deletes"], "go with --resync"),
        (["--resync", "--dry-run"], "go with neither --dry-run nor --new-job"),
    ],
)
def test_what_does_not_go_together_is_a_sentence(
    tmp_path: Path, options: list[str], sentence: str
) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(2))
    refused = run("json", file, "--user-map", "identity", *options)
    assert refused.code == 2
    assert sentence in refused.err
