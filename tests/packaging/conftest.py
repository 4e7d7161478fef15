"""All distributions of the repository, built once for all tests that look at them."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
PROJECTS = [ROOT, *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]
_LONGEST = 350


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist of each, and the wheel that was made of that sdist."""
    # Workers have a folder each, side by side; without any it is the one of the session.
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "distributions"
    with FileLock(f"{folder}.lock", timeout=_LONGEST):
        if not (folder / ".complete").exists():
            with ThreadPoolExecutor(2) as builders:
                list(builders.map(lambda project: _build(project, folder), PROJECTS))
            (folder / ".complete").touch()
    return folder


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
