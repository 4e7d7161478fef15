"""Libraries that only some databases need."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from synap_import import ConfigurationError


def needed(module: str, *, extra: str, purpose: str) -> ModuleType:
    """The module; raises ConfigurationError that says how to get it."""
    try:
        return import_module(module)
    except ImportError:
        raise ConfigurationError(
            f"{purpose} needs the package {module.partition('.')[0]}, which is not installed.",
            remedy=f"pip install 'synap-import-zep[{extra}]'",
        ) from None
