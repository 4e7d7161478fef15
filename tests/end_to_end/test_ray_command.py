"""The command with workers on Ray, a sandbox in a process of its own and a real PostgreSQL."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import Sandbox, memories, run, sandbox, write_lines
from support.ray_commands import LOOPBACK, TOKEN, Cluster, ray_command, workers_of
from synap_import.ledger.postgres.address import read_address

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

FILES, OF_EACH = 6, 2000
RECORDS = FILES * OF_EACH
KEY = "synap_canary_51d0c7aa"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def arguments(tmp_path: Path, here: Sandbox, ledger_database: str) -> list[str]:
    """An import of a few files by two workers."""
    rows = memories(RECORDS)
    files = [
        write_lines(tmp_path / f"{number}.jsonl", rows[number::FILES]) for number in range(FILES)
    ]
    return [
        *("json", *map(str, files), "--user-map", "identity", "--synap-url", here.url),
        *("--workdir", str(tmp_path / "work"), "--ledger", ledger_database),
        *("--engine", "ray", "--workers", "2", "--confirm", "none"),
    ]


def stored(here: Sandbox) -> int:
    return int(here.counters()["documents"])


def assert_complete(done: tuple[int, str, str], here: Sandbox) -> None:
    """Everything is loaded, accounted for, and there once."""
    code, out, err = done
    assert code == 0, err
    result = json.loads(out)
    assert (result["exported"], result["loaded"]) == (RECORDS, RECORDS)
    assert (result["unaccounted"], result["unfinished"]) == (0, 0)
    documents = [one["document_id"] for one in here.documents()]
    assert len(documents) == len({*documents}) == RECORDS


def test_workers_load_everything_write_no_key_and_leave_nothing(
    arguments: list[str], here: Sandbox, ledger_database: str
) -> None:
    password = str(read_address(ledger_database)["password"])
    with ray_command(*arguments, "--json", SYNAP_API_KEY=KEY) as command:
        command.start()
        command.wait_until(lambda: stored(here) > 0)
        written = command.written()
        listens_at = command.listens_at()
        done = command.finish()
        assert b"ray" in written
        assert listens_at
        assert listens_at <= LOOPBACK
        assert not [secret for secret in (KEY, password) if secret.encode() in written]
        assert_complete(done, here)
        command.wait_for_the_end_of_all()
        assert [*command.folder.iterdir()] == []
        assert "ray" not in done[2].lower()


@pytest.mark.thorough
def test_ctrl_c_finishes_what_is_in_flight_and_the_same_command_resumes(
    arguments: list[str], here: Sandbox
) -> None:
    with ray_command(*arguments, "--json", SYNAP_API_KEY=KEY) as command:
        command.start()
        command.wait_until(lambda: stored(here) > 0)
        command.interrupt()
        code, out, err = command.finish()
        result = json.loads(out)
        assert code == 130, err
        assert result["loaded"] == stored(here) < RECORDS
        assert result["in_doubt"] == result["unaccounted"] == 0
        command.wait_for_the_end_of_all()
        command.start()
        assert_complete(command.finish(), here)


@pytest.mark.thorough
def test_workers_end_with_a_killed_command_and_the_same_command_resumes(
    arguments: list[str], here: Sandbox
) -> None:
    with ray_command(*arguments, "--json", SYNAP_API_KEY=KEY) as command:
        command.start()
        command.wait_until(lambda: stored(here) > 0)
        command.kill()
        command.wait_for_the_end_of_all()
        assert stored(here) < RECORDS
        command.start()
        assert_complete(command.finish(), here)


def test_a_ledger_in_a_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(3))
    where = ("--to", "sandbox", "--workdir", tmp_path / "work")
    done = run("json", file, "--user-map", "identity", *where, "--engine", "ray")
    assert done.code == 2
    assert "--ledger postgresql://" in done.err


def test_a_dry_run_needs_no_workers(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(3))
    done = run("json", file, "--user-map", "identity", "--engine", "ray", "--dry-run", "--json")
    assert done.code == 0, done.err
    assert done.result["exported"] == 3


@pytest.mark.thorough
def test_workers_of_a_cluster_end_with_a_killed_command_and_the_same_command_resumes(
    arguments: list[str], here: Sandbox, ledger_database: str, own_home: Path
) -> None:
    password = str(read_address(ledger_database)["password"])
    with ray_command() as there:
        cluster = Cluster(there)
        cluster.start(SYNAP_API_KEY=KEY, PGPASSWORD=password, HOME=str(own_home))
        at = ("--ray-address", cluster.address, "--json")
        with ray_command(*arguments, *at, SYNAP_API_KEY=KEY, **TOKEN) as command:
            command.start()
            command.wait_until(lambda: stored(here) > 0)
            assert workers_of(there)
            command.kill()
            deadline = time.monotonic() + 60
            while workers_of(there):
                assert time.monotonic() < deadline, "workers go on without their command"
                time.sleep(0.2)
            assert stored(here) < RECORDS
            command.start()
            assert_complete(command.finish(), here)
            assert KEY.encode() not in there.written()


def test_no_cluster_at_the_address_is_a_sentence(arguments: list[str]) -> None:
    with ray_command(*arguments, "--ray-address", "127.0.0.1:1", SYNAP_API_KEY=KEY) as command:
        command.start()
        code, _, err = command.finish()
        assert code == 2
        assert "There is no Ray cluster at 127.0.0.1:1" in err
