"""Commands of plugins stand beside the tool's own; one that fails is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import run
from support.plugin_sites import declaring, install

GREETS = """
import click

@click.command()
@click.option("--name", default="you")
def command(name):
    click.echo(f"hello {name}")
    return {"name": 7}
"""
GROUP = """
import click

@click.group()
def command():
    pass

@command.command()
def inner():
    click.echo("inside")
    return 1
"""


def write(site: Path, code: str, name: str = "greet", plugin: str = "acme") -> None:
    module = f"{plugin}_plugin"
    declared = f"CommandDeclaration({name!r}, 'Say hello.', '{module}:command')"
    install(site, f"synap-import-{plugin}", module, declaring("commands", declared) + code)


def test_a_command_is_in_the_help_and_runs(site: Path) -> None:
    write(site, GREETS)
    assert "greet" in run("--help").out.partition("Commands of plugins:")[2]
    done = run("greet", "--name", "Ada")
    assert (done.code, done.out) == (0, "hello Ada\n")


def test_it_may_be_a_group_and_its_number_is_the_exit_code(site: Path) -> None:
    write(site, GROUP)
    done = run("greet", "inner")
    assert (done.code, done.out) == (1, "inside\n")


def test_one_that_raises_is_a_fault_of_its_plugin(site: Path) -> None:
    write(site, GREETS.replace("click.echo(", "raise KeyError("))
    done = run("greet")
    assert done.code == 70
    assert "Raised in a command of synap-import-acme 1.2." in done.err


@pytest.mark.parametrize("code", ["command = 7\n", "import no_such_module\n"])
def test_one_that_is_none_is_named(site: Path, code: str) -> None:
    write(site, code)
    done = run("greet") if "import" not in code else run("plugins")
    assert done.code == 2
    assert "synap-import-acme 1.2" in done.err


def test_two_commands_of_one_name_are_an_error_that_names_both(site: Path) -> None:
    write(site, GREETS)
    write(site, GREETS, plugin="other")
    done = run("greet")
    assert done.code == 2
    assert "'greet' is declared by" in done.err
    assert "synap-import-acme" in done.err
    assert "synap-import-other" in done.err


def test_a_command_named_as_one_of_ours_does_not_take_its_place(site: Path) -> None:
    write(site, GREETS, name="jobs")
    assert "No jobs" in run("jobs").out
    done = run("plugins")
    assert done.code == 2
    assert "The command 'jobs' is declared by synap-import and synap-import-acme." in done.err


def test_a_command_named_as_a_source_is_a_conflict(site: Path) -> None:
    write(site, GREETS, name="json")
    done = run("json", "m.jsonl")
    assert done.code == 2
    assert "synap-import-acme" in done.err
    assert "synap-import-json" in done.err
