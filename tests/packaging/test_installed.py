"""Installed from the wheels by somebody who has nothing else of it, the tool does its work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.as_a_user import ROOT, Machine, new_machine
from support.closures import closure, top_names

# The first test waits until everything is built.
pytestmark = [pytest.mark.timeout(400), pytest.mark.thorough]

IN_AN_ENVIRONMENT = """
python -m venv .venv
. .venv/bin/activate
pip install -q {wanted}
"""

FIRST_MOVE = f"""
cp {ROOT}/examples/memories.jsonl {ROOT}/examples/users.csv .
synap-import json memories.jsonl --user-map users.csv --to sandbox --json > result.json
"""


def machine_with(built: Path, folder: Path, *wanted: str) -> Machine:
    """One that has downloaded what these need, and no more."""
    return new_machine(folder, wheels=built, having=top_names(closure(*wanted)))


def result_of(machine: Machine) -> dict[str, object]:
    found = json.loads((machine.home / "result.json").read_text())
    assert isinstance(found, dict)
    return found


@pytest.fixture
def installed(built: Path, tmp_path: Path) -> Machine:
    """An environment with the host and the source for files, and nothing that they do not need."""
    machine = machine_with(built, tmp_path / "machine", "synap-import-json")
    ran = machine.run(IN_AN_ENVIRONMENT.format(wanted="synap-import synap-import-json"))
    assert ran.code == 0, ran.said
    return machine


def in_it(machine: Machine, script: str) -> str:
    ran = machine.run(f". .venv/bin/activate\n{script}")
    assert ran.code == 0, ran.said
    return ran.said


def test_the_first_move_and_all_that_lies_beside_the_code(installed: Machine) -> None:
    assert "json" in in_it(installed, "synap-import sources")
    in_it(installed, FIRST_MOVE)
    assert result_of(installed)["loaded"] == 10

    # The page of a finding, the mapping of a known format, the template of a plugin.
    assert "pip install" in in_it(installed, "synap-import explain privacy-not-checked")
    dump = ROOT / "plugins" / "json" / "tests" / "data" / "mem0_get_all.json"
    assert "mem0" in in_it(installed, f"synap-import export json {dump} --output records.jsonl")
    in_it(installed, "synap-import new-plugin acme --license apache-2.0")
    project = installed.home / "synap-import-acme"
    assert (project / "src" / "synap_import_acme" / "py.typed").is_file()
    assert "Apache License" in (project / "LICENSE").read_text()

    # Without the extras there is a sentence that says what to install.
    assert "synap-import[report]" in in_it(installed, "synap-import report 2>&1 || test $? = 2")
    assert "| " in in_it(installed, "synap-import report --markdown")
    redact = "synap-import json memories.jsonl --user-map users.csv --to sandbox --new-job --redact"
    assert "synap-import[privacy]" in in_it(installed, f"{redact} 2>&1 || test $? = 2")


def test_the_host_alone_has_no_source_and_says_how_to_add_one(built: Path, tmp_path: Path) -> None:
    machine = machine_with(built, tmp_path / "machine", "synap-import")
    ran = machine.run(IN_AN_ENVIRONMENT.format(wanted="synap-import") + "synap-import --help\n")
    assert ran.code == 0, ran.said
    assert "(none)" in ran.said
    assert "Install it with `pip install" in ran.said


def test_the_page_of_a_report_is_made_with_its_extra(built: Path, tmp_path: Path) -> None:
    wanted = ("synap-import[report]", "synap-import-json")
    machine = machine_with(built, tmp_path / "machine", *wanted)
    ran = machine.run(
        IN_AN_ENVIRONMENT.format(wanted=" ".join(f"'{one}'" for one in wanted))
        + FIRST_MOVE
        + "synap-import report --html report.html\n"
    )
    assert ran.code == 0, ran.said
    page = (machine.home / "report.html").read_text()
    assert "<style>" in page
    assert "<svg" in page


def test_a_program_that_imports_it_is_type_checked(built: Path, tmp_path: Path) -> None:
    machine = machine_with(built, tmp_path / "machine", "synap-import-json", "mypy")
    ran = machine.run(
        IN_AN_ENVIRONMENT.format(wanted="synap-import")
        + f"python -m mypy --strict {ROOT}/examples/import_with_progress.py\n"
        + "python -m mypy --strict -c 'import synap_import as s; s.run_import(1)' || test $? = 1\n"
    )
    assert ran.code == 0, ran.said
    assert "Success: no issues found" in ran.said
    assert 'has incompatible type "int"' in ran.said
