"""Codes are stable, each has a page, and what the host finds has a code."""

from __future__ import annotations

from pathlib import Path

import pytest

from synap_import.errors import ConfigurationError
from synap_import.identity import load_user_map, user_map_findings
from synap_import.ledger.plans import DOCUMENT_ID_TAKEN
from synap_import.ledger.staging import OTHER_CONTENT
from synap_import.planning import Hold, hold_of
from synap_import.preflight import CATALOG, accepted_codes, explained
from synap_import.preflight.codes import held
from synap_import.records import State
from synap_import.sources import Severity

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "src" / "synap_import" / "preflight" / "pages"
INDEX = ROOT / "docs" / "findings" / "README.md"
SECTIONS = ["## What it means", "## Why it matters", "## Example", "## What to do"]


def pages() -> set[str]:
    return {path.stem for path in PAGES.glob("*.md")}


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert pages() == set(CATALOG)


@pytest.mark.parametrize("code", CATALOG)
def test_a_page_says_what_why_an_example_and_what_to_do(code: str) -> None:
    entry = CATALOG[code]
    lines = (PAGES / f"{code}.md").read_text().splitlines()
    assert lines[0] == f"# {code}"
    assert lines[2] == f"*{entry.severity}*: {entry.title}."
    assert [line for line in lines if line.startswith("## ")] == SECTIONS
    starts = [lines.index(section) for section in SECTIONS]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        assert "".join(lines[start + 1 : end]).strip()


@pytest.mark.parametrize("code", CATALOG)
def test_links_of_a_page_lead_to_pages(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text()
    for target in text.split("](")[1:]:
        assert (PAGES / target.partition(")")[0]).exists()


def test_the_index_lists_every_code_with_its_severity_and_page() -> None:
    rows = [line for line in INDEX.read_text().splitlines() if line.startswith("| [")]
    folder = "../../src/synap_import/preflight/pages"
    assert rows == [
        f"| [{one.name}]({folder}/{one.name}.md) | {one.severity} | {one.title} |"
        for one in CATALOG.values()
    ]


def test_codes_are_kebab_case() -> None:
    for code in CATALOG:
        assert code == code.lower()
        assert code.replace("-", "").isalnum()


def test_every_reason_of_the_host_to_hold_is_a_code() -> None:
    states = [hold_of(state) for state in State if state is not State.ACTIVE]
    for reason in [*Hold, *states, *OTHER_CONTENT, DOCUMENT_ID_TAKEN]:
        assert CATALOG[reason].hold


def test_what_is_said_about_a_user_map_has_codes(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(
        "scope,source_id,user_id,action\n"
        "user,ada,,\nuser,*,all,\nagent,bot,,client-scope\nuser,a:{user},{user},\n"
    )
    found = user_map_findings(load_user_map(path))
    assert len({one.code for one in found}) == 4
    assert all(CATALOG[one.code].severity is one.severity for one in found)


def test_a_reason_that_a_source_made_up_keeps_its_name() -> None:
    code = held("copy-of-message")
    assert (code.name, code.severity) == ("copy-of-message", Severity.INFO)
    assert "--include copy-of-message" in code.remedy


def test_a_code_that_is_no_reason_to_hold_does_not_speak_for_a_source() -> None:
    assert held("time-odd").hold


def test_an_unknown_code_to_accept_lists_those_that_look_like_it() -> None:
    with pytest.raises(ConfigurationError, match="Do you mean merged-by-rule"):
        accepted_codes(["merge-by-rule"], "mem0")


def test_codes_of_the_source_can_be_accepted_before_they_are_found() -> None:
    assert accepted_codes(["mem0-memories-missing"], "mem0") == {"mem0-memories-missing"}
    with pytest.raises(ConfigurationError):
        accepted_codes(["mem0-memories-missing"], "zep")


def test_a_code_that_the_source_found_can_be_accepted_whatever_its_name() -> None:
    assert accepted_codes(["not-an-admin"], "mem0", ["not-an-admin"]) == {"not-an-admin"}


def test_what_synap_refuses_cannot_be_accepted() -> None:
    with pytest.raises(ConfigurationError, match="would refuse") as caught:
        accepted_codes(["b2b-without-customer"], "mem0")
    assert "customer_id" in caught.value.remedy


def test_few_codes_are_errors() -> None:
    errors = [one.name for one in CATALOG.values() if one.severity is Severity.ERROR]
    assert sorted(errors) == [
        "b2b-without-customer",
        "b2c-with-customer",
        "gone-too-many",
        "merged-by-rule",
        "unmapped-user",
        "wider-than-source",
    ]


def test_a_mistyped_code_to_explain_lists_those_that_look_like_it() -> None:
    with pytest.raises(ConfigurationError, match="time-odd"):
        explained("time-od")
