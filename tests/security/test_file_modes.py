"""What the tool writes is for its owner's eyes only, even where a umask lets everybody in."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import run, start
from support.synap import ScriptedSynap, error, ok

pytestmark = [
    pytest.mark.usefixtures("no_umask"),
    pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX"),
]


@pytest.fixture
def no_umask() -> Iterator[None]:
    """A machine on which everybody may read and write what is made without a word."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What is below the folder and lets anybody else in."""
    return [
        f"{path.relative_to(folder)} {stat.filemode(path.stat().st_mode)}"
        for path in folder.rglob("*")
        if path.stat().st_mode & 0o077
    ]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


def test_all_that_an_import_leaves_behind(tmp_path: Path, file: Path) -> None:
    base = tmp_path / "base"
    done = run(
        *("json", file, "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", base / "is" / "new"),
    )
    assert done.code == 0, done.err
    assert {"ledger.sqlite", "job.json", "lock", "sandbox.sqlite"} <= names(base)
    assert open_to_others(tmp_path / "base") == []
    assert stat.S_IMODE((tmp_path / "base").stat().st_mode) == 0o700


def test_all_that_is_there_while_an_import_runs(tmp_path: Path, file: Path) -> None:
    seen = threading.Event()
    with ScriptedSynap([lambda batch: (seen.wait(20), ok(batch))[1]]) as synap:
        process = start(
            *("json", file, "--user-map", "identity", "--synap-url", synap.url),
            *("--workdir", tmp_path / "work"),
            SYNAP_API_KEY="synap_test",
        )
        while not synap.batches and process.poll() is None:
            time.sleep(0.01)
        found, others = names(tmp_path / "work"), open_to_others(tmp_path / "work")
        seen.set()
        process.communicate(timeout=20)
    assert {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "lock"} <= found
    assert others == []


def test_a_workdir_that_everybody_may_write_holds_jobs_that_nobody_may_read(
    tmp_path: Path, file: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o777)
    run("json", file, "--user-map", "identity", "--to", "sandbox", "--workdir", shared)
    assert "ledger.sqlite" in names(shared)
    assert open_to_others(shared) == []


def test_a_job_that_came_back_from_a_backup_is_closed_again(tmp_path: Path, file: Path) -> None:
    work = tmp_path / "work"
    command = ("json", file, "--user-map", "identity", "--to", "sandbox", "--workdir", work)
    run(*command)
    for path in work.rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o666)
    run(*command)
    (job,) = (work / "jobs").iterdir()
    assert stat.S_IMODE(job.stat().st_mode) == 0o700
    for name in ("ledger.sqlite", "sandbox.sqlite", "lock"):
        assert stat.S_IMODE((job / name).stat().st_mode) == 0o600, name


def test_the_sandbox_file_of_the_sandbox_command(tmp_path: Path) -> None:
    db = tmp_path / "new" / "rehearsal.sqlite"
    process = start("sandbox", "--port", "0", "--db", db, PYTHONUNBUFFERED="1")
    try:
        assert process.stdout is not None
        assert "at http" in process.stdout.readline()
        assert db.exists()
        assert open_to_others(tmp_path / "new") == []
    finally:
        process.terminate()
        process.communicate(timeout=10)


@pytest.mark.parametrize("command", ["users", "export"])
def test_files_that_were_asked_for(tmp_path: Path, file: Path, command: str) -> None:
    (tmp_path / "out").mkdir()
    output = tmp_path / "out" / "file"
    assert run(command, "json", file, "-o", output).code == 0
    assert open_to_others(tmp_path / "out") == []

    output.chmod(0o666)
    assert run(command, "json", file, "-o", output, "--force").code == 0
    assert open_to_others(tmp_path / "out") == []


def test_rejected_records_that_were_handed_over(tmp_path: Path, file: Path) -> None:
    work, out = tmp_path / "work", tmp_path / "out"
    out.mkdir()
    with ScriptedSynap([lambda _: error(422, {"detail": "no"})] * 30) as synap:
        run(
            *("json", file, "--user-map", "identity", "--synap-url", synap.url, "--workdir", work),
            SYNAP_API_KEY="synap_test",
        )
    done = run("rejected", "--workdir", work, "-o", out / "rejected.jsonl")
    assert "rejected.jsonl" in names(out), done.err
    assert open_to_others(out) == []
