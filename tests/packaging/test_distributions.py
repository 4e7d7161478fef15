"""What is published: complete, licensed, typed, and nothing that belongs to tests."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from support.distributions import PROJECTS, ROOT, build
from support.thorough import a_few_of

# The first test waits until everything is built.
pytestmark = pytest.mark.timeout(400)

PROJECT_OF = {
    "synap-import": ROOT,
    **{f"synap-import-{folder.name}": folder for folder in PROJECTS if folder != ROOT},
}
every_distribution = pytest.mark.parametrize("name", a_few_of(PROJECT_OF, ["synap-import"]))


def module(name: str) -> str:
    return name.replace("-", "_")


@pytest.fixture
def wheel(name: str, distributions: Path) -> Iterator[zipfile.ZipFile]:
    build(PROJECT_OF[name], distributions)
    (path,) = distributions.glob(f"{module(name)}-[0-9]*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.fixture
def sdist(name: str, distributions: Path) -> Iterator[tarfile.TarFile]:
    build(PROJECT_OF[name], distributions)
    (path,) = distributions.glob(f"{module(name)}-[0-9]*.tar.gz")
    with tarfile.open(path) as opened:
        yield opened


@pytest.mark.thorough
def test_registries_take_all_of_them(built: Path) -> None:
    files = sorted(built.glob("synap_import*"))
    assert len(files) == 2 * len(PROJECTS)
    checked = subprocess.run(
        [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("PASSED") == len(files)


@every_distribution
def test_a_wheel_holds_every_file_of_its_package_and_no_other(
    name: str, wheel: zipfile.ZipFile
) -> None:
    inside = {one for one in wheel.namelist() if ".dist-info/" not in one}
    source = PROJECT_OF[name] / "src"
    there = (path for path in (source / module(name)).rglob("*") if path.is_file())
    assert inside == {
        path.relative_to(source).as_posix() for path in there if "__pycache__" not in path.parts
    }


@every_distribution
def test_a_wheel_carries_the_licence_and_says_that_it_is_typed(
    name: str, wheel: zipfile.ZipFile
) -> None:
    (licence,) = (one for one in wheel.namelist() if one.endswith("licenses/LICENSE"))
    assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()
    assert f"{module(name)}/py.typed" in wheel.namelist()


@every_distribution
def test_a_wheel_holds_no_test_and_no_cassette(name: str, wheel: zipfile.ZipFile) -> None:
    files = [PurePosixPath(one) for one in wheel.namelist()]
    assert [one for one in files if {"tests", "cassettes", "data"} & set(one.parts[:-1])] == []
    assert [one for one in files if one.name.startswith("test_") and one.suffix == ".py"] == []


@every_distribution
def test_an_sdist_holds_its_own_project_only(name: str, sdist: tarfile.TarFile) -> None:
    packages = {
        Path(one).parts[2]
        for one in sdist.getnames()
        if Path(one).parts[1:2] == ("src",) and len(Path(one).parts) > 3
    }
    others = [one for one in sdist.getnames() if "/plugins/" in one]
    assert (packages, others) == ({module(name)}, [])
