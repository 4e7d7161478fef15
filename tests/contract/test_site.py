"""The documentation site can be built: no link leads nowhere, no page is left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    commands = (tmp_path / "site" / "reference" / "commands.html").read_text()
    assert "synap-import mem0" in commands
    assert "--user-map" in commands
    names = (tmp_path / "site" / "reference" / "api.html").read_text()
    # One of each part; what a test of a plugin imports is told where it is defined.
    public = ("run_import", "FindingSeen", "SourceDeclaration", "SourceContract", "read_source")
    assert [name for name in public if not re.search(rf'id="[\w.]*\.{name}"', names)] == []


def test_every_page_has_a_place_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert pages <= set(re.findall(r"[\w-]+\.md", navigation))
