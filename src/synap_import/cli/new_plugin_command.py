"""``synap-import new-plugin``: the beginning of a plugin for a source of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution, requires
from importlib.util import find_spec
from pathlib import Path
from shlex import quote

import click

from synap_import.errors import ExitCode
from synap_import.plugins import discover
from synap_import.scaffold import Licence, Names, Plan, named, project_files, write_project

_HELP = """Make a plugin that reads NAME: a distribution of its own, with tests that are green.

The adapter reads a made-up service until you put the real one in its place;
docs/writing-a-plugin.md goes through it."""


def new_plugin_command(commands: Iterable[str]) -> click.Command:
    """The command with its options; a source cannot have the name of one of our ``commands``."""
    return click.Command(
        "new-plugin",
        params=[
            click.Argument(["name"]),
            click.Option(
                ["-o", "--output"],
                type=click.Path(path_type=Path),
                metavar="FOLDER",
                help="Where to put it.  [default: synap-import-NAME]",
            ),
            click.Option(
                ["--title"], default="", help="What people call the service: 'Acme Memory Cloud'."
            ),
            click.Option(
                ["--license", "licence"],
                type=click.Choice([one.value for one in Licence]),
                default=Licence.APACHE_2_0.value,
                show_default=True,
                help="Under which licence it will be published.",
            ),
            click.Option(["--author"], default="", help="Whose it is, for the licence MIT."),
        ],
        callback=partial(_run, frozenset(commands)),
        help=_HELP,
    )


def _run(commands: Iterable[str], name: str, output: Path | None, title: str, **given: str) -> int:
    names = named(name, title, _taken(name, commands))
    author = given["author"] or f"the authors of {names.distribution}"
    made = project_files(Plan(names, Licence(given["licence"]), author, datetime.now(UTC).year))
    folder = output or Path(names.distribution)
    write_project(folder, made)
    click.echo(f"{names.distribution} is in {folder}: {len(made)} files.\n\n{_next(names, folder)}")
    return ExitCode.OK


def _next(names: Names, folder: Path) -> str:
    return f"""Next:
  cd {quote(str(folder))}
  pip install -e '.[test]'
  pytest                          # green: it reads a made-up service
  synap-import {names.source} --help

Then make it yours:
  src/{names.package}/source.py   asks your service, and makes records of its answers
  src/{names.package}/config.py   has the options
  tests/cassettes/reading.yaml    is what the service answered; the README says how to record it
docs/writing-a-plugin.md builds a whole one, step by step."""


def _taken(name: str, commands: Iterable[str]) -> Mapping[str, str]:
    """Who has which name: commands, what plugins bring, this project's own plugins, and whatever is
    installed under the name that the new distribution or package would have.
    """
    ours = {
        requirement.split(";")[0].strip().removeprefix("synap-import-"): "this project has a plugin"
        for requirement in requires("synap-import") or ()
        if requirement.startswith("synap-import-")
    }
    own = dict.fromkeys(commands, "it is a command of synap-import")
    return {**_same_package(name), **ours, **_installed(), **own}


def _installed() -> Mapping[str, str]:
    """What cannot be used because several plugins declare it is taken all the same."""
    plugins = discover()
    added = {
        name: f"it is a command of {one.distribution}" for name, one in plugins.commands.items()
    }
    read = {name: f"{one.distribution} reads it" for name, one in plugins.sources.items()}
    several = {
        one.name: f"{' and '.join(sorted(one.distributions))} have it"
        for one in plugins.conflicts
        if one.what in ("source", "command")
    }
    return {**several, **added, **read}


def _same_package(name: str) -> Mapping[str, str]:
    wanted = f"synap-import-{name}"
    package = wanted.replace("-", "_")
    try:
        return {name: f"{wanted} {distribution(wanted).version} is installed"}
    except (PackageNotFoundError, ValueError):
        found = find_spec(package) if package.isidentifier() else None
        return {name: f"there is a package {package}"} if found else {}
