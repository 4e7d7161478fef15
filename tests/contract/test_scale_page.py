"""The example of a cluster is one that this version understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from synap_import.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
JOB: dict[str, Any] = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
CLUSTER = JOB["spec"]["rayClusterSpec"]
HEAD = CLUSTER["headGroupSpec"]["template"]["spec"]
WORKERS = CLUSTER["workerGroupSpecs"][0]
WORKER = WORKERS["template"]["spec"]


def test_its_command_is_one_of_ours() -> None:
    program, source, *arguments = shlex.split(JOB["spec"]["entrypoint"])
    command = cli().get_command(click.Context(cli()), source)
    assert program == "synap-import"
    assert command is not None
    parsed = command.make_context(source, arguments).params
    assert (parsed["engine"], parsed["ray_address"]) == ("ray", "auto")


def test_there_is_room_for_all_workers() -> None:
    of_each = int(WORKER["containers"][0]["resources"]["requests"]["cpu"])
    wanted = re.search(r"--workers (\d+)", JOB["spec"]["entrypoint"])
    assert wanted is not None
    assert of_each * WORKERS["replicas"] >= int(wanted[1])


@pytest.mark.parametrize("what", ["image", "envFrom", "volumeMounts"])
def test_workers_have_what_the_command_has(what: str) -> None:
    assert WORKER["containers"][0][what] == HEAD["containers"][0][what]
    assert WORKER["volumes"] == HEAD["volumes"]


def test_no_key_is_in_it() -> None:
    assert "KEY" not in yaml.safe_dump(JOB)
    assert "PASSWORD" not in yaml.safe_dump(JOB)


def test_it_names_the_version_of_ray_that_is_tested() -> None:
    locked = re.search(r"^ray==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert locked is not None
    assert CLUSTER["rayVersion"] == locked[1]
    assert f"rayproject/ray:{locked[1]}-" in PAGE
