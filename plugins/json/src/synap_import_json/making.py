"""From an item of a file to a record: our own as they are, all others by the mapping."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from synap_import import MemoryRecord
from synap_import.mapping import (
    MappingDocument,
    RecordMapper,
    Unmappable,
    load_mapping,
    parse_mapping,
)

from .formats import Wanted
from .readers.parts import NOBODYS, Whose
from .values import decode

_VERSION: int = MemoryRecord.model_fields["record_version"].default


def preset_text(name: str) -> str:
    """The mapping file of a format that is known."""
    return (resources.files(__package__) / "mappings" / f"{name}.yaml").read_text("utf-8")


@cache
def _preset(name: str) -> MappingDocument:
    """One of our mapping files; many files can be in the same format."""
    return parse_mapping(preset_text(name), f"the built-in mapping {name}")


class RecordMaker:
    """Makes records of items; ``built_in`` says that nobody wrote a mapping for them.

    ``mapping`` is a file, or the name of one of ours; ``whose`` are records that name nobody.
    ``fingerprint`` differs when the mapping does: then files must be read again. Raises
    MappingError when the mapping cannot be used.
    """

    def __init__(self, mapping: Path | str | None, whose: Whose = NOBODYS) -> None:
        self.built_in = mapping is None
        if isinstance(mapping, Path):
            self.document = load_mapping(mapping)
        else:
            name = mapping or "plain"
            self.document = _preset(name)
        self.fingerprint = self.document.model_dump_json()
        self._map = RecordMapper(
            self.document, default_system="json", owner=whose.user, owner_assumed=whose.assumed
        )

    @property
    def wanted(self) -> Wanted:
        """What the mapping says about where records are."""
        return Wanted(self.document.record_names(), self.document.content.path or ())

    def names(self, field: str) -> tuple[str, ...]:
        """The paths under which the mapping looks for a field of the record."""
        spec = getattr(self.document, field)
        return spec.path or () if spec is not None else ()

    def names_in(self, samples: Sequence[dict[str, Any]], field: str) -> tuple[str, ...]:
        """Those of the paths that lead somewhere in one of the samples."""
        return tuple(
            name
            for name in self.names(field)
            if any(_at(sample, name.split(".")) is not None for sample in samples)
        )

    def __call__(self, content: bytes | dict[str, Any]) -> MemoryRecord:
        """The record of an item. Raises ValueError with a sentence when it cannot be one."""
        if isinstance(content, dict):
            return self.mapped(content)
        if b'"record_version"' in content:
            try:
                return MemoryRecord.model_validate_json(content)
            except ValidationError:
                pass  # not ours after all, or with something that only `decode` reads
        values = decode(content)
        return _own(values) if is_own(values) else self.mapped(values)

    def makes(self, content: bytes | dict[str, Any]) -> tuple[MemoryRecord]:
        """The same, as the readers of other formats give it."""
        return (self(content),)

    def mapped(self, values: dict[str, Any]) -> MemoryRecord:
        """The record that the mapping makes. Raises ValueError with a sentence."""
        try:
            return self._map(values)
        except Unmappable as error:
            raise ValueError(str(error)) from error


def _at(values: Any, names: Sequence[str]) -> Any:
    for name in names:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def is_own(values: dict[str, Any]) -> bool:
    """Whether it is a line of ``synap-import export``."""
    return "record_version" in values and "system" in values


def version_problem(values: dict[str, Any]) -> str:
    """Why this version of a record of our own cannot be read; empty when it can."""
    version = values["record_version"]
    if version == _VERSION:
        return ""
    return (
        f"it was written by another synap-import, as record version {version!r}, and this one "
        f"reads version {_VERSION}: update the tool"
    )


def _own(values: dict[str, Any]) -> MemoryRecord:
    if problem := version_problem(values):
        raise ValueError(problem)
    try:
        return MemoryRecord.model_validate(values, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
