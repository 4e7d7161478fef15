"""The files of a new plugin, and writing them where nothing is yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from synap_import.errors import ConfigurationError

from . import licences

if TYPE_CHECKING:
    from .licences import Licence
    from .names import Names

# The template's file, and what it becomes. A name per line: no rule has to be known to find one.
_FILES = {
    "pyproject.toml.in": "pyproject.toml",
    "README.md.in": "README.md",
    "gitignore.in": ".gitignore",
    "ci.yml.in": ".github/workflows/ci.yml",
    "declaration.py.in": "src/$package/__init__.py",
    "config.py.in": "src/$package/config.py",
    "source.py.in": "src/$package/source.py",
    "py.typed.in": "src/$package/py.typed",
    "test_contract.py.in": "tests/test_contract.py",
    "test_import.py.in": "tests/test_import.py",
    "reading.yaml.in": "tests/cassettes/reading.yaml",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for."""

    names: Names
    licence: Licence
    author: str
    year: int


def project_files(plan: Plan) -> dict[str, str]:
    """Every file of the new distribution: its path, and what stands in it."""
    names = plan.names
    values = {
        "source": names.source,
        "title": names.title,
        "distribution": names.distribution,
        "package": names.package,
        "prefix": names.prefix,
        "variable": names.variable,
        "licence": licences.declaration(plan.licence),
        "licence_sentence": licences.sentence(plan.licence),
    }
    folder = files(__package__).joinpath("template")
    made = {
        Template(path).substitute(values): Template(
            folder.joinpath(template).read_text("utf-8")
        ).substitute(values)
        for template, path in _FILES.items()
    }
    licence = licences.text(plan.licence, author=plan.author, year=plan.year)
    return made if licence is None else {**made, "LICENSE": licence}


def write_project(folder: Path, made: Mapping[str, str]) -> None:
    """Raises ConfigurationError where something is already, or nothing can be written."""
    try:
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise ConfigurationError(
                f"{folder} is there already, and nothing in it was touched.",
                remedy="Move it away, or name another place: --output FOLDER.",
            )
        for path, content in made.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, "utf-8", newline="\n")
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be written ({error.strerror or error}).",
            remedy="Name another place: --output FOLDER.",
        ) from error
