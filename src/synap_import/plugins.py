"""Finds plugins, and keeps a broken one from taking the tool down."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

import pluggy

from . import hookspecs
from .errors import ConfigurationError
from .hookspecs import (
    CheckDeclaration,
    CommandDeclaration,
    DestinationDeclaration,
    SectionDeclaration,
    SourceDeclaration,
    TransformDeclaration,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from .sources import Source

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OUR_DESTINATIONS = ("synap", "sandbox")
OURSELVES = "synap-import"


class Declaration(Protocol):
    """What a plugin says about something without importing it."""

    @property
    def name(self) -> str:
        """How it is called."""
        ...

    @property
    def implementation(self) -> str:
        """``package.module:name``."""
        ...


DeclarationT = TypeVar("DeclarationT", bound=Declaration)


@dataclass(frozen=True, slots=True)
class InstalledSource:
    """A source that can be used, and the distribution that brings it."""

    declaration: SourceDeclaration
    distribution: str
    version: str

    def load(self) -> type[Source[Any]]:
        """Import the adapter. Raises ConfigurationError when its import fails."""
        adapter: type[Source[Any]] = _imported(self, "adapter for")
        return adapter


@dataclass(frozen=True, slots=True)
class InstalledHook(Generic[DeclarationT]):
    """Something else that a plugin brings, and the distribution that brings it."""

    declaration: DeclarationT
    distribution: str
    version: str

    @property
    def origin(self) -> str:
        """The distribution with its version."""
        return f"{self.distribution} {self.version}"

    def load(self) -> Any:
        """Import what it declares. Raises ConfigurationError when its import fails."""
        return _imported(self, "implementation of")


Installed: TypeAlias = InstalledSource | InstalledHook[Any]


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plugin that is installed but cannot be used, and why."""

    name: str
    distribution: str
    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A name that several plugins gave to something; none of them can be used by it."""

    what: str
    name: str
    distributions: tuple[str, ...]

    def __str__(self) -> str:
        plugins = " and ".join(self.distributions)
        return f"The {self.what} '{self.name}' is declared by {plugins}."

    def error(self) -> ConfigurationError:
        """What to say to whoever uses the name."""
        others = [one for one in self.distributions if one != OURSELVES]
        return ConfigurationError(
            f"{self} Nobody can tell which is meant.",
            remedy=f"Keep one of them: pip uninstall {others[-1]}",
        )


@dataclass(frozen=True, slots=True)
class Plugins:
    """What is installed and can be used, by name; broken plugins, and names given twice."""

    sources: dict[str, InstalledSource] = field(default_factory=dict)
    transforms: dict[str, InstalledHook[TransformDeclaration]] = field(default_factory=dict)
    checks: dict[str, InstalledHook[CheckDeclaration]] = field(default_factory=dict)
    sections: dict[str, InstalledHook[SectionDeclaration]] = field(default_factory=dict)
    commands: dict[str, InstalledHook[CommandDeclaration]] = field(default_factory=dict)
    destinations: dict[str, InstalledHook[DestinationDeclaration]] = field(default_factory=dict)
    broken: list[BrokenPlugin] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def refuse_conflict(self, name: str, *what: str) -> None:
        """Raise ConfigurationError when several plugins declare one of these by this name."""
        for conflict in self.conflicts:
            if conflict.name == name and conflict.what in what:
                raise conflict.error()


class _Hook(NamedTuple):
    """A hook, what it declares, and where that is kept; names are unique within ``space``."""

    name: str
    kind: type[Any]
    kept: str
    what: str
    space: str


_HOOKS = (
    _Hook("synap_import_sources", SourceDeclaration, "sources", "source", "commands"),
    _Hook("synap_import_transforms", TransformDeclaration, "transforms", "transform", "transforms"),
    _Hook("synap_import_checks", CheckDeclaration, "checks", "check", "checks"),
    _Hook("synap_import_sections", SectionDeclaration, "sections", "section", "sections"),
    _Hook("synap_import_commands", CommandDeclaration, "commands", "command", "commands"),
    _Hook(
        "synap_import_destinations",
        DestinationDeclaration,
        "destinations",
        "destination",
        "destinations",
    ),
)


def discover(own_commands: Collection[str] = ()) -> Plugins:
    """Load the declarations of all installed plugins; nothing that they declare is imported.

    ``own_commands`` are names that no plugin can have.
    """
    plugins = Plugins()
    found: list[tuple[_Hook, Installed]] = []
    for entry_point in entry_points(group=hookspecs.PROJECT):
        distribution, version = _origin(entry_point)
        try:
            found += [
                (hook, _installed(hook, declaration, distribution, version))
                for hook, declaration in _declarations(entry_point)
            ]
        except Exception as error:  # noqa: BLE001 - a plugin's import may raise anything
            reason = f"{type(error).__name__}: {error}"
            plugins.broken.append(BrokenPlugin(entry_point.name, distribution, version, reason))
    _keep(plugins, found, own_commands)
    return plugins


def _origin(entry_point: EntryPoint) -> tuple[str, str]:
    distribution = entry_point.dist
    return (distribution.name, distribution.version) if distribution else ("unknown", "?")


def _declarations(entry_point: EntryPoint) -> Iterator[tuple[_Hook, Any]]:
    """What one plugin declares. A manager for each keeps a fault where it belongs."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(entry_point.load(), name=entry_point.value)
    manager.check_pending()
    for hook in _HOOKS:
        for declared in getattr(manager.hook, hook.name)():
            for declaration in declared:
                yield hook, declaration


def _installed(hook: _Hook, declaration: Any, distribution: str, version: str) -> Installed:
    if not isinstance(declaration, hook.kind):
        raise TypeError(f"{hook.name} must give {hook.kind.__name__}, not {declaration!r}")
    if isinstance(declaration, SourceDeclaration):
        return InstalledSource(declaration, distribution, version)
    if not _NAME.fullmatch(declaration.name):
        raise ValueError(f"{hook.what} name {declaration.name!r}: use a-z, 0-9 and single dashes")
    return InstalledHook(declaration, distribution, version)


def _keep(
    plugins: Plugins, found: list[tuple[_Hook, Installed]], own_commands: Collection[str]
) -> None:
    """Keep what has a name of its own."""
    by_name: defaultdict[tuple[str, str], list[tuple[_Hook, Installed]]] = defaultdict(list)
    for hook, installed in found:
        by_name[hook.space, installed.declaration.name].append((hook, installed))
    ours = {"commands": own_commands, "destinations": _OUR_DESTINATIONS}
    for (space, name), group in by_name.items():
        owners = [one.distribution for _, one in group]
        if name in ours.get(space, ()):
            owners.insert(0, OURSELVES)
        hook, installed = group[0]
        if len(owners) > 1:
            plugins.conflicts.append(Conflict(hook.what, name, tuple(owners)))
        else:
            getattr(plugins, hook.kept)[name] = installed


def _imported(installed: Installed, what: str) -> Any:
    module_name, _, name = installed.declaration.implementation.partition(":")
    try:
        return getattr(import_module(module_name), name)
    except Exception as error:
        raise ConfigurationError(
            f"The {what} '{installed.declaration.name}' ({installed.distribution} "
            f"{installed.version}) cannot be imported: {type(error).__name__}: {error}.",
            remedy=f"Install it again: pip install --force-reinstall {installed.distribution}",
        ) from error
