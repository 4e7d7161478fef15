"""A plugin that raises is named: what it is, whose, and where in its code.

The words of its error are not told: they may be those of a memory, and what is told is kept.
"""

from __future__ import annotations

from pathlib import PurePath
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from synap_import.errors import PluginError

if TYPE_CHECKING:
    from synap_import.plugins import InstalledHook


class WrongAnswerError(Exception):
    """A plugin gave what its hook does not allow; these words are ours."""


def fault(what: str, installed: InstalledHook[Any], error: Exception | str) -> PluginError:
    """The error for what a plugin raised, or did wrong. The same command resumes."""
    said = error if isinstance(error, str) else described(error)
    return PluginError(
        f"The {what} '{installed.declaration.name}' of {installed.origin} failed: {said}. What was "
        "done before is kept.",
        remedy="That is a fault of the plugin: tell its authors, or go on without it.",
    )


def described(error: Exception) -> str:
    """What was raised, and where."""
    if isinstance(error, WrongAnswerError):
        return str(error)
    name = type(error).__name__
    frames = extract_tb(error.__traceback__)
    return (
        f"{name} in {PurePath(frames[-1].filename).name}, line {frames[-1].lineno}"
        if frames
        else name
    )
