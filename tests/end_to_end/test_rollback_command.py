"""``synap-import rollback``: what a job put into Synap is gone again, and nothing else is."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.commands import Finished, Sandbox, memories, run, sandbox, write_lines
from support.thorough import a_few_of
from synap_import.fault_points import VARIABLE

KEY = {"SYNAP_API_KEY": "synap_test"}


class Here:
    """A sandbox with documents of somebody else in it, and a job to load into it."""

    def __init__(self, folder: Path, box: Sandbox) -> None:
        self.box = box
        self.folder = folder
        self.at = ("--synap-url", box.url)
        self.work = ("--workdir", folder / "work")
        foreign = [
            {
                "document": one["content"],
                "document_id": f"theirs-{one['id']}",
                "user_id": one["user_id"],
                "metadata": {"original_id": one["id"]},
            }
            for one in memories(20)
        ]
        batch = {"documents": foreign}
        headers = {"Authorization": "Bearer synap_test"}
        url = f"{box.url}/api/v1/memories/batch"
        httpx.post(url, json=batch, headers=headers).raise_for_status()

    def load(self, count: int = 60, *options: str, file: str = "memories.jsonl") -> Finished:
        path = write_lines(self.folder / file, memories(count))
        arguments = ("json", path, "--user-map", "identity", *self.at, *self.work)
        return run(*arguments, "--json", *options, seconds=120, **KEY)

    def roll_back(self, *options: str, **environment: str) -> Finished:
        return run(*("rollback", *self.at, *self.work, *options), seconds=120, **KEY, **environment)

    def held(self) -> list[dict[str, Any]]:
        """What the sandbox holds, without what it counts and clocks."""
        mine = ("document_id", "user_id", "document", "document_created_at", "metadata")
        documents = [{name: one[name] for name in mine} for one in self.box.documents()]
        return sorted(documents, key=lambda one: one["document_id"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with sandbox(tmp_path) as box:
        yield Here(tmp_path, box)


def typed(answer: str, *arguments: str | Path) -> Finished:
    """Run the command at a terminal where this is typed."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "synap_import", *map(str, arguments)],
        stdin=terminal,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **KEY},
        check=False,
    )
    os.close(keyboard)
    os.close(terminal)
    return Finished(done.returncode, done.stdout, done.stderr)


def test_after_a_rollback_synap_holds_what_it_held_before(here: Here) -> None:
    before = here.held()
    here.load()
    assert len(here.held()) == 80
    done = here.roll_back("--yes", "--json")
    assert done.code == 0, done.err
    assert here.held() == before
    assert done.result["rollback"]["deleted"] == {
        "documents": 60,
        "memories": 60,
        "gone_before": 0,
    }
    assert (done.result["rolled_back"], done.result["unaccounted"]) == (60, 0)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", a_few_of([300, 1500], [300]))
def test_a_large_job_is_taken_back_and_loaded_again_to_the_same_state(
    here: Here, count: int
) -> None:
    before = here.held()
    assert here.load(count, "--confirm", "none").code == 0
    loaded = here.held()
    assert here.roll_back("--yes").code == 0
    assert here.held() == before
    again = here.load(count, "--confirm", "none")
    assert (again.code, again.result["loaded"], again.result["rolled_back"]) == (0, count, 0)
    assert here.held() == loaded


def test_only_what_went_to_one_user_is_taken_back(here: Here) -> None:
    here.load()
    done = here.roll_back("--only-user", "user-1", "--yes", "--json")
    assert done.code == 0, done.err
    assert (done.result["loaded"], done.result["rolled_back"]) == (40, 20)
    left = [one for one in here.held() if one["user_id"] == "user-1"]
    assert {one["metadata"]["original_id"] for one in left} == {
        f"m-{number}" for number in range(1, 20, 3)
    }
    again = here.load()
    assert (again.result["loaded"], again.result["rolled_back"]) == (60, 0)


def test_a_user_of_nobody_is_told(here: Here) -> None:
    here.load()
    done = here.roll_back("--only-user", "nobody", "--yes")
    assert done.code == 2
    assert "sent nothing to a user 'nobody'" in done.err
    assert len(here.held()) == 80


def test_documents_that_were_there_before_stay_and_that_is_said(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--duplicates", "row") as box:
        here = Here(tmp_path, box)
        here.load(40, file="first.jsonl")
        here.load(60, file="second.jsonl")
        done = here.roll_back("--yes")
        assert done.code == 0, done.err
        said = "40 documents there already before the job: it did not make them"
        assert said in done.err
        assert said in done.out
        assert len(here.held()) == 60


@pytest.mark.parametrize(
    "point",
    [
        "ledger.begin_undoing.after_commit:2",
        "ledger.end_undoing.before_commit:2",
        "ledger.end_undoing.after_commit:2",
        "ledger.confirm.before_commit:2",
    ],
)
def test_a_killed_rollback_goes_on_where_it_was(here: Here, point: str) -> None:
    before = here.held()
    here.load(60, "--confirm", "none")
    killed = here.roll_back("--yes", **{VARIABLE: point})
    assert killed.code == -signal.SIGKILL
    done = here.roll_back("--yes", "--json")
    assert done.code == 0, done.err
    assert here.held() == before
    assert done.result["rolled_back"] == 60


def test_no_import_goes_into_half_a_rollback(here: Here) -> None:
    here.load()
    here.roll_back("--yes", **{VARIABLE: "ledger.end_undoing.before_commit:1"})
    refused = here.load()
    assert refused.code == 2
    assert "is not finished" in refused.err
    assert "synap-import rollback json-" in refused.err
    here.roll_back("--yes")
    assert here.load().result["loaded"] == 60


def test_a_dry_run_says_what_would_go_and_deletes_nothing(here: Here) -> None:
    here.load()
    done = here.roll_back("--dry-run")
    assert done.code == 0, done.err
    assert "60 memories of 60 documents" in done.out
    assert "What cannot be undone" in done.out
    assert len(here.held()) == 80


def test_nobody_to_ask_and_no_yes_deletes_nothing(here: Here) -> None:
    here.load()
    done = here.roll_back()
    assert done.code == 2
    assert "--yes" in done.err
    assert len(here.held()) == 80


@pytest.mark.parametrize(("answer", "code", "held"), [("y", 0, 20), ("n", 130, 80)])
def test_somebody_at_a_terminal_is_asked(here: Here, answer: str, code: int, held: int) -> None:
    here.load()
    done = typed(answer, "rollback", *here.at, *here.work)
    assert done.code == code, done.err
    assert "Delete the memories of 60 documents?" in done.err
    assert "entities that Synap merged" in done.err
    assert len(here.held()) == held


def test_a_second_rollback_has_nothing_to_do(here: Here) -> None:
    here.load()
    here.roll_back("--yes")
    asked = here.box.counters()["requests"]
    done = here.roll_back("--yes")
    assert done.code == 0
    assert "is left to roll back" in done.out
    assert here.box.counters()["requests"] == asked


def test_status_and_page_tell_of_it(here: Here) -> None:
    here.load()
    here.roll_back("--yes")
    status = run("status", *here.work)
    assert status.code == 0
    assert status.out.splitlines()[-1].split() == ["rolled", "back", "60"]
    assert "<dt>Deleted</dt><dd>60</dd>" in httpx.get(here.box.url).text


def test_a_rehearsal_can_be_rolled_back(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(10))
    work = ("--workdir", tmp_path / "work")
    run("json", file, "--user-map", "identity", "--to", "sandbox", *work)
    done = run("rollback", "--yes", "--json", *work)
    assert done.code == 0, done.err
    assert done.result["rolled_back"] == 10


def test_a_wipe_takes_all_of_a_user_after_the_id_was_typed_again(here: Here) -> None:
    here.load()
    done = typed("user-1", "rollback", "--wipe-user", "user-1", *here.at, *here.work)
    assert done.code == 0, done.err
    assert '{"memories": 27}' in done.err
    assert "also what this job did not make" in done.err
    assert {one["user_id"] for one in here.held()} == {"user-0", "user-2"}
    assert run("status", *here.work, "--json").result["rolled_back"] == 20


@pytest.mark.parametrize("answer", ["user-2", "y", "yes"])
def test_a_wipe_with_another_id_typed_deletes_nothing(here: Here, answer: str) -> None:
    here.load()
    done = typed(answer, "rollback", "--wipe-user", "user-1", *here.at, *here.work)
    assert done.code == 130
    assert len(here.held()) == 80


def test_a_script_cannot_wipe(here: Here) -> None:
    here.load()
    assert here.roll_back("--wipe-user", "user-1").code == 2
    assert here.roll_back("--wipe-user", "user-1", "--yes").code == 2
    assert len(here.held()) == 80


def test_a_dry_wipe_tells_what_there_is(here: Here) -> None:
    here.load()
    done = here.roll_back("--wipe-user", "user-1", "--dry-run")
    assert done.code == 0, done.err
    assert '{"memories": 27}' in done.err
    assert len(here.held()) == 80


def test_the_key_of_another_instance_deletes_nothing(here: Here, tmp_path: Path) -> None:
    here.load()
    (tmp_path / "other").mkdir()
    with sandbox(tmp_path / "other") as other:
        done = run("rollback", "--yes", "--synap-url", other.url, *here.work, **KEY)
    assert done.code == 2
    assert len(here.held()) == 80
