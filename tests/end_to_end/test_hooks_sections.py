"""Sections of plugins are in every form of the report, as plain text."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import memories, run, write_lines
from support.plugin_sites import declaring, install

TELLS = """
from synap_import import Section

async def section(job):
    seen = [one.record async for page in job.pages() for one in page]
    words = " ".join(record.text for record in seen)
    users = [(record.scope.user, "<script>alert(1)</script>") for record in seen]
    return Section(f"**Words:** {words}", ("user", "what"), tuple(users))
"""
RAISES = "\nasync def section(job):\n    raise KeyError('owner')\n"
RAGGED = """
from synap_import import Section

async def section(job):
    return Section(header=("one",), rows=(("one", "two"),))
"""


def write(site: Path, code: str) -> None:
    declared = "SectionDeclaration('acme', 'Acme | <b>', 'acme_plugin:section')"
    install(site, "synap-import-acme", "acme_plugin", declaring("sections", declared) + code)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A job of two records."""
    file = write_lines(tmp_path / "m.jsonl", memories(2))
    here = ("--workdir", tmp_path / "work", "--to", "sandbox")
    assert run("json", file, "--user-map", "identity", *here).code == 0
    return tmp_path / "work"


def test_a_section_is_in_the_json(site: Path, work: Path) -> None:
    write(site, TELLS)
    told = run("report", "--json", "--workdir", work).result["sections"]
    ours = [one for one in told if one["plugin"] == "synap-import-acme 1.2"]
    assert ours == [
        {
            "title": "Acme | <b>",
            "plugin": "synap-import-acme 1.2",
            "text": "**Words:** memory 0 memory 1",
            "header": ["user", "what"],
            "rows": [[f"user-{n}", "<script>alert(1)</script>"] for n in range(2)],
        }
    ]


def test_what_a_section_says_means_nothing_to_html_or_markdown(site: Path, work: Path) -> None:
    write(site, TELLS)
    page = work / "page.html"
    assert run("report", "--html", page, "--workdir", work).code == 0
    html = page.read_text()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    markdown = run("report", "--markdown", "--workdir", work).out
    assert r"## Acme \| \<b\>" in markdown
    assert r"\<script\>" in markdown
    assert "**Words" not in markdown


def test_a_report_without_words_gives_none_to_plugins(site: Path, work: Path) -> None:
    write(site, TELLS)
    told = run("report", "--json", "--no-text", "--workdir", work)
    assert "memory 0" not in told.out
    assert "user-0" in told.out


@pytest.mark.parametrize("code", [RAISES, RAGGED], ids=["raises", "a ragged table"])
def test_a_section_that_fails_is_named_in_its_place(site: Path, work: Path, code: str) -> None:
    write(site, code)
    done = run("report", "--markdown", "--workdir", work)
    assert done.code == 0
    assert "This section could not be made: synap-import-acme 1.2 failed" in done.out
    assert "| loaded | 2 |" in done.out
