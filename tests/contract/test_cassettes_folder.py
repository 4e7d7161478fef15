"""Every cassette of the repository says where it comes from, is listed, and holds no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synap_import.testing import leaks, load_cassette, read_provenance

ROOT = Path(__file__).parents[2]
CASSETTES = sorted((ROOT / "cassettes").rglob("*.yaml"))
LISTED = re.compile(r"^\| `(?P<name>[\w./-]+\.yaml)` \| (?P<kind>\w+) \|", re.MULTILINE)

each_cassette = pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)


def listed() -> dict[str, str]:
    text = (ROOT / "cassettes" / "PROVENANCE.md").read_text("utf-8")
    return {match["name"]: match["kind"] for match in LISTED.finditer(text)}


def test_the_list_names_every_cassette_with_its_kind_and_nothing_else() -> None:
    folder = ROOT / "cassettes"
    there = {str(path.relative_to(folder)): read_provenance(path).kind for path in CASSETTES}
    assert listed() == there


@each_cassette
def test_it_lies_in_the_folder_of_its_source(path: Path) -> None:
    assert path.parent.name == read_provenance(path).source


@each_cassette
def test_it_holds_nothing_that_looks_like_a_secret_or_like_somebodys(path: Path) -> None:
    assert leaks(load_cassette(path.read_text("utf-8"))) == []


@each_cassette
def test_it_holds_exchanges(path: Path) -> None:
    assert load_cassette(path.read_text("utf-8"))["interactions"]
