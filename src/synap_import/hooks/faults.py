"""A plugin that raises is named: what it is, whose, and where in its code."""

from __future__ import annotations

from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from synap_import.errors import PluginError

if TYPE_CHECKING:
    from synap_import.plugins import InstalledHook

_LONGEST = 200


def fault(what: str, installed: InstalledHook[Any], error: Exception | str) -> PluginError:
    """The error for what a plugin raised, or did wrong. The same command resumes."""
    said = error if isinstance(error, str) else described(error)
    return PluginError(
        f"The {what} '{installed.declaration.name}' of {installed.origin} failed: {said}. What was "
        "done before is kept.",
        remedy="That is a fault of the plugin: tell its authors, or go on without it.",
    )


def described(error: Exception) -> str:
    """The error in one line, with where it was raised."""
    text = " ".join(str(error).split())[:_LONGEST]
    frames = extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text}{where}" if text else f"{type(error).__name__}{where}"
