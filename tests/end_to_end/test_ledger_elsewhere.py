"""An import whose ledger is in a PostgreSQL, from the first run to the rollback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.commands import Finished, Sandbox, memories, run, sandbox, start, write_lines
from support.postgres_server import OWNER, PostgresServer
from synap_import.ledger.remote import jobs_at, open_ledger_at

RECORDS = 3000


@pytest.fixture
def address(postgres_running: PostgresServer) -> Iterator[str]:
    """The address of an empty database, with its password."""
    with postgres_running.database() as name:
        yield postgres_running.address(name, OWNER)


@pytest.fixture
def synap(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox in a process of its own."""
    with sandbox(tmp_path) as running:
        yield running


class Machine:
    """Somebody's machine: a folder of its own for jobs, and the ledger in the database of all."""

    def __init__(self, folder: Path, file: Path, synap: Sandbox, address: str) -> None:
        self.folder = folder
        self.environment = {"SYNAP_IMPORT_LEDGER": address, "SYNAP_API_KEY": "synap_test"}
        self.importing = ("json", file, "--user-map", "identity", "--synap-url", synap.url)
        self._where = ("--synap-url", synap.url)

    def import_(self, *options: str) -> Finished:
        return run(*self.importing, "--workdir", self.folder, *options, **self.environment)

    def begin(self) -> None:
        """Begin an import, and kill it when something has arrived."""
        process = start(
            *self.importing, "--in-flight", "1", "--workdir", self.folder, **self.environment
        )
        try:
            address, until = self.environment["SYNAP_IMPORT_LEDGER"], time.monotonic() + 60
            while not (jobs := jobs_at(address)) and time.monotonic() < until:
                time.sleep(0.05)
            with closing(open_ledger_at(address, jobs[0])) as ledger:
                while not ledger.books().loaded and time.monotonic() < until:
                    time.sleep(0.01)
        finally:
            process.kill()
            process.wait()

    def run(self, command: str, *options: str) -> Finished:
        return run(command, *options, "--workdir", self.folder, **self.environment)


@pytest.fixture
def machines(tmp_path: Path, synap: Sandbox, address: str) -> tuple[Machine, Machine]:
    """Two machines that share nothing but the file, Synap and the database."""
    file = write_lines(tmp_path / "memories.jsonl", memories(RECORDS))
    one, other = (Machine(tmp_path / name, file, synap, address) for name in ("one", "other"))
    return one, other


def test_what_one_machine_began_another_one_finishes(
    machines: tuple[Machine, Machine], synap: Sandbox
) -> None:
    one, other = machines
    one.begin()
    done = other.import_("--json")
    assert done.code == 0, done.err
    assert done.result["loaded"] + done.result["already_there"] == RECORDS
    assert len(synap.documents()) == RECORDS
    again = one.import_("--json").result
    assert (again["loaded"], again["exported"]) == (done.result["loaded"], RECORDS)


@pytest.mark.thorough
def test_every_command_finds_the_ledger_by_its_job(
    machines: tuple[Machine, Machine], synap: Sandbox, tmp_path: Path
) -> None:
    one, _ = machines
    assert one.import_().code == 0
    assert "3,000" in one.run("status").out
    assert one.run("verify", "--synap-url", synap.url).code == 0
    assert one.run("report", "--json").code == 0
    assert one.run("ids", "-o", str(tmp_path / "ids.csv")).code == 0
    assert len((tmp_path / "ids.csv").read_text().splitlines()) == RECORDS + 1
    assert one.run("rollback", "--yes", "--synap-url", synap.url).code == 0
    assert synap.documents() == []
    assert one.import_().code == 0
    assert len(synap.documents()) == RECORDS


def test_the_password_is_written_nowhere(machines: tuple[Machine, Machine], address: str) -> None:
    one, _ = machines
    one.folder.mkdir()
    done = one.import_("--events", str(one.folder / "events.jsonl"))
    assert done.code == 0, done.err
    password = urlsplit(address).password
    assert password
    assert password not in done.out + done.err
    files = [path for path in one.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if password.encode() in path.read_bytes()]


@pytest.mark.thorough
def test_a_job_stays_where_its_ledger_is(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    one, _ = machines
    one.environment["SYNAP_IMPORT_LEDGER"] = ""
    assert one.import_().code == 0
    refused = one.import_("--ledger", "postgresql://ada@127.0.0.1/elsewhere")
    assert refused.code in (2, 3)
    assert "does not answer" in refused.err or "has its ledger elsewhere" in refused.err


def test_a_database_that_is_away_says_so_and_nothing_is_sent(
    machines: tuple[Machine, Machine], synap: Sandbox
) -> None:
    one, _ = machines
    one.environment["SYNAP_IMPORT_LEDGER"] = "postgresql://ada@127.0.0.1:1/none"
    done = one.import_()
    assert done.code == 3
    assert "does not answer" in done.err
    assert synap.documents() == []
