"""``synap-import report``: a page, Markdown or JSON, of the latest job or of a named one."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from support.commands import Finished, memories, run, write_lines
from support.synap import ScriptedSynap

KEY = {"SYNAP_API_KEY": "synap_test"}


@pytest.fixture
def job(tmp_path: Path, synap: ScriptedSynap) -> str:
    """A job of five records, one of them without words."""
    file = write_lines(tmp_path / "m.jsonl", [*memories(4), {**memories(5)[4], "content": " "}])
    here = ("--workdir", tmp_path / "work", "--synap-url", synap.url)
    done = run("json", file, "--user-map", "identity", *here, "--json", **KEY)
    name: str = done.result["job"]
    return name


def report(tmp_path: Path, *options: str | Path) -> Finished:
    return run("report", *options, "--workdir", tmp_path / "work", cwd=tmp_path)


def test_without_a_choice_it_is_a_page(tmp_path: Path, job: str) -> None:
    done = report(tmp_path)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"The report of job {job} is in report.html.\n"
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert job in page


def test_a_page_is_for_its_owner_only(tmp_path: Path, job: str) -> None:
    report(tmp_path, "--html", "page.html")
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600


def test_json_goes_to_standard_output(tmp_path: Path, job: str) -> None:
    facts = report(tmp_path, "--json").result
    assert facts["about"]["job"] == job
    assert facts["account"]["outcomes"]["loaded"] == 4
    assert facts["held"][0]["reason"] == "empty-text"
    assert len(facts["moments"]) >= 2


def test_markdown_goes_where_it_is_told_to(tmp_path: Path, job: str) -> None:
    done = report(tmp_path, job, "--markdown", "-o", "report.md")
    assert (done.code, done.out) == (0, "")
    assert (tmp_path / "report.md").read_text().startswith("# ")
    assert "| loaded | 4 |" in report(tmp_path, "--markdown").out


def test_a_page_and_json_at_once(tmp_path: Path, job: str) -> None:
    done = report(tmp_path, "--html", "page.html", "--json")
    assert json.loads(done.out)["about"]["job"] == job
    assert (tmp_path / "page.html").exists()


def test_words_are_left_out_when_told(tmp_path: Path, job: str) -> None:
    with_text = report(tmp_path, "--json").result["held"][0]["listed"][0]
    without = report(tmp_path, "--json", "--no-text").result["held"][0]["listed"][0]
    assert (with_text["text"], without["text"]) == ("", None)


def test_a_file_that_is_there_stays(tmp_path: Path, job: str) -> None:
    (tmp_path / "report.html").write_text("mine")
    done = report(tmp_path)
    assert done.code == 2
    assert "report.html is there already" in done.err
    assert (tmp_path / "report.html").read_text() == "mine"
    assert report(tmp_path, "--force").code == 0


@pytest.mark.parametrize("options", [("--json", "--markdown"), ("-o", "x.json")])
def test_a_choice_that_makes_no_sense_is_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert report(tmp_path, *options).code == 2


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path, job: str) -> None:
    (tmp_path / "missing").mkdir()
    (tmp_path / "missing" / "svg.py").write_text("raise ImportError('no svg', name='svg')")
    path = {"PYTHONPATH": str(tmp_path / "missing")}
    here = ("--workdir", tmp_path / "work")
    done = run("report", *here, cwd=tmp_path, **path)
    assert done.code == 2
    assert "synap-import[report]" in done.err
    assert not (tmp_path / "report.html").exists()
    assert run("report", "--markdown", *here, **path).code == 0


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, job: str) -> None:
    done = report(tmp_path, "--html", "nowhere/report.html")
    assert done.code == 2
    assert "nowhere/report.html cannot be written" in done.err
