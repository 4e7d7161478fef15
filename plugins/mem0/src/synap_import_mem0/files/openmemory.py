"""OpenMemory's exports: the zip of its API or script, and the files in it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from synap_import import MemoryRecord, Page, SourceError, State
from synap_import.mapping import Unmappable
from synap_import_mem0.holds import ARCHIVED
from synap_import_mem0.memories import record_of_item

from .looking import Look, Shape, look
from .openmemory_census import Census, count_export
from .openmemory_findings import findings_of
from .paging import pages_of
from .rows import Row, rows_of
from .texts import (
    DamagedError,
    OpenText,
    open_text,
    require_unchanged,
    text_of,
    unreadable,
    version_of,
)
from .zones import is_ambiguous, unshifted, zone_of

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

_WHOLE = "memories.json"
_MEMBERS = (_WHOLE, "memories.jsonl.gz")
_HELD = {"archived": ARCHIVED}
_STATES = {"active": State.ACTIVE, "paused": State.ACTIVE, "archived": State.ACTIVE}
_STATES["deleted"] = State.DELETED


class OpenMemoryExport:
    """``memories_export_<user>.zip``, ``memories.json`` or ``memories.jsonl(.gz)``."""

    def recognises(self, path: Path) -> bool:
        """By the known member of a zip, or by fields that only OpenMemory writes."""
        try:
            found = _looked_at(_opener(path))
        except (SourceError, DamagedError, OSError):
            return False
        return found is not None and (_is_whole(found) or _is_lines(found))

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedOpenMemory:
        """Read it once through: whose it is, and when, stands before and behind the memories."""
        try:
            return OpenedOpenMemory(path, _opener(path), config, now)
        except DamagedError as error:
            raise SourceError(f"{path} cannot be read: {error}.") from error


class OpenedOpenMemory:
    """An export that was read through once."""

    def __init__(self, path: Path, opener: OpenText, config: Mem0Config, now: datetime) -> None:
        found = _looked_at(opener)
        if found is None:
            raise SourceError(f"{path} has changed.", remedy="Run the command again.")
        self._zone_name = config.openmemory_tz or ""
        self._zone = zone_of(self._zone_name) if self._zone_name else None
        self._path, self._open, self._look, self._now = path, opener, found, now
        self._census = count_export(self._rows())
        number = self._census.memories
        self.expected = number
        self.title = f"OpenMemory export, {number:,} {'memory' if number == 1 else 'memories'}"
        self.version = version_of(path, self._zone_name)
        self.findings = tuple(findings_of(path.name, self._census, self._zone, now))

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Its memories; archived ones are held, deleted ones keep their state."""
        require_unchanged(self._path, self.version, self._zone_name)
        make = partial(_record, census=self._census, zone=self._zone, now=self._now)
        return pages_of(
            self._memories(), make, name=self._path.name, cursor=cursor, total=self.expected
        )

    def _rows(self) -> Iterator[Row]:
        return rows_of(self._open, self._look, lambda _: True)

    def _memories(self) -> Iterator[Row]:
        return (row for row in self._rows() if row.is_item and row.key in {"", "memories"})


def is_told_better_beside(path: Path) -> bool:
    """Whether a memories.jsonl lies beside the memories.json that says whose they are."""
    if path.name not in {"memories.jsonl", _MEMBERS[1]}:
        return False
    return all(map(OpenMemoryExport().recognises, (path, path.with_name(_WHOLE))))


def _record(row: Row, *, census: Census, zone: tzinfo | None, now: datetime) -> MemoryRecord:
    row_fields = row.cut.value
    if not isinstance(row_fields, dict):
        raise Unmappable("record", "is not an object")
    record = record_of_item(_item(row_fields, census), now=now, own_metadata=True)
    named = row_fields.get("state")
    update: dict[str, Any] = {"raw": row_fields}
    assumptions = list(record.assumptions)
    if record.state is State.ACTIVE and isinstance(named, str):
        update |= {"state": _STATES.get(named, State.ACTIVE), "hold": _HELD.get(named)}
    if named not in _STATES:
        assumptions.append("unknown-state:state")
    if zone is not None:
        update |= _unshifted(record, zone, assumptions)
    return record.model_copy(update={**update, "assumptions": tuple(assumptions)})


def _item(fields: Mapping[str, Any], census: Census) -> dict[str, Any]:
    """The memory with names instead of OpenMemory's own ids of users, apps and categories."""
    metadata = fields.get("metadata")
    return {
        "id": _canonical(fields.get("id")),
        "memory": fields.get("content"),
        "user_id": census.owner(fields.get("user_id")),
        "app_id": fields.get("app") or census.apps.get(fields.get("app_id"), fields.get("app_id")),
        "created_at": fields.get("created_at"),
        "updated_at": fields.get("updated_at"),
        "categories": census.categories_of(fields),
        "metadata": metadata if metadata is None or _is_object(metadata) else {"value": metadata},
    }


def _canonical(identifier: Any) -> Any:
    """The id with its dashes: the script reads SQLite, which keeps it without."""
    if isinstance(identifier, str) and len(identifier) == 32:
        try:
            return str(UUID(identifier))
        except ValueError:
            return identifier
    return identifier


def _unshifted(
    record: MemoryRecord, zone: tzinfo, assumptions: list[str]
) -> Mapping[str, datetime]:
    times = {}
    for name in ("created_at", "updated_at"):
        exported = getattr(record, name)
        if exported is None:
            continue
        times[name] = unshifted(exported, zone)
        assumptions.append(f"shifted-time:{name}")
        if is_ambiguous(exported, zone):
            assumptions.append(f"ambiguous-time:{name}")
    return times


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _looked_at(opener: OpenText) -> Look | None:
    with opener() as chunks:
        return look(chunks)


def _is_whole(found: Look) -> bool:
    if found.shape is not Shape.ENVELOPE or "memories" not in found.samples:
        return False
    return isinstance(found.fields.get("user"), dict) and "apps" in found.samples


def _is_lines(found: Look) -> bool:
    wanted = {"id", "content", "state", "app", "categories"}
    return bool(found.items) and all(wanted <= item.keys() for item in found.items)


def _opener(path: Path) -> OpenText:
    """Raises SourceError for a zip that is none of OpenMemory's."""
    try:
        is_zip = zipfile.is_zipfile(path)
    except OSError as error:
        raise unreadable(path, error) from error
    return partial(_open_member, path) if is_zip else partial(open_text, path)


@contextmanager
def _open_member(path: Path) -> Iterator[Iterator[str]]:
    """The characters of the file that says most. Nothing is unpacked to the disk."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = _member(path, archive)
            with archive.open(member) as file:
                yield text_of(file, path.stat().st_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{path} cannot be unpacked: {error}.") from error


def _member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    for wanted in _MEMBERS:
        named = [one for one in archive.infolist() if one.filename.rsplit("/")[-1] == wanted]
        if len(named) > 1:
            raise SourceError(f"{path} holds more than one {wanted}.", remedy="Unpack it first.")
        if named:
            return named[0]
    raise SourceError(f"{path} holds no memories.json.")
