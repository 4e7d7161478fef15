"""Finds plugins, and keeps a broken one from taking the tool down."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from . import hookspecs
from .errors import ConfigurationError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from .hookspecs import SourceDeclaration
    from .sources import Source


@dataclass(frozen=True, slots=True)
class InstalledSource:
    """A source that can be used, and the distribution that brings it."""

    declaration: SourceDeclaration
    distribution: str
    version: str

    def load(self) -> type[Source[Any]]:
        """Import the adapter. Raises ConfigurationError when its import fails."""
        module_name, _, class_name = self.declaration.implementation.partition(":")
        try:
            adapter: type[Source[Any]] = getattr(import_module(module_name), class_name)
        except Exception as error:
            raise ConfigurationError(
                f"The adapter for '{self.declaration.name}' ({self.distribution} {self.version}) "
                f"cannot be imported: {type(error).__name__}: {error}.",
                remedy=f"Install it again: pip install --force-reinstall {self.distribution}",
            ) from error
        return adapter


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plugin that is installed but cannot be used, and why."""

    name: str
    distribution: str
    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plugins:
    """What is installed: usable sources by name, and broken plugins."""

    sources: dict[str, InstalledSource] = field(default_factory=dict)
    broken: list[BrokenPlugin] = field(default_factory=list)


def discover() -> Plugins:
    """Load the declarations of all installed plugins; no adapter is imported."""
    plugins = Plugins()
    for entry_point in entry_points(group=hookspecs.PROJECT):
        distribution, version = _origin(entry_point)
        try:
            for declaration in _declarations(entry_point):
                _add(plugins, InstalledSource(declaration, distribution, version))
        except Exception as error:  # noqa: BLE001 - a plugin's import may raise anything
            reason = f"{type(error).__name__}: {error}"
            plugins.broken.append(BrokenPlugin(entry_point.name, distribution, version, reason))
    return plugins


def _origin(entry_point: EntryPoint) -> tuple[str, str]:
    distribution = entry_point.dist
    return (distribution.name, distribution.version) if distribution else ("unknown", "?")


def _declarations(entry_point: EntryPoint) -> list[SourceDeclaration]:
    """What one plugin declares. A manager for each keeps a fault where it belongs."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(entry_point.load(), name=entry_point.value)
    manager.check_pending()
    return [source for sources in manager.hook.synap_import_sources() for source in sources]


def _add(plugins: Plugins, source: InstalledSource) -> None:
    name = source.declaration.name
    taken = plugins.sources.get(name)
    if taken is not None:
        raise ConfigurationError(f"the source name '{name}' is taken by {taken.distribution}")
    plugins.sources[name] = source
