"""``--guess-mapping``: a file to look through, in place of an import."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from synap_import.cli.main import cli
from synap_import.errors import ConfigurationError
from synap_import.mapping import load_mapping


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    rows = [{"key": f"k{n}", "note": f"note number {n}", "owner": f"u{n}"} for n in range(3)]
    path = tmp_path / "notes.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli(), [str(one) for one in arguments])


def test_the_mapping_is_written_for_its_owner_only(notes: Path, tmp_path: Path) -> None:
    output = tmp_path / "mapping.yaml"
    result = run("json", notes, "--guess-mapping", "-o", output)
    assert result.exit_code == 0
    assert load_mapping(output).content.path == ("note",)
    assert stat.S_IMODE(output.stat().st_mode) == 0o600


def test_without_a_file_it_is_printed(notes: Path) -> None:
    result = run("json", notes, "--guess-mapping")
    assert "\ncontent: note" in result.stdout
    assert "\n# user: owner" in result.stdout


def test_a_mapping_that_is_there_stays(notes: Path, tmp_path: Path) -> None:
    output = tmp_path / "mapping.yaml"
    output.write_text("mine")
    result = run("json", notes, "--guess-mapping", "-o", output)
    assert isinstance(result.exception, ConfigurationError)
    assert output.read_text() == "mine"


def test_an_output_without_a_guess_is_refused(notes: Path, tmp_path: Path) -> None:
    assert run("json", notes, "-o", tmp_path / "x").exit_code == 2


def test_sources_that_guess_nothing_have_no_such_option() -> None:
    assert "--guess-mapping" in run("json", "--help").stdout
    assert "--guess-mapping" not in run("mem0", "--help").stdout
