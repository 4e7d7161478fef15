"""Every option has its place on a page that people read: a list in the help is not enough."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from synap_import.cli.main import OWN_COMMANDS, cli
from synap_import.plugins import discover

ROOT = Path(__file__).parents[2]
PAGES = "\n".join(
    path.read_text("utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
)
GROUP = cli()
CONTEXT = GROUP.make_context("synap-import", [], resilient_parsing=True)
SOURCES = discover().sources


def options(*words: str) -> dict[str, click.Option]:
    """Those of a command, by their longest name."""
    command: click.Command | None = GROUP
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(CONTEXT, word)
    assert command is not None
    found = (one for one in command.params if isinstance(one, click.Option))
    return {max(one.opts, key=len): one for one in found}


# What all sources have in common is the host's, the rest a source's own.
OF_AN_IMPORT = set.intersection(*(set(options(source)) for source in SOURCES))


def is_told(name: str, on: str) -> bool:
    """Whether the page names this option, and not only one that begins like it."""
    return re.search(rf"{re.escape(name)}(?![\w-])", on) is not None


def test_there_are_options() -> None:
    assert len(OF_AN_IMPORT) > 30


@pytest.mark.parametrize("name", sorted(OF_AN_IMPORT))
def test_an_option_of_every_import_is_on_a_page(name: str) -> None:
    assert is_told(name, PAGES)


@pytest.mark.parametrize("command", OWN_COMMANDS)
def test_the_options_of_a_command_are_on_a_page(command: str) -> None:
    if isinstance(GROUP.get_command(CONTEXT, command), click.Group):
        found = options(command, "json").keys() - options("json").keys()
    else:
        found = options(command).keys()
    assert [name for name in sorted(found) if not is_told(name, PAGES)] == []


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_the_own_options_of_a_source_are_in_its_readme(source: str) -> None:
    plugin = SOURCES[source].distribution.removeprefix("synap-import-")
    readme = (ROOT / "plugins" / plugin / "README.md").read_text("utf-8")
    own = {name: option for name, option in options(source).items() if name not in OF_AN_IMPORT}
    # A secret is told by its variable: nobody should write one into a command.
    silent = [
        name
        for name, option in own.items()
        if not is_told(name, readme) and str(option.envvar) not in readme
    ]
    assert silent == []


def test_an_option_that_is_not_told_would_be_noticed() -> None:
    assert not is_told("--user", "--user-map users.csv")
