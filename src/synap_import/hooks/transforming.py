"""Transforms: what plugins do to the records of a page before the ledger keeps them.

What is kept, compared and sent is what came out of them, so a record is the same as before when
the source and the transforms are. Their names and versions are part of the version of each
partition and of each run's digest: with others, what was read does not count as known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from synap_import.errors import ConfigurationError
from synap_import.records import MemoryRecord

from .faults import fault

if TYPE_CHECKING:
    from synap_import.hookspecs import TransformDeclaration
    from synap_import.plugins import InstalledHook, Plugins
    from synap_import.records import Scope
    from synap_import.sources import Exported, Page, Partition

    Transform = Callable[[Sequence[MemoryRecord]], Sequence[MemoryRecord]]

_MAY_CHANGE = frozenset({"text", "metadata", "tags", "assumptions", "hold"})
_STAYS = tuple(name for name in MemoryRecord.model_fields if name not in _MAY_CHANGE)


@dataclass(frozen=True, slots=True)
class Step:
    """A transform that was asked for."""

    installed: InstalledHook[TransformDeclaration]
    transform: Transform

    @property
    def words(self) -> str:
        """Its name and version."""
        return f"{self.installed.declaration.name} {self.installed.declaration.version}"

    def apply(self, records: Sequence[MemoryRecord]) -> Sequence[MemoryRecord]:
        """The records transformed. Raises PluginError when it fails, or changes what it may not."""
        try:
            changed = list(self.transform(records))
        except Exception as error:
            raise fault("transform", self.installed, error) from error
        if len(changed) != len(records):
            self._refuse(f"it made {len(changed)} records of {len(records)}")
        for before, after in zip(records, changed, strict=True):
            if after is not before:
                self._look_at(before, after)
        return changed

    def _look_at(self, before: MemoryRecord, after: Any) -> None:
        if not isinstance(after, MemoryRecord):
            self._refuse(f"it made {type(after).__name__} of a record")
        for name in _STAYS:
            was, now = getattr(before, name), getattr(after, name)
            if was is not now and was != now:
                self._refuse(f"it changed the {name} of record {before.id}")
        if before.hold is not None and after.hold is None:
            self._refuse(f"it took the hold from record {before.id}")

    def _refuse(self, what: str) -> None:
        raise fault("transform", self.installed, what)


@dataclass(frozen=True, slots=True)
class Transforms:
    """All that were asked for, in that order."""

    steps: tuple[Step, ...]

    @classmethod
    def named(cls, names: Sequence[str], plugins: Plugins) -> Transforms:
        """Import them. Raises ConfigurationError for one that is not there, or twice."""
        steps = []
        for name in names:
            plugins.refuse_conflict(name, "transform")
            installed = plugins.transforms.get(name)
            if installed is None or names.count(name) > 1:
                known = ", ".join(sorted(plugins.transforms)) or "none"
                raise ConfigurationError(
                    f"--transform {name} is given twice."
                    if installed
                    else f"No transform '{name}' is installed (installed: {known}).",
                    remedy="synap-import plugins lists them with their plugins.",
                )
            steps.append(Step(installed, installed.load()))
        return cls(tuple(steps))

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(step.installed.declaration.name for step in self.steps)

    @property
    def fingerprint(self) -> str:
        """Differs when the same record could come out differently."""
        return ", ".join(step.words for step in self.steps)

    def partition(self, partition: Partition) -> Partition:
        """The partition, as one that earlier cursors fit only with the same transforms."""
        return replace(partition, version=self._with(partition.version))

    def page(self, page: Page) -> Page:
        """The page with its records transformed."""
        records = page.records
        for step in self.steps:
            if records:
                records = step.apply(records)
        runs = [
            run if run.digest is None else run._replace(digest=self._with(run.digest))
            for run in page.runs
        ]
        return replace(page, records=records, runs=runs)

    def exported(self, exported: Exported) -> Exported:
        """What a source may know of what came out of it."""
        return _ExportedTransformed(exported, self)

    def with_fingerprint(self, digest: str) -> str:
        """The digest of a run with what came out of the transforms."""
        return self._with(digest)

    def _with(self, known: str) -> str:
        return f"{known} [{self.fingerprint}]"


@dataclass(slots=True)
class _ExportedTransformed:
    exported: Exported
    transforms: Transforms

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        return self.exported.scopes()

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        return self.exported.missing(system, ids)

    def knows(self, digest: str) -> bool:
        return self.exported.knows(self.transforms.with_fingerprint(digest))
