"""Checks of plugins take part in the pre-flight; one that fails is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.commands import Finished, Sandbox, memories, run, sandbox, write_lines
from support.plugin_sites import declaring, install

FINDS = """
from synap_import import Finding, Severity

async def check(job):
    seen = [one async for page in job.pages() for one in page]
    held = sum(one.hold is not None for one in seen)
    raw = sum(one.record.raw is not None for one in seen)
    said = f"{len(seen)} seen, {held} held, {raw} raw, from {job.source}"
    return [Finding(Severity.ERROR, "acme-found", said)]
"""
RAISES = "\nasync def check(job):\n    raise KeyError('owner')\n"
OTHERS_CODE = FINDS.replace("acme-found", "time-missing")


def write(site: Path, code: str, *, may_stop: bool) -> None:
    declared = f"CheckDeclaration('acme', 'Acme', 'acme_plugin:check', may_stop={may_stop})"
    install(site, "synap-import-acme", "acme_plugin", declaring("checks", declared) + code)


def load(tmp_path: Path, there: Sandbox, *options: str) -> Finished:
    rows = [*memories(4), {**memories(5)[4], "content": " "}]
    file = write_lines(tmp_path / "m.jsonl", rows)
    where = ("--workdir", tmp_path / "work", "--synap-url", there.url, "--confirm", "none")
    rules = ("--user-map", "identity")
    return run("json", file, *rules, *where, *options, SYNAP_API_KEY="synap_test")


def findings(tmp_path: Path) -> dict[str, str]:
    told = run("report", "--json", "--workdir", tmp_path / "work").result["findings"]
    return {one["code"]: one["severity"] for one in told}


def test_a_check_that_may_stop_a_load_has_nothing_sent(tmp_path: Path, site: Path) -> None:
    write(site, FINDS, may_stop=True)
    with sandbox(tmp_path) as there:
        done = load(tmp_path, there)
        assert done.code == 2
        assert "5 seen, 1 held, 0 raw, from json" in done.err
        assert there.documents() == []
        assert load(tmp_path, there, "--accept", "acme-found").code == 0
        assert len(there.documents()) == 4


def test_errors_of_another_check_are_warnings(tmp_path: Path, site: Path) -> None:
    write(site, FINDS, may_stop=False)
    with sandbox(tmp_path) as there:
        assert load(tmp_path, there).code == 0
        assert len(there.documents()) == 4
    assert findings(tmp_path)["acme-found"] == "warning"


@pytest.mark.parametrize("code", [RAISES, OTHERS_CODE], ids=["raises", "uses a code of others"])
def test_a_check_that_fails_is_named_and_the_load_goes_on(
    tmp_path: Path, site: Path, code: str
) -> None:
    write(site, code, may_stop=False)
    with sandbox(tmp_path) as there:
        assert load(tmp_path, there).code == 0
    assert findings(tmp_path)["check-failed"] == "warning"
    report = run("report", "--json", "--workdir", tmp_path / "work").out
    assert "synap-import-acme 1.2" in json.loads(report)["findings"][0]["examples"][0]


def test_a_check_that_fails_and_may_stop_a_load_stops_it(tmp_path: Path, site: Path) -> None:
    write(site, RAISES, may_stop=True)
    with sandbox(tmp_path) as there:
        done = load(tmp_path, there)
        assert done.code == 2
        assert "synap-import-acme 1.2" in done.err
        assert there.documents() == []
        assert load(tmp_path, there, "--accept", "check-failed").code == 0
