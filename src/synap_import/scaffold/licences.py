"""Which licence a new plugin is published under."""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from string import Template


class Licence(StrEnum):
    """What can be chosen; ``none`` leaves it open, and keeps the plugin from being published."""

    APACHE_2_0 = "apache-2.0"
    MIT = "mit"
    NONE = "none"


_SPDX = {Licence.APACHE_2_0: "Apache-2.0", Licence.MIT: "MIT"}

# Registries refuse what is classified so.
_UNPUBLISHED = 'classifiers = ["Private :: Do Not Upload"]'


def declaration(licence: Licence) -> str:
    """The lines of pyproject.toml about it."""
    if licence is Licence.NONE:
        return _UNPUBLISHED
    return f'license = "{_SPDX[licence]}"\nlicense-files = ["LICENSE"]'


def sentence(licence: Licence) -> str:
    """What the README says about it."""
    if licence is Licence.NONE:
        return (
            "No licence is chosen yet, so nobody may use it. When one is, put its text into "
            "`LICENSE` and its\nname into `pyproject.toml`, in place of the classifier that keeps "
            "it from being published."
        )
    return f"{_SPDX[licence]}."


def text(licence: Licence, *, author: str, year: int) -> str | None:
    """What stands in the file LICENSE; None where there is none."""
    if licence is Licence.NONE:
        return None
    template = files(__package__).joinpath("licences", f"{licence}.txt").read_text("utf-8")
    return Template(template).substitute(author=author, year=year)
