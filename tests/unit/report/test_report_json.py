"""The report as JSON has the form that is published."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from support.report_jobs import facts_of, samples, told
from synap_import.report.json_form import as_json, report_schema
from synap_import.sources import Finding, Severity, Unreadable

SCHEMA = Path(__file__).parents[3] / "docs" / "report.schema.json"


def test_the_published_schema_is_that_of_the_facts() -> None:
    assert json.loads(SCHEMA.read_text()) == report_schema()


def test_a_report_is_valid_under_the_published_schema(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        told(0),
        told(1, "held", created_at=None),
        told(2, "rejected", "bad"),
        unreadable=[Unreadable("file:9", "not JSON", "{oops")],
        findings=[Finding(Severity.INFO, "json-x", "something", "do", 2, ("one",))],
        samples=samples(3),
    )
    report = json.loads(as_json(facts))
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(report)
    assert report["report_version"] == 1
    assert report["moments"][2]["loaded"] == 200
    assert report["held"][0]["listed"][0]["id"] == "m-1"


def test_half_characters_do_not_keep_a_report_from_being_json(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, told(0, "held", text="half \ud83d of one"))
    assert "half" in json.loads(as_json(facts))["held"][0]["listed"][0]["text"]
