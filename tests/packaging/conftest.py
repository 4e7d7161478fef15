"""All distributions of the repository, built once for all tests that look at them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.distributions import PROJECTS, build


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what is built."""
    # Workers have a folder each, side by side; without any it is the one of the session.
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "distributions"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def built(distributions: Path) -> Path:
    """A folder with an sdist of each, and the wheel that was made of that sdist."""
    with ThreadPoolExecutor(2) as builders:
        list(builders.map(lambda project: build(project, distributions), PROJECTS))
    return distributions
