"""Wheels of what the environment of the tests has, so that an installer needs no registry.

Installers that make an environment of their own (pipx, uv) see nothing of ours: they want files.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePath

from packaging.utils import canonicalize_name

# What pip wrote beside the files of the wheel.
_OF_THE_INSTALLER = frozenset({"INSTALLER", "REQUESTED", "direct_url.json"})


def write_wheels(names: Iterable[str], folder: Path) -> None:
    """One of each distribution, of the files that it was installed with."""
    for name in names:
        _write(distribution(name), folder)


def _write(installed: Distribution, folder: Path) -> None:
    name = canonicalize_name(installed.metadata["Name"]).replace("-", "_")
    path = folder / f"{name}-{installed.version}-{_tag(installed)}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file in _files(installed):
            wheel.write(installed.locate_file(file), file.as_posix())


def _files(installed: Distribution) -> Iterator[PurePath]:
    """Commands are left out: whoever installs the wheel writes them anew."""
    for file in installed.files or ():
        outside = file.is_absolute() or file.parts[0] == ".."
        if not outside and "__pycache__" not in file.parts and file.name not in _OF_THE_INSTALLER:
            yield file


def _tag(installed: Distribution) -> str:
    """Of ``py2.py3-none-any``, which stands as two in the file, and other ones."""
    lines = (installed.read_text("WHEEL") or "").splitlines()
    tags = [line.removeprefix("Tag: ").split("-") for line in lines if line.startswith("Tag: ")]
    return "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))
