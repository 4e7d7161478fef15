"""``explain`` knows the codes of the host, and why installed sources hold records."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import run
from support.plugin_sites import declaring, install
from support.reasons import reasons_in
from synap_import.plugins import discover

PLUGINS = Path(__file__).parents[2] / "plugins"

SOURCE = """
from synap_import import HoldReason, Source

class Acme(Source):
    name = "acme"
    holds = {
        "draft": HoldReason("Drafts that nobody has sent", "Nothing to do."),
        "copy": HoldReason("Copies"),
    }
"""


def write_source(site: Path, code: str = SOURCE) -> None:
    declared = "SourceDeclaration('acme', 'Acme', 'acme_plugin:Acme')"
    install(site, "synap-import-acme", "acme_plugin", declaring("sources", declared) + code)


@pytest.mark.parametrize("reason", ["draft", "hold:draft"])
def test_a_reason_of_a_source_is_told_with_who_says_so(site: Path, reason: str) -> None:
    write_source(site)
    said = run("explain", reason).out
    assert said.startswith("# draft\n\n*info*: Drafts that nobody has sent.\n")
    assert "source `acme` (synap-import-acme 1.2)" in said
    assert said.endswith("## What to do\n\nNothing to do.\n")


def test_what_is_not_said_to_be_right_as_it_is_can_be_included(site: Path) -> None:
    write_source(site)
    assert "--include copy loads them all the same." in run("explain", "copy").out


def test_a_reason_of_several_sources_is_told_for_each() -> None:
    said = run("explain", "derived-fact").out
    assert said.count("# derived-fact\n") == 2
    assert "`graphiti`" in said
    assert "`zep`" in said


def test_a_reason_of_the_host_is_its_page() -> None:
    assert run("explain", "hold:empty-text").out.startswith("# empty-text\n")


def test_the_list_names_every_reason_that_a_readme_tells_of() -> None:
    listed = run("explain").out.partition("Why installed sources hold records:\n")[2]
    told = {line.split()[0] for line in listed.splitlines()}
    named = {one for path in PLUGINS.glob("*/README.md") for one in reasons_in(path.read_text())}
    assert named <= told


def test_a_source_that_cannot_be_imported_does_not_keep_the_others_from_being_explained(
    site: Path,
) -> None:
    write_source(site, "import nothing_of_that_name\n")
    assert "graph-relation" in run("explain").out
    assert run("explain", "graph-relation").code == 0


def test_a_reason_that_is_misspelt_gets_one_that_there_is(site: Path) -> None:
    write_source(site)
    refused = run("explain", "draaft")
    assert refused.code == 2
    assert "Do you mean draft" in refused.err


def test_every_source_tells_its_reasons_before_it_is_known_which_form_is_read() -> None:
    silent = [name for name, one in discover().sources.items() if not one.load().holds]
    # These two hold nothing of their own.
    assert silent == ["sql", "langgraph"]
