"""What a new plugin and its parts are called, all made of the name of its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from synap_import.errors import ConfigurationError

LONGEST = 30
"""It is typed, and stands in the first column of lists."""

_PREFIX = "synap-import-"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Its key would have the name of the key of Synap.
_SYNAP = "synap"


@dataclass(frozen=True, slots=True)
class Names:
    """``source`` is typed on the command line, ``title`` is what people call the service."""

    source: str
    title: str

    @property
    def distribution(self) -> str:
        """What pip installs."""
        return f"{_PREFIX}{self.source}"

    @property
    def package(self) -> str:
        """What Python imports."""
        return self.distribution.replace("-", "_")

    @property
    def prefix(self) -> str:
        """How its classes begin; with a word behind it, it is never one of Python's or ours."""
        return "".join(word.capitalize() for word in self.source.split("-"))

    @property
    def variable(self) -> str:
        """How its environment variables begin."""
        return self.source.replace("-", "_").upper()


def named(source: str, title: str, taken: Mapping[str, str]) -> Names:
    """The names of a new plugin. ``taken`` says of each name that is not free who has it.

    Raises ConfigurationError with a name that would do, where there is one.
    """
    if not _NAME.fullmatch(source) or source.startswith(_PREFIX) or len(source) > LONGEST:
        raise ConfigurationError(
            f"{source!r} cannot be the name of a source. It is typed on the command line: up to "
            f"{LONGEST} small letters, digits and single hyphens, beginning with a letter.",
            remedy=_suggestion(source),
        )
    if source == _SYNAP:
        raise ConfigurationError(
            f"'{_SYNAP}' is where memories are loaded, and SYNAP_API_KEY is its key.",
            remedy="Name the plugin after what it reads.",
        )
    if source in taken:
        raise ConfigurationError(
            f"The name '{source}' is taken: {taken[source]}.",
            remedy="Two of one name cannot be installed together; choose another.",
        )
    title = title.strip() or " ".join(word.capitalize() for word in source.split("-"))
    if not title.isprintable() or any(sign in title for sign in '"\\{}`'):
        raise ConfigurationError(
            "The title goes into Python, TOML and Markdown: one line, without quotes, braces, "
            "backticks and backslashes."
        )
    return Names(source, title)


def _suggestion(source: str) -> str:
    words = re.findall(r"[a-z0-9]+", source.lower().removeprefix(_PREFIX))
    better = "-".join(words).lstrip("0123456789-")
    fits = _NAME.fullmatch(better) and len(better) <= LONGEST
    return f"Would '{better}' do?" if fits else ""
