"""What plugins declare beside sources is found, checked and listed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import memories, run, write_lines
from support.plugin_sites import IMPORTS, declaring, install
from synap_import.plugins import discover

ALL = (
    IMPORTS
    + """
@hookimpl
def synap_import_transforms():
    return [TransformDeclaration("shout", "Shout", "7", "acme_plugin:nothing")]

@hookimpl
def synap_import_checks():
    return [CheckDeclaration("acme", "Acme's check", "acme_plugin:nothing")]

@hookimpl
def synap_import_sections():
    return [SectionDeclaration("acme", "Acme's section", "acme_plugin:nothing")]

@hookimpl
def synap_import_commands():
    return [CommandDeclaration("greet", "Say hello.", "acme_plugin:nothing")]

@hookimpl
def synap_import_destinations():
    return [DestinationDeclaration("shelf", "A shelf", "acme_plugin:nothing")]
"""
)


def test_the_command_plugins_lists_what_each_brings(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", ALL)
    done = run("plugins")
    assert done.code == 0
    listed = done.out.partition("synap-import-acme 1.2\n")[2].splitlines()[:5]
    assert [line.split("  ")[1] for line in listed] == [
        "transform shout 7",
        "check acme",
        "section acme",
        "command greet",
        "destination shelf",
    ]
    assert done.out.startswith("Hooks 1.0\n")


def test_for_programs_it_is_json(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", ALL)
    told = json.loads(run("plugins", "--json").out)
    assert told["hook_version"] == "1.0"
    (acme,) = [one for one in told["plugins"] if one["plugin"] == "synap-import-acme"]
    shout = {"hook": "transform", "name": "shout", "summary": "Shout", "version": "7"}
    assert acme["hooks"][0] == shout
    assert (told["broken"], told["conflicts"]) == ([], [])


def test_a_broken_plugin_is_named_and_the_exit_code_says_so(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", "raise RuntimeError('old version')")
    done = run("plugins")
    assert done.code == 2
    assert "synap-import-acme 1.2 cannot be used: RuntimeError: old version" in done.err
    assert "synap-import-json" in done.out


@pytest.mark.parametrize(
    ("hook", "declaration", "said"),
    [
        ("transforms", "SourceDeclaration('a', 'A', 'b:c')", "must give TransformDeclaration"),
        ("commands", "'greet'", "must give CommandDeclaration"),
        ("commands", "CommandDeclaration('--help', 'A', 'b:c')", "command name '--help'"),
        ("destinations", "DestinationDeclaration('a:b', 'A', 'b:c')", "destination name 'a:b'"),
    ],
)
def test_a_wrong_declaration_breaks_its_plugin_only(
    site: Path, hook: str, declaration: str, said: str
) -> None:
    install(site, "synap-import-acme", "acme_plugin", declaring(hook, declaration))
    plugins = discover()
    assert said in plugins.broken[0].reason
    assert "json" in plugins.sources


@pytest.mark.parametrize(
    ("hook", "declaration"),
    [
        ("transforms", "TransformDeclaration('same', 'A', '1', 'b:c')"),
        ("checks", "CheckDeclaration('same', 'A', 'b:c')"),
        ("sections", "SectionDeclaration('same', 'A', 'b:c')"),
        ("commands", "CommandDeclaration('same', 'A', 'b:c')"),
        ("destinations", "DestinationDeclaration('same', 'A', 'b:c')"),
    ],
)
def test_a_name_that_two_plugins_declare_is_nobodys(
    site: Path, hook: str, declaration: str
) -> None:
    install(site, "synap-import-acme", "acme_plugin", declaring(hook, declaration))
    install(site, "synap-import-other", "other_plugin", declaring(hook, declaration))
    plugins = discover()
    assert "same" not in getattr(plugins, hook)
    (conflict,) = plugins.conflicts
    assert set(conflict.distributions) == {"synap-import-acme", "synap-import-other"}


def test_without_such_plugins_nothing_that_calls_them_is_imported(tmp_path: Path) -> None:
    """An import and a report, with the source alone installed."""
    file = write_lines(tmp_path / "m.jsonl", memories(300))
    work = ["--workdir", str(tmp_path / "work")]
    load = ["json", str(file), "--user-map", "identity", "--to", "sandbox", *work]
    script = f"""
import sys
from importlib import metadata

real = metadata.entry_points
def only_json(**chosen):
    found = real(**chosen)
    return [one for one in found if chosen != {{"group": "synap_import"}} or one.name == "json"]
metadata.entry_points = only_json

from synap_import.cli.main import main
from synap_import.plugins import discover
assert [*discover().sources] == ["json"]
for arguments in ({load!r}, ["report", "--json", *{work!r}], ["--help"]):
    try: main(arguments)
    except SystemExit as end: assert not end.code, (arguments, end.code)
ours = [one for one in sys.modules if one.split(".")[:2] == ["synap_import", "hooks"]]
assert not ours, ours
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
