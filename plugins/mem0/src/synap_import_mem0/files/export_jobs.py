"""Memory Exports of the Platform: what a model made of the memories, after somebody's schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from synap_import import Finding, MemoryRecord, Page, Severity, SourceError
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import record_of_item

from .looking import TEXTS, Look, look_at
from .made import record_without_id
from .paging import pages_of
from .rows import Row, rows_of
from .texts import DamagedError, open_text, require_unchanged, version_of

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

_ABSENT = "None"
_FIELDS = frozenset(
    (
        *("id", "metadata", "categories", "created_at", "createdAt", "updated_at", "updatedAt"),
        *("user_id", "userId", "agent_id", "agentId", "app_id", "appId", "run_id", "runId"),
        *("session_id", "expiration_date", "expirationDate", *TEXTS),
    )
)
# Chats and OpenMemory's listings have a text too, and are something else.
_FOREIGN = frozenset(("role", "app_name", "state"))


class ExportJob:
    """Lists of objects with a text: an export job's result, or made for ``mem0 import``."""

    def recognises(self, path: Path) -> bool:
        """By a list of objects with a text."""
        found = look_at(path)
        return found is not None and bool(_lists(found))

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedExportJob:
        """Count its items."""
        found = look_at(path)
        if found is None:
            raise SourceError(f"{path} is no JSON any more.", remedy="Run the command again.")
        return OpenedExportJob(path, found, now)


class OpenedExportJob:
    """An export job's result."""

    def __init__(self, path: Path, found: Look, now: datetime) -> None:
        self._path, self._look, self._now = path, found, now
        self._lists = _lists(found)
        self.expected = self._count()
        self.title = f"Memory Export, {self.expected:,} items"
        self.version = version_of(path)
        self.findings = (
            Finding(
                Severity.WARNING,
                "rewritten-by-a-model",
                f"The items in {path.name} are not as Mem0 keeps memories. In a Memory Export a "
                "model wrote them anew: texts are its words, ids and times may be invented, and "
                "memories may be missing.",
                "Read Mem0 itself instead, with MEM0_API_KEY.",
            ),
        )

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Its items, as far as they have a text."""
        require_unchanged(self._path, self.version)
        return pages_of(
            self._rows(),
            partial(_record, now=self._now),
            name=self._path.name,
            cursor=cursor,
            total=self.expected,
        )

    def _rows(self) -> Iterator[Row]:
        return rows_of(partial(open_text, self._path), self._look, self._lists.__contains__)

    def _count(self) -> int:
        number = 0
        try:
            for row in self._rows():
                number += row.is_item
        except DamagedError:
            pass  # said again, with its place, when the pages are read
        return number


def _lists(found: Look) -> frozenset[str]:
    """The keys of lists that hold objects with a text."""
    return frozenset(
        key
        for key, samples in found.samples.items()
        if any(isinstance(one, dict) and _has_text(one) for one in samples)
    )


def _has_text(item: Mapping[str, Any]) -> bool:
    return any(isinstance(item.get(name), str) for name in TEXTS) and not _FOREIGN & item.keys()


def _record(row: Row, *, now: datetime) -> MemoryRecord:
    item = row.cut.value
    if not isinstance(item, dict):
        raise Unmappable("record", "is not an object")
    said = _without_absent(item)
    metadata = said.get("metadata")
    more = {key: value for key, value in said.items() if key not in _FIELDS}
    if more and (metadata is None or isinstance(metadata, dict)):
        said = {**said, "metadata": {**more, **(metadata or {})}}
    make = partial(record_of_item, now=now)
    record = make(said) if _is_uuid(said.get("id")) else record_without_id(said, make)
    times = ("created_at", "updated_at", "expires_at")
    doubts = [f"untrusted-time:{name}" for name in times if getattr(record, name) is not None]
    return record.model_copy(update={"raw": item, "assumptions": (*record.assumptions, *doubts)})


def _without_absent(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item without values that the model wrote for what there is not."""
    return {
        key: _without_absent(value) if isinstance(value, dict) else value
        for key, value in item.items()
        if value != _ABSENT
    }


def _is_uuid(value: Any) -> bool:
    """Whether it can be an id of Mem0's; others were made up, and may be in every export."""
    try:
        UUID(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True
