"""What is published: complete, licensed, typed, and nothing that belongs to tests."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

# The first test waits until everything is built.
pytestmark = pytest.mark.timeout(400)

ROOT = Path(__file__).parents[2]
NAMES = [
    "synap-import",
    *(
        f"synap-import-{one.parent.name}"
        for one in sorted((ROOT / "plugins").glob("*/pyproject.toml"))
    ),
]
every_distribution = pytest.mark.parametrize("name", NAMES)


def module(name: str) -> str:
    return name.replace("-", "_")


def source_of(name: str) -> Path:
    folder = name.removeprefix("synap-import").removeprefix("-")
    return (ROOT / "plugins" / folder if folder else ROOT) / "src" / module(name)


def wheel_of(name: str, built: Path) -> zipfile.ZipFile:
    (path,) = built.glob(f"{module(name)}-[0-9]*.whl")
    return zipfile.ZipFile(path)


def sdist_of(name: str, built: Path) -> tarfile.TarFile:
    (path,) = built.glob(f"{module(name)}-[0-9]*.tar.gz")
    return tarfile.open(path)


def test_registries_take_all_of_them(built: Path) -> None:
    files = sorted(built.glob("synap_import*"))
    assert len(files) == 2 * len(NAMES)
    checked = subprocess.run(
        [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("PASSED") == len(files)


@every_distribution
def test_a_wheel_holds_every_file_of_its_package_and_no_other(name: str, built: Path) -> None:
    with wheel_of(name, built) as wheel:
        inside = {one for one in wheel.namelist() if ".dist-info/" not in one}
    source = source_of(name)
    there = (path for path in source.rglob("*") if path.is_file())
    assert inside == {
        path.relative_to(source.parent).as_posix()
        for path in there
        if "__pycache__" not in path.parts
    }


@every_distribution
def test_a_wheel_carries_the_licence_and_says_that_it_is_typed(name: str, built: Path) -> None:
    with wheel_of(name, built) as wheel:
        (licence,) = (one for one in wheel.namelist() if one.endswith("licenses/LICENSE"))
        assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()
        assert f"{module(name)}/py.typed" in wheel.namelist()


@every_distribution
def test_a_wheel_holds_no_test_and_no_cassette(name: str, built: Path) -> None:
    with wheel_of(name, built) as wheel:
        files = [PurePosixPath(one) for one in wheel.namelist()]
    assert [one for one in files if {"tests", "cassettes", "data"} & set(one.parts[:-1])] == []
    assert [one for one in files if one.name.startswith("test_") and one.suffix == ".py"] == []


@every_distribution
def test_an_sdist_holds_its_own_project_only(name: str, built: Path) -> None:
    with sdist_of(name, built) as sdist:
        packages = {
            Path(one).parts[2]
            for one in sdist.getnames()
            if Path(one).parts[1:2] == ("src",) and len(Path(one).parts) > 3
        }
        others = [one for one in sdist.getnames() if "/plugins/" in one]
    assert (packages, others) == ({module(name)}, [])
