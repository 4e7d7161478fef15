"""The hooks that a plugin can implement, and what it answers with; docs/hooks.md tells more.

Every command loads the declarations of all plugins, so nothing here, and nothing in a plugin's
declaring module, may import anything heavy. A hook is asked once per command, and declares: what it
names as ``implementation``, an import path ``package.module:name``, is imported where it is used,
and called per page or per job, never per record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pluggy

PROJECT = "synap_import"
HOOK_VERSION = "1.0"
"""The second number grows with a hook or a field that is new, the first with any other change."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """A system that memories come from. ``implementation`` is a subclass of ``Source``."""

    name: str
    summary: str
    implementation: str


@dataclass(frozen=True, slots=True)
class TransformDeclaration:
    """What ``--transform NAME`` does to records; nothing is transformed unless it is asked for.

    ``implementation``: ``(Sequence[MemoryRecord]) -> Sequence[MemoryRecord]``, with a page's
    records: as many, in the same order, each itself or a copy with another text, metadata, tags,
    assumptions or a reason to hold. ``version`` changes with what it makes of the same record.
    """

    name: str
    summary: str
    version: str
    implementation: str


@dataclass(frozen=True, slots=True)
class CheckDeclaration:
    """A further check of the pre-flight, with codes that begin with its ``name`` and ``-``.

    ``implementation``: ``async (JobView) -> Iterable[Finding]``, called once everything was read.
    One that ``may_stop`` a load has nothing sent before; errors of others are warnings.
    """

    name: str
    summary: str
    implementation: str
    may_stop: bool = False


@dataclass(frozen=True, slots=True)
class SectionDeclaration:
    """A section of the report. ``implementation``: ``async (JobView) -> Section | None``."""

    name: str
    title: str
    implementation: str


@dataclass(frozen=True, slots=True)
class CommandDeclaration:
    """``synap-import NAME``. ``implementation`` is a ``click.Command``."""

    name: str
    summary: str
    implementation: str


@dataclass(frozen=True, slots=True)
class DestinationDeclaration:
    """Where documents go with ``--to NAME:WHERE``, in the place of Synap.

    ``implementation``: ``(where: str) -> AbstractAsyncContextManager[Target]``.
    """

    name: str
    summary: str
    implementation: str


@hookspec
def synap_import_sources() -> Sequence[SourceDeclaration]:  # type: ignore[empty-body]
    """The sources that this plugin can read."""


@hookspec
def synap_import_transforms() -> Sequence[TransformDeclaration]:  # type: ignore[empty-body]
    """What this plugin can do to records before they are kept and decided about."""


@hookspec
def synap_import_checks() -> Sequence[CheckDeclaration]:  # type: ignore[empty-body]
    """What this plugin looks for before anything, or the rest, is sent."""


@hookspec
def synap_import_sections() -> Sequence[SectionDeclaration]:  # type: ignore[empty-body]
    """What this plugin adds to the report of a job."""


@hookspec
def synap_import_commands() -> Sequence[CommandDeclaration]:  # type: ignore[empty-body]
    """The commands that this plugin adds."""


@hookspec
def synap_import_destinations() -> Sequence[DestinationDeclaration]:  # type: ignore[empty-body]
    """Where else than to Synap this plugin can send documents."""
