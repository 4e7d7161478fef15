"""Imports go one way: cli → host → records; plugins see public names only."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST = ROOT / "src" / "synap_import"
PUBLIC = {"synap_import", "synap_import.mapping"}

# Each layer may import itself and what stands to its right.
LAYERS = ("cli", "host", "records")
FOUNDATION = {"records", "errors", "hookspecs", "text", "retry_after", "sources"}


def imported(path: Path) -> set[str]:
    """Every module that a file imports, by absolute name."""
    package = ["synap_import", *path.relative_to(HOST).parts[:-1]] if HOST in path.parents else []
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {module} if node.module else {f"{module}.{a.name}" for a in node.names}
    return names


def layer(module: str) -> str | None:
    """The layer of one of our modules."""
    parts = module.split(".")
    if parts[0] != "synap_import":
        return None
    if len(parts) == 1:
        return "records"
    # The command that records is a command line of its own.
    if parts[1] in {"cli", "__main__"} or parts[1:] == ["testing", "recording"]:
        return "cli"
    return "records" if parts[1] in FOUNDATION else "host"


@pytest.mark.parametrize(
    "path", sorted(HOST.rglob("*.py")), ids=lambda path: str(path.relative_to(HOST))
)
def test_no_module_imports_a_layer_above_its_own(path: Path) -> None:
    own = layer(".".join(["synap_import", *path.relative_to(HOST).with_suffix("").parts]))
    assert own is not None
    for name in imported(path):
        other = layer(name)
        # For the type checker only: the contract names the client that the host makes.
        if other and not (path.name == "sources.py" and name.endswith("polite_http")):
            assert LAYERS.index(other) >= LAYERS.index(own), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", sorted(HOST.rglob("*.py")), ids=lambda path: path.name)
def test_the_host_imports_no_adapter(path: Path) -> None:
    assert not {name for name in imported(path) if name.startswith("synap_import_")}


def plugin_files() -> list[Path]:
    return sorted((ROOT / "plugins").glob("*/src/**/*.py"))


@pytest.mark.parametrize("path", plugin_files(), ids=lambda path: f"{path.parts[-2]}/{path.name}")
def test_a_plugin_imports_public_names_only(path: Path) -> None:
    ours = {name for name in imported(path) if name.split(".")[0] == "synap_import"}
    assert ours <= PUBLIC


def test_help_imports_no_adapter_and_nothing_heavy() -> None:
    script = (
        "import sys; from synap_import.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'httpx', 'maximem_synap', 'rich', 'anyio', 'orjson'}\n"
        "found = heavy & sys.modules.keys() | {m for m in sys.modules if m.endswith('.source')}\n"
        "sys.exit(' '.join(found) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
