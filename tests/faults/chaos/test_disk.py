"""Disks that are full or cannot be written: real ones, as far as this machine lets us."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import Sandbox, memories, run, sandbox, start, write_lines

RECORDS = 4000
KEY = {"SYNAP_API_KEY": "synap_test"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox on a disk that is well."""
    with sandbox(tmp_path) as one:
        yield one


@pytest.fixture
def command(tmp_path: Path, here: Sandbox) -> tuple[str | Path, ...]:
    """An import into it; the work folder is still to be named."""
    rows = [{**row, "note": f"{number:x}" * 100} for number, row in enumerate(memories(RECORDS))]
    file = write_lines(tmp_path / "memories.jsonl", rows)
    return ("json", file, "--user-map", "identity", "--synap-url", here.url, "--json", "--workdir")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 KB."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=300k", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", folder], check=True)


def mount(*arguments: str | Path) -> None:
    """Mount something, or skip the test where that is not permitted."""
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"mounting is not permitted here: {error}")


def has_everything_once(here: Sandbox) -> bool:
    documents = here.documents()
    return len(documents) == RECORDS and all(one["received"] == 1 for one in documents)


def test_a_full_disk_ends_the_run_and_space_finishes_it(
    here: Sandbox, command: tuple[str | Path, ...], small_disk: Path
) -> None:
    full = run(*command, small_disk, **KEY)
    mount("-o", "remount,size=100m", small_disk)
    done = run(*command, small_disk, **KEY)
    assert full.code == 3
    assert "disk that holds the ledger is full" in full.err
    assert "Free some space" in full.err
    assert (done.code, done.result["loaded"]) == (0, RECORDS)
    assert {one["document_id"] for one in here.documents()} == {
        f"legacy_json_m-{number}" for number in range(RECORDS)
    }


def test_a_file_size_limit_ends_the_run_and_without_it_the_run_finishes(
    tmp_path: Path, here: Sandbox, command: tuple[str | Path, ...]
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        stopped = run(*command, tmp_path / "work", **KEY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    done = run(*command, tmp_path / "work", **KEY)
    assert stopped.code == 3
    assert "ledger" in stopped.err
    # Coverage, when it is measured, cannot write either, and says so with a traceback of its own.
    assert "fault of synap-import" not in stopped.err
    assert (done.code, done.result["loaded"]) == (0, RECORDS)
    assert len(here.documents()) == RECORDS


def test_a_disk_that_becomes_read_only_ends_the_run_with_a_sentence(
    tmp_path: Path, here: Sandbox, command: tuple[str | Path, ...]
) -> None:
    work = tmp_path / "work"
    assert run(*command, work, "--limit", "100", **KEY).code == 0
    mount("--bind", work, work)
    try:
        mount("-o", "remount,ro,bind", work)
        refused = run(*command, work, **KEY)
    finally:
        subprocess.run(["umount", work], check=True)
    done = run(*command, work, **KEY)
    assert refused.code == 3
    assert "--workdir" in refused.err
    assert "Traceback" not in refused.err
    assert done.code == 0
    assert has_everything_once(here)


def test_a_second_process_on_the_job_is_turned_away_and_the_first_finishes(
    tmp_path: Path,
) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(300))
    slow = ("--faults", "building_requests=40,retry_after_seconds=0.2")
    with sandbox(tmp_path, *slow) as here:
        command = (
            *("json", file, "--user-map", "identity", "--synap-url", here.url),
            *("--workdir", tmp_path / "work"),
        )
        first = start(*command, **KEY)
        while not here.counters()["faults"]:
            assert first.poll() is None
        second = run(*command, **KEY)
        first.communicate(timeout=30)
        received = [one["received"] for one in here.documents()]
    assert second.code == 2
    assert "Another synap-import is working on job" in second.err
    assert first.returncode == 0
    assert received == [1] * 300
