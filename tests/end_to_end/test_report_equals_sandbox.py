"""The numbers of the report are those that the sandbox has, to the last record.

``SYNAP_IMPORT_REPORT_RECORDS=10000`` makes it the size that is promised.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.commands import run, sandbox, write_lines
from synap_import.report.facts import Step
from synap_import.report.timelines import step_start
from synap_import.sandbox.fault_script import script_of

RECORDS = int(os.environ.get("SYNAP_IMPORT_REPORT_RECORDS", "1000"))
SECONDS = 600
KEY = {"SYNAP_API_KEY": "synap_test"}
FAULTS = "seed=5,rate=0.01,kinds=job-failed"


class Told(NamedTuple):
    """What the report says, and the sandbox's file."""

    report: dict[str, Any]
    db: Path


def memory(number: int) -> dict[str, Any]:
    """Every fiftieth belongs to somebody who is not in the user map."""
    user = "stranger" if number % 50 == 7 else f"user-{number % 23}"
    at = datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=number * 350_000 // RECORDS)
    content = f"memory {number}"
    return {"id": f"m-{number}", "user_id": user, "content": content, "created_at": at.isoformat()}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """An import of which 1 % fails, 1 % is there already and 2 % have no user."""
    folder = tmp_path_factory.mktemp("report")
    memories = [memory(number) for number in range(RECORDS)]
    every = write_lines(folder / "memories.jsonl", memories)
    # Strangers are number 7 of each fifty, so none of these is one.
    before = write_lines(folder / "before.jsonl", memories[::100])
    users = folder / "users.csv"
    rows = [f"user-{number},u-{number}" for number in range(23)]
    users.write_text("\n".join(["source_id,user_id", *rows, ""]))
    with sandbox(folder, "--duplicates", "row", "--faults", FAULTS) as synap:
        rules = ("--synap-url", synap.url, "--user-map", users, "--unmapped", "hold")
        for file, work in ((before, "earlier"), (every, "work")):
            options = (*rules, "--workdir", folder / work, "--confirm", "all", "--json")
            done = run("json", file, *options, seconds=SECONDS, **KEY)
            assert done.code in (0, 1), done.err
    report = run("report", "--json", "--workdir", folder / "work", seconds=SECONDS)
    assert report.code == 0, report.err
    return Told(report.result, folder / "sandbox.sqlite")


def rows(told: Told, query: str) -> list[tuple[Any, ...]]:
    """What the sandbox's own file says."""
    with closing(sqlite3.connect(told.db)) as db:
        return db.execute(query).fetchall()


def stored(told: Told) -> set[str]:
    return {document_id for (document_id,) in rows(told, "SELECT document_id FROM documents")}


def refused_as_known(told: Told) -> set[str]:
    query = "SELECT document_id FROM ingestions WHERE error IS NOT NULL"
    return {document_id for (document_id,) in rows(told, query)}


def made_to_fail(told: Told) -> set[str]:
    """The script is the same at every run: it says whose ingestion it lets fail."""
    script = script_of(FAULTS)
    own = stored(told) - refused_as_known(told)
    return {one for one in own if script.job_fault(one) == "job-failed"}


def records(outcomes: dict[str, int]) -> int:
    return sum(outcomes.values())


def test_the_account_is_what_the_sandbox_holds(told: Told) -> None:
    account = told.report["account"]
    failed, known = made_to_fail(told), refused_as_known(told)
    assert failed
    assert known
    assert account["outcomes"] == {
        "loaded": len(stored(told) - failed - known),
        "already_there": len(known),
        "rejected": len(failed),
        "held": RECORDS // 50,
        "in_doubt": 0,
        "rolled_back": 0,
        "unfinished": 0,
    }
    assert account["exported"] == records(account["outcomes"]) == RECORDS
    assert account["unaccounted"] == 0


def test_the_rejected_are_those_that_the_sandbox_let_fail(told: Told) -> None:
    listed = [one["document_id"] for reason in told.report["rejected"] for one in reason["listed"]]
    assert sorted(listed) == sorted(made_to_fail(told))


def test_every_loaded_record_is_confirmed_with_its_memories(told: Told) -> None:
    query = "SELECT count(*) FROM ingestions WHERE error IS NULL"
    ((completed,),) = rows(told, query)
    before = len(refused_as_known(told))  # completed for the earlier job
    confirmed = told.report["confirmed"]
    assert confirmed["ingested"] == completed - before - len(made_to_fail(told))
    assert confirmed["memories"] == confirmed["ingested"]
    assert confirmed["processing"] == confirmed["unasked"] == confirmed["unknown"] == 0


def test_each_user_has_what_the_sandbox_has_of_them(told: Told) -> None:
    query = "SELECT user_id, document_id FROM documents"
    held_by_sandbox = Counter(user for user, _ in rows(told, query))
    users = told.report["users"]
    assert users["count"] == len(held_by_sandbox) + 1  # and the stranger
    failed = made_to_fail(told)
    failed_of = Counter(user for user, document in rows(told, query) if document in failed)
    for user in users["most"]:
        if user["id"] == "stranger":
            assert records(user["outcomes"]) == user["outcomes"]["held"] == RECORDS // 50
        else:
            assert records(user["outcomes"]) == held_by_sandbox[user["user_id"]]
            assert user["outcomes"]["rejected"] == failed_of[user["user_id"]]
    shown = sum(records(user["outcomes"]) for user in users["most"])
    assert shown + records(users["others"]) == RECORDS


def test_each_span_of_time_has_what_the_sandbox_has_of_it(told: Told) -> None:
    starts = [date.fromisoformat(span["start"]) for span in told.report["timeline"]["spans"]]
    step = Step(told.report["timeline"]["step"])
    of_sandbox = Counter(
        step_start(datetime.fromtimestamp(at, UTC).date(), step)
        for (at,) in rows(told, "SELECT original_at FROM documents")
    )
    assert set(of_sandbox) <= set(starts)
    for start, span in zip(starts, told.report["timeline"]["spans"], strict=True):
        sent = records(span["outcomes"]) - span["outcomes"]["held"]
        assert sent == of_sandbox[start]


def test_the_samples_end_with_the_account(told: Told) -> None:
    last = told.report["moments"][-1]
    outcomes = told.report["account"]["outcomes"]
    # Failed ingestions are known after the load: until then they count as loaded.
    assert last["loaded"] + last["rejected"] == outcomes["loaded"] + outcomes["rejected"]
    assert last["already_there"] == outcomes["already_there"]
    assert last["held"] == outcomes["held"]
    assert last["confirmed"] > 0
