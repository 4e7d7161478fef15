"""Where to change what: the page knows every module, and none that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST = ROOT / "src" / "synap_import"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
# The first table begins under this heading, and no other comes behind this one.
TABLES = PAGE[PAGE.index("### Reading") : PAGE.index("## When something is sent")]
ROWS = [line for line in TABLES.splitlines() if line.startswith("| ")]
NAMED = sorted({name for row in ROWS for name in re.findall(r"`([\w./-]+(?:\.py|\.json|/))`", row)})
MODULES = sorted(
    path.name if path.is_file() else f"{path.name}/"
    for path in HOST.iterdir()
    if path.suffix == ".py" or (path / "__init__.py").exists()
)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_named(module: str) -> None:
    assert module in NAMED or any(name.startswith(module) for name in NAMED if "/" in module)


@pytest.mark.parametrize("name", NAMED)
def test_every_name_is_there(name: str) -> None:
    """Below the host, beside a name of the same row, or in the repository."""
    row = next(row for row in ROWS if f"`{name}`" in row)
    folders = [HOST / folder for folder in re.findall(r"`([\w/]+/)[\w.]*`", row)]
    places = [HOST, ROOT, *folders, *(ROOT / one for one in re.findall(r"`(tests/[\w/]+/)", row))]
    assert any((place / name).exists() for place in places) or "NAME" in name


def test_every_promise_names_tests_that_are_there() -> None:
    named = re.findall(r"`((?:tests|plugins)/[\w./-]+)`", PAGE[PAGE.index("## Promises") :])
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []
