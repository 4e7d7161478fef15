"""What is documented is what is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from synap_import.cli.main import cli
from synap_import.errors import ExitCode
from synap_import.planning import Hold
from synap_import.records import record_schema

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_published_schema_is_the_record() -> None:
    published = json.loads((ROOT / "docs" / "record.schema.json").read_text())
    assert published == record_schema(), "run `make schema`"


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_documented(code: ExitCode) -> None:
    assert re.search(rf"^\| {code.value} \|", README, re.MULTILINE)


@pytest.mark.parametrize("reason", Hold)
def test_every_reason_to_hold_is_documented(reason: Hold) -> None:
    assert f"`{reason}`" in (ROOT / "docs" / "states.md").read_text()


def test_every_command_of_the_help_exists() -> None:
    group = cli()
    context = group.make_context("synap-import", [], resilient_parsing=True)
    for name in ("users", "export", "status", "jobs", "sources", "sandbox", "json"):
        command = group.get_command(context, name)
        assert command is not None, name
        assert command.help, name


def test_every_option_of_an_import_has_help() -> None:
    group = cli()
    context = group.make_context("synap-import", [], resilient_parsing=True)
    command = group.get_command(context, "json")
    assert command is not None
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), parameter.name


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--hash=sha256:" in lock
