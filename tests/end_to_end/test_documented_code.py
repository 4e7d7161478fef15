"""What pages show of Python is right: its types, and what it does where it is more than a call."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import memories, run, write_lines

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "plugin-acme"
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "plugins").glob("*/README.md"))]
# The tutorial is followed as a whole, by a test of its own.
FOLLOWED = "writing-a-plugin.md"


def blocks(page: Path, language: str = "python") -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def in_a_process(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """With the plugin of the tutorial to be imported, as if its author had it installed."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env={"PATH": "", "MYPYPATH": str(EXAMPLE / "src"), "PYTHONPATH": str(EXAMPLE / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_block_of_python_fits_the_types_of_what_it_uses(tmp_path: Path) -> None:
    for page in PAGES:
        if page.name != FOLLOWED:
            for number, block in enumerate(blocks(page)):
                name = re.sub(r"\W", "_", f"{page.relative_to(ROOT)}_{number}")
                (tmp_path / f"{name}.py").write_text(block)
    written = sorted(path.name for path in tmp_path.glob("*.py"))
    assert len(written) > 5
    checked = in_a_process("mypy", "--check-untyped-defs", *written, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("page", ["contract.md", "cassettes.md"])
def test_a_test_on_a_page_is_green(page: str, tmp_path: Path) -> None:
    (block,) = blocks(ROOT / "docs" / page)
    (tmp_path / "test_of_the_page.py").write_text(block)
    shutil.copytree(EXAMPLE / "tests" / "cassettes", tmp_path / "cassettes")
    ran = in_a_process("pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout


def test_the_plugin_on_the_page_about_hooks_does_what_it_is_for(site: Path, tmp_path: Path) -> None:
    page = ROOT / "docs" / "hooks.md"
    for block in blocks(page):
        if named := re.match(r"# (\S+\.py)\n", block):
            path = site / named[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block)
    (project,) = blocks(page, "toml")
    info = site / "synap_import_polite-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: polite\nVersion: 1.0\n")
    entry = project.replace("project.entry-points.", "").replace('"', "")
    (info / "entry_points.txt").write_text(entry)

    rows = [*memories(2), {"id": "rude", "user_id": "user-0", "content": "bother it all"}]
    file = write_lines(tmp_path / "memories.jsonl", rows)
    done = run(
        *(
            "json",
            file,
            "--user-map",
            "identity",
            "--to",
            "sandbox",
            "--workdir",
            tmp_path / "work",
        ),
        *("--transform", "polite", "--json"),
    )
    assert done.code == 0, done.err
    assert (done.result["loaded"], done.result["held"]) == (2, {"rude": 1})
