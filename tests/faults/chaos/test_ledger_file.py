"""A ledger that is damaged or not ours to write: a clear refusal, and not one byte changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from support.commands import memories, run, write_lines
from synap_import.errors import LedgerError
from synap_import.ledger import SqliteLedger

Damage = Callable[[Path], None]


@pytest.fixture
def used(tmp_path: Path) -> tuple[Path, tuple[str | Path, ...]]:
    """The ledger of a job that was done, and the command that it belongs to."""
    file = write_lines(tmp_path / "memories.jsonl", memories(500))
    command = (
        *("json", file, "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", tmp_path / "work"),
    )
    assert run(*command).code == 0
    (ledger,) = tmp_path.glob("work/jobs/*/ledger.sqlite")
    return ledger, command


def garbage(path: Path) -> None:
    path.write_bytes(b"this was a ledger once, or so they say. " * 500)


def cut_in_half(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_within_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def overwritten_in_the_middle(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)


def from_a_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (garbage, "damaged or not a ledger"),
        (cut_in_half, "damaged or not a ledger"),
        (cut_within_the_header, "damaged or not a ledger"),
        (overwritten_in_the_middle, "damaged or not a ledger"),
        (from_a_newer_version, "written by a newer synap-import"),
    ],
)
def test_the_run_is_refused_and_the_file_stays_as_it_is(
    used: tuple[Path, tuple[str | Path, ...]], damage: Damage, said: str
) -> None:
    ledger, command = used
    damage(ledger)
    before = ledger.read_bytes()
    refused = run(*command)
    assert refused.code == 3
    assert said in refused.err
    assert "--new-job" in refused.err
    assert "Traceback" not in refused.err
    assert ledger.read_bytes() == before


def test_starting_over_leaves_the_damaged_ledger_where_it_is(
    used: tuple[Path, tuple[str | Path, ...]],
) -> None:
    ledger, command = used
    garbage(ledger)
    before = ledger.read_bytes()
    assert run(*command, "--new-job").code == 0
    assert ledger.read_bytes() == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="not a ledger"):
        SqliteLedger(path)
    assert path.read_bytes() == before
