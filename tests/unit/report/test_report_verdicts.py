"""A report begins with how the job stands and what to do next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from support.report_jobs import Told, facts_of, told
from synap_import.report.verdicts import Standing, judge
from synap_import.sources import Finding, Severity


@pytest.mark.parametrize(
    ("records", "standing", "headline"),
    [
        ([told(0), told(1, "held")], Standing.GOOD, "Every record is accounted for"),
        (
            [told(0), told(1, "rejected", "bad")],
            Standing.ATTENTION,
            "Every record is accounted for; 1 was rejected",
        ),
        (
            [told(0), told(1, "undecided")],
            Standing.ATTENTION,
            "Not finished: 1 record waits for an end",
        ),
        ([told(1, "held")], Standing.ATTENTION, "Nothing was loaded"),
        ([], Standing.ATTENTION, "Nothing came out of the source"),
    ],
)
def test_how_the_job_stands(
    tmp_path: Path, records: list[Told], standing: Standing, headline: str
) -> None:
    verdict = judge(facts_of(tmp_path, *records))
    assert (verdict.standing, verdict.headline) == (standing, headline)


def test_the_sentence_has_the_numbers(tmp_path: Path) -> None:
    verdict = judge(facts_of(tmp_path, told(0), told(1, "already there"), told(2, "held")))
    assert verdict.sentence == "2 of 3 records (66.7 %) are in Synap, 1 held back for a reason."


def test_a_source_that_holds_more_than_came_out_is_worse_than_rejected_records(
    tmp_path: Path,
) -> None:
    missing = Finding(Severity.ERROR, "json-missing", "3 records did not come out")
    facts = facts_of(tmp_path, told(0), told(1, "rejected", "bad"), findings=[missing])
    assert judge(facts).standing is Standing.BAD
    assert judge(facts).headline == "The source holds more than came out of it"


def test_records_without_a_state_are_a_fault_of_the_tool(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, told(0))
    lost = replace(facts, account=replace(facts.account, unaccounted=2))
    assert judge(lost).headline == "2 records are unaccounted for: a fault of this tool"


def test_what_to_do_next_names_the_commands_with_the_job(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, told(0), told(1, "rejected", "bad"), confirmed=False)
    job = facts.about.job
    assert [step.command for step in judge(facts).steps] == [
        f"synap-import rejected {job}",
        f"synap-import retry {job}",
        f"synap-import confirm {job} --confirm all",
        f"synap-import ids {job}",
    ]
