"""The distributions of the repository, built as they are for a registry."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[2]
PROJECTS = [ROOT, *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]
_LONGEST = 350


def build(project: Path, folder: Path) -> None:
    """Its sdist and its wheel, once for all that ask."""
    complete = folder / f".{project.name}.complete"
    with FileLock(complete.with_suffix(".lock"), timeout=_LONGEST):
        if not complete.exists():
            _build(project, folder)
            complete.touch()


def _build(project: Path, into: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", into, project],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
