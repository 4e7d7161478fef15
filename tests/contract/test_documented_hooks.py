"""Every hook, option, code and exit code that there is, is told of on a page."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import click
import pytest

from synap_import import hookspecs
from synap_import.cli.main import OWN_COMMANDS, cli
from synap_import.hooks import contract
from synap_import.preflight import CATALOG

ROOT = Path(__file__).parents[2]
HOOKS = (ROOT / "docs" / "hooks.md").read_text()
PAGES = "\n".join(path.read_text() for path in sorted((ROOT / "docs").rglob("*.md")))
SOURCES = sorted((ROOT / "src" / "synap_import").rglob("*.py"))

HOOK_NAMES = [name for name in vars(hookspecs) if name.startswith("synap_import_")]
DECLARATIONS = [one for name, one in vars(hookspecs).items() if name.endswith("Declaration")]


@pytest.mark.parametrize("name", HOOK_NAMES)
def test_every_hook_is_documented(name: str) -> None:
    assert f"| `{name}` |" in HOOKS
    assert inspect.getdoc(getattr(hookspecs, name))


def test_every_hook_has_a_declaration_that_is_documented() -> None:
    assert len(HOOK_NAMES) == len(DECLARATIONS) == 6
    for declaration in DECLARATIONS:
        assert is_dataclass(declaration)
        assert f"`{declaration.__name__}`" in HOOKS
        assert {"name", "implementation"} <= {field.name for field in fields(declaration)}


@pytest.mark.parametrize("name", ["Delivery", "JobView", "Section", "Target"])
def test_what_a_hook_is_given_or_gives_is_documented(name: str) -> None:
    assert name in HOOKS or name == "Delivery"
    for member in getattr(getattr(contract, name), "__protocol_attrs__", ()):
        assert inspect.getdoc(inspect.getattr_static(getattr(contract, name), member))


def test_the_hooks_are_on_one_screen_and_their_version_is_told() -> None:
    lines = Path(hookspecs.__file__).read_text().splitlines()
    assert len(lines) < 150
    assert f"`HOOK_VERSION` is {hookspecs.HOOK_VERSION}" in HOOKS


def test_the_hooks_import_nothing_heavy() -> None:
    tree = ast.parse(Path(hookspecs.__file__).read_text())
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported == {"__future__", "collections.abc", "dataclasses", "pluggy"}


def every_command() -> list[tuple[str, click.Command]]:
    group = cli()
    context = group.make_context("synap-import", [], resilient_parsing=True)
    found = []
    for name in [*OWN_COMMANDS, *group.list_commands(context)]:
        command = group.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            inner = click.Context(command, parent=context)
            names = command.list_commands(inner)
            found += [(f"{name} {one}", command.get_command(inner, one)) for one in names]
    return found


def test_every_option_of_every_command_says_what_it_does() -> None:
    options = [
        (name, option)
        for name, command in every_command()
        for option in command.params
        if isinstance(option, click.Option)
    ]
    assert len(options) > 300
    silent = [f"{name} {option.opts[0]}" for name, option in options if not option.help]
    assert silent == []


def codes_in(tree: ast.AST) -> set[str]:
    """The codes written down in calls of ``Finding(severity, code, …)``."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (call for call in calls if getattr(call.func, "id", "") == "Finding")
    codes = [*(call.args[1:2] for call in named)]
    return {arg.value for args in codes for arg in args if isinstance(arg, ast.Constant)}


def test_every_code_that_the_host_gives_a_finding_is_documented() -> None:
    written = set().union(*(codes_in(ast.parse(path.read_text())) for path in SOURCES))
    undocumented = {code for code in written - set(CATALOG) if f"`{code}`" not in PAGES}
    assert undocumented == set()


def test_a_code_that_is_not_documented_would_be_noticed() -> None:
    assert codes_in(ast.parse('Finding(Severity.ERROR, "no-such-code", "…")')) == {"no-such-code"}


def test_every_code_of_a_plugin_is_in_its_readme() -> None:
    for plugin in sorted((ROOT / "plugins").iterdir()):
        if not (plugin / "README.md").exists():
            continue
        told = (plugin / "README.md").read_text()
        for path in (plugin / "src").rglob("*.py"):
            for code in codes_in(ast.parse(path.read_text())):
                assert re.search(rf"`{re.escape(code)}`", told), f"{plugin.name}: {code}"
