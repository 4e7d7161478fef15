"""The whole way with the commands that people type: users, dry run, import, rollback, and again.

``SYNAP_IMPORT_WHOLE_WAY_RECORDS=10000`` makes it the size that is promised.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from support.commands import Finished, Sandbox, run, sandbox, write_lines
from synap_import.sandbox.fault_script import script_of

RECORDS = int(os.environ.get("SYNAP_IMPORT_WHOLE_WAY_RECORDS", "1000"))
SECONDS = 900
KEY = {"SYNAP_API_KEY": "synap_test"}
FAULTS = "seed=5,rate=0.01,kinds=job-failed"
FOREIGN = 40

Contents = dict[str, dict[str, Any]]

pytestmark = pytest.mark.timeout(2 * SECONDS)


class Walked(NamedTuple):
    """What each command said, and what the sandbox held before and after."""

    folder: Path
    before: Contents
    rehearsed: Finished
    after_rehearsal: Contents
    imported: Finished
    loaded: Contents
    report: Finished
    rolled_back: Finished
    after_rollback: Contents
    again: Finished
    loaded_again: Contents


def memory(number: int) -> dict[str, Any]:
    """Every fiftieth belongs to somebody about whom the user map has no decision."""
    user = "stranger" if number % 50 == 7 else f"user-{number % 29}"
    at = datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=number)
    content = f"memory {number}"
    return {"id": f"m-{number}", "user_id": user, "content": content, "created_at": at.isoformat()}


def document_id(number: int) -> str:
    return f"legacy_json_m-{number}"


def fails(number: int) -> bool:
    """The script is the same at every run: it says whose ingestion it lets fail."""
    return script_of(FAULTS).fails(document_id(number))


THERE_BEFORE = [number for number in range(0, RECORDS, 100) if not fails(number)]


def contents(box: Sandbox) -> Contents:
    """What the sandbox made memories of, without what it counts and clocks."""
    names = ("user_id", "document", "document_created_at", "metadata", "memory_id")
    made = [one for one in box.documents() if one["status"] != "failed"]
    return {one["document_id"]: {name: one[name] for name in names} for one in made}


def put_what_is_not_ours(box: Sandbox) -> None:
    """Documents of users of the import, which the application itself made."""
    documents = [
        {"document": "theirs", "document_id": f"theirs-{number}", "user_id": f"u-{number % 29}"}
        for number in range(FOREIGN)
    ]
    url, headers = f"{box.url}/api/v1/memories/batch", {"Authorization": "Bearer synap_test"}
    httpx.post(url, json={"documents": documents}, headers=headers).raise_for_status()


def fill_in(path: Path) -> None:
    """Decide about all but the strangers, as in a spreadsheet; their row is taken out."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for row in rows:
            if row["source_id"] != "stranger":
                writer.writerow(row | {"user_id": row["source_id"].replace("user-", "u-")})


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """Of the records 1 % fails, 1 % comes twice, 1 % is there already and 2 % have no user."""
    folder = tmp_path_factory.mktemp("whole-way")
    memories = [memory(number) for number in range(RECORDS)]
    earlier = write_lines(folder / "earlier.jsonl", [memories[n] for n in THERE_BEFORE])
    every = write_lines(folder / "memories.jsonl", memories + memories[50::100])
    users, work = folder / "users.csv", ("--workdir", folder / "work")
    with sandbox(folder, "--duplicates", "row", "--faults", FAULTS) as box:
        at = ("--synap-url", box.url)

        def said(*arguments: str | Path) -> Finished:
            return run(*arguments, seconds=SECONDS, **KEY)

        listed = said("users", "json", every, "-o", users, *at)
        assert listed.code == 0, listed.err
        fill_in(users)
        rules = ("--user-map", users, "--unmapped", "hold", *at, "--confirm", "all", "--json")
        put_what_is_not_ours(box)
        assert said("json", earlier, *rules, "--workdir", folder / "earlier").code == 0
        before = contents(box)
        main_job = ("json", every, *rules, *work)
        rehearsed = said(*main_job, "--dry-run")
        after_rehearsal = contents(box)
        imported, loaded = said(*main_job), contents(box)
        report = said("report", "--json", *work)
        ids = said("ids", "-o", folder / "ids.csv", *work)
        assert ids.code == 0, ids.err
        rolled_back = said("rollback", "--yes", "--json", *at, *work)
        after_rollback = contents(box)
        again, loaded_again = said(*main_job), contents(box)
    return Walked(
        folder,
        before,
        rehearsed,
        after_rehearsal,
        imported,
        loaded,
        report,
        rolled_back,
        after_rollback,
        again,
        loaded_again,
    )


def made_to_fail() -> set[str]:
    sent = [n for n in range(RECORDS) if n not in THERE_BEFORE and n % 50 != 7]
    return {document_id(number) for number in sent if fails(number)}


def test_the_dry_run_sends_nothing_and_announces_what_is_sent(walked: Walked) -> None:
    assert walked.rehearsed.code == 0, walked.rehearsed.err
    assert walked.after_rehearsal == walked.before
    done, foretold = walked.imported.result, walked.rehearsed.result
    names = ("exported", "documents", "seen_again", "held")
    assert {name: foretold[name] for name in names} == {name: done[name] for name in names}
    assert foretold["documents"] == RECORDS - RECORDS // 50


def test_the_report_says_what_the_sandbox_has(walked: Walked) -> None:
    account = walked.report.result["account"]
    failed = made_to_fail()
    assert failed
    assert not failed & walked.loaded.keys()
    assert account["outcomes"] == {
        "loaded": len(walked.loaded) - len(walked.before),
        "already_there": len(THERE_BEFORE),
        "rejected": len(failed),
        "held": RECORDS // 50,
        "in_doubt": 0,
        "rolled_back": 0,
        "unfinished": 0,
    }
    assert (account["exported"], account["unaccounted"]) == (RECORDS, 0)
    assert walked.imported.result["seen_again"] == RECORDS // 100
    listed = walked.report.result["rejected"]
    assert {one["document_id"] for reason in listed for one in reason["listed"]} == failed


def test_ids_has_a_row_for_each_record_with_the_document_of_the_sandbox(walked: Walked) -> None:
    with (walked.folder / "ids.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["id"] for row in rows}) == RECORDS
    states = Counter(row["state"].partition(":")[0] for row in rows)
    outcomes = walked.report.result["account"]["outcomes"]
    assert states == {name: count for name, count in outcomes.items() if count}
    for row in rows:
        if row["state"] in ("loaded", "already_there"):
            held = walked.loaded[row["document_id"]]["metadata"]["original_id"]
            assert held == row["id"]


def test_a_rollback_leaves_exactly_what_was_there_before(walked: Walked) -> None:
    assert walked.rolled_back.code == 0, walked.rolled_back.err
    assert walked.after_rollback == walked.before
    assert walked.rolled_back.result["unaccounted"] == 0


def test_importing_again_gives_the_first_state_again(walked: Walked) -> None:
    assert walked.again.code == walked.imported.code == 1
    assert walked.loaded_again == walked.loaded
    account = (
        "exported",
        "loaded",
        "already_there",
        "held",
        "rejected",
        "rolled_back",
        "documents",
    )
    first, second = walked.imported.result, walked.again.result
    assert json.dumps({name: second[name] for name in account}) == json.dumps(
        {name: first[name] for name in account}
    )
