"""The audit fails for a vulnerability, and only for what is known."""

from __future__ import annotations

import json

import pytest

from security.advisories import judge

CLEAN = {"name": "anyio", "version": "4.0", "vulns": []}
UNKNOWN = {"name": "inhouse", "skip_reason": "not found"}
BAD = {
    "name": "leaky",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}, {"id": "PYSEC-2", "fix_versions": []}],
}


def report(*dependencies: object) -> str:
    return json.dumps({"dependencies": dependencies})


def test_a_vulnerability_fails_and_is_named() -> None:
    verdict = judge(report(CLEAN, BAD, UNKNOWN), "")
    assert verdict.code == 1
    assert "leaky 1.0: PYSEC-1, mended in 1.1" in verdict.line
    assert "leaky 1.0: PYSEC-2, mended in no version yet" in verdict.line


def test_a_clean_lock_passes_and_says_what_was_not_checked() -> None:
    verdict = judge(report(CLEAN, UNKNOWN), "")
    assert verdict == ("audit: 1 pinned packages, no known vulnerability; not in the database: "
                       "inhouse", 0)  # fmt: skip


@pytest.mark.parametrize(
    ("out", "complaints"),
    [
        (report(UNKNOWN, UNKNOWN), ""),
        ("", "requests.exceptions.ConnectionError: Failed to resolve 'advisories.example'"),
        ("", "ERROR:pip_audit._cli:Connection timed out"),
    ],
    ids=["a mirror without advisories", "no network", "a slow network"],
)
def test_a_database_out_of_reach_is_said_and_no_failure(out: str, complaints: str) -> None:
    verdict = judge(out, complaints)
    assert verdict.code == 0
    assert "SKIPPED" in verdict.line


@pytest.mark.parametrize(
    "complaints", ["No module named pip_audit", "ERROR: requirements.lock is not pinned", ""]
)
def test_an_audit_that_did_not_happen_is_a_failure(complaints: str) -> None:
    assert judge("", complaints).code == 1


def test_an_advisory_that_does_not_reach_us_is_passed_over_and_no_other() -> None:
    disputed = {"id": "PYSEC-0", "aliases": ["CVE-2023-48022"], "fix_versions": []}
    ray = {"name": "ray", "version": "2.60", "vulns": [disputed]}
    assert judge(report(ray), "").code == 0
    other = {"id": "PYSEC-9", "aliases": [], "fix_versions": ["3"]}
    verdict = judge(report({**ray, "vulns": [disputed, other]}), "")
    assert verdict.code == 1
    assert "PYSEC-0" not in verdict.line
