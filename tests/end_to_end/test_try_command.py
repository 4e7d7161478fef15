"""``--try N``: a few documents first, side by side with what Synap made of them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.commands import Finished, Sandbox, run, sandbox, write_lines

KEY = {"SYNAP_API_KEY": "synap_test"}


def memories(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"m-{number}",
            "user_id": f"user-{number % 4}",
            "content": f"Memory number {number} about place {number * 7}",
            "created_at": f"2025-06-01T12:00:{number % 60:02d}Z",
        }
        for number in range(count)
    ]


class Here:
    """A sandbox, and the command that loads into it."""

    def __init__(self, folder: Path, box: Sandbox) -> None:
        self.box = box
        path = write_lines(folder / "memories.jsonl", memories(40))
        at = ("--synap-url", box.url, "--workdir", folder / "work")
        self.at = at
        self.command = ("json", path, "--user-map", "identity", *at)

    def load(self, *options: str) -> Finished:
        return run(*self.command, *options, seconds=120, COLUMNS="140", **KEY)

    def held(self) -> list[dict[str, Any]]:
        return self.box.documents()

    def typed(self, answer: str, *options: str) -> Finished:
        """Load at a terminal where this is typed."""
        keyboard, terminal = pty.openpty()
        os.write(keyboard, f"{answer}\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "synap_import", *map(str, self.command), *options],
            stdin=terminal,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, **KEY},
            check=False,
        )
        os.close(keyboard)
        os.close(terminal)
        return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with sandbox(tmp_path) as box:
        yield Here(tmp_path, box)


def test_a_script_without_yes_stops_after_the_trial_and_hears_how_to_go_on(here: Here) -> None:
    done = here.load("--try", "8")
    assert done.code == 3
    assert len(here.held()) == 8
    assert {one["user_id"] for one in here.held()} == {f"user-{n}" for n in range(4)}
    assert "Nothing more was sent. The same command without --try loads the rest;" in done.err
    assert "`synap-import rollback json-" in done.err


def test_what_went_in_stands_beside_what_synap_made_of_it(here: Here) -> None:
    done = here.load("--try", "4")
    text = here.held()[0]["document"]
    [row] = [line for line in done.err.splitlines() if text in line]
    assert row.count(text) == 2
    assert "found by its user's search" in done.err


def test_of_what_was_there_already_it_is_said_why_no_memory_is_shown(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--duplicates", "row") as box:
        here = Here(tmp_path, box)
        here.load("--workdir", str(tmp_path / "earlier"))
        done = here.load("--try", "4")
    assert done.err.count("it was there already") == 4


def test_the_same_command_without_try_sends_the_rest_and_nothing_twice(here: Here) -> None:
    here.load("--try", "8")
    done = here.load("--json")
    assert (done.code, done.result["loaded"]) == (0, 40)
    assert [one["received"] for one in here.held()] == [1] * 40
    assert done.result["confirmation"]["completed"] == 40


@pytest.mark.parametrize(("answer", "code", "loaded"), [("y", 0, 40), ("n", 3, 8)])
def test_somebody_at_a_terminal_is_asked(here: Here, answer: str, code: int, loaded: int) -> None:
    done = here.typed(answer, "--try", "8")
    assert done.code == code, done.err
    assert "Load the 32 records that are left?" in done.err
    assert len(here.held()) == loaded


def test_yes_goes_on_when_all_is_well(here: Here) -> None:
    done = here.load("--try", "8", "--yes", "--json")
    assert (done.code, done.result["loaded"]) == (0, 40)
    assert [one["received"] for one in here.held()] == [1] * 40


def test_nothing_is_sent_before_everything_was_read_and_every_user_is_known(here: Here) -> None:
    user_map = here.command[1].parent / "users.csv"  # type: ignore[union-attr]
    user_map.write_text("source_id,source_kind,user_id,action\nuser-0,user,ada,\n")
    command = [*here.command]
    command[command.index("identity")] = user_map
    done = run(*command, "--try", "8", "--yes", seconds=120, **KEY)
    assert done.code == 2
    assert here.held() == []


@pytest.mark.parametrize(
    ("faults", "code", "said"),
    [
        ("batches=row-failed", 1, "Rejected: "),
        ("rate=1,kinds=job-failed", 1, "ingestion failed: extraction failed"),
        ("rate=1,kinds=search-degraded", 3, "Synap's search was degraded"),
    ],
)
def test_a_trial_that_is_not_well_is_not_gone_on_from_by_itself(
    tmp_path: Path, faults: str, code: int, said: str
) -> None:
    with sandbox(tmp_path, "--faults", faults) as box:
        here = Here(tmp_path, box)
        done = here.load("--try", "8", "--yes")
        assert done.code == code, done.err
        assert said in done.err
        assert len(here.held()) <= 8


def test_a_trial_can_be_taken_back_and_tried_again(here: Here) -> None:
    here.load("--try", "8")
    first = sorted(one["document_id"] for one in here.held())
    assert run("rollback", "--yes", *here.at, seconds=60, **KEY).code == 0
    assert here.held() == []
    here.load("--try", "8")
    assert sorted(one["document_id"] for one in here.held()) == first


def test_a_source_that_fits_into_the_trial_needs_no_question(here: Here) -> None:
    done = here.load("--try", "100", "--json")
    assert (done.code, done.result["loaded"]) == (0, 40)
    assert done.result["trial"]["documents"]["found"] == 40


def test_a_trial_loads_into_the_jobs_own_sandbox_too(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "memories.jsonl", memories(40))
    command = ("json", path, "--user-map", "identity", "--to", "sandbox", "--workdir", tmp_path)
    done = run(*command, "--try", "5", "--yes", "--json", seconds=120)
    assert (done.code, done.result["loaded"]) == (0, 40)


def test_hostile_texts_are_shown_and_not_obeyed(here: Here) -> None:
    rows = [{"id": "1", "user_id": "eve", "content": "\x1b[2J[red]Lives[/red] in \u202eLisbon"}]
    write_lines(Path(here.command[1]), rows)
    done = here.load("--try", "1")
    assert "\x1b" not in done.err
    assert "\\x1b[2J[red]Lives[/red] in \\u202eLisbon" in done.err


def test_a_trial_of_a_dry_run_makes_no_sense(here: Here) -> None:
    done = here.load("--try", "5", "--dry-run")
    assert done.code == 2
    assert "--try loads something, and --dry-run nothing" in done.err


@pytest.mark.parametrize("again", [("--resync",), ("--watch", "10m")])
def test_a_trial_is_no_re_sync(here: Here, again: tuple[str, ...]) -> None:
    done = here.load("--try", "5", *again)
    assert done.code == 2
    assert "it goes with neither --resync nor --watch" in done.err
