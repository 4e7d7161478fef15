"""What an OpenMemory export says beside its memories: names, and the newest of its times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from synap_import.mapping import time_reader

if TYPE_CHECKING:
    from .rows import Row

_read = time_reader()
_TIMES = ("created_at", "updated_at", "archived_at", "deleted_at", "changed_at")


@dataclass(slots=True)
class Census:
    """Names by OpenMemory's own ids, and counts.

    ``newest`` is the latest time that went through the export's conversion, like those of the
    memories; ``generated_at`` did not.
    """

    memories: int = 0
    state_changes: int = 0
    user: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    apps: dict[Any, str] = field(default_factory=dict)
    categories: dict[Any, str] = field(default_factory=dict)
    links: dict[Any, list[Any]] = field(default_factory=dict)
    newest: datetime | None = None

    @property
    def generated_at(self) -> datetime | None:
        """When the export was made, by the clock of its host."""
        return _read(self.meta.get("generated_at")).time

    @property
    def has_user(self) -> bool:
        """Whether the export says whose the memories are."""
        return isinstance(self.user.get("user_id"), str)

    def owner(self, internal_id: Any) -> str | None:
        """The id that the user's own system knows; another user stays apart under its own."""
        if internal_id in (None, self.user.get("id")):
            known = self.user.get("user_id")
            return known if isinstance(known, str) else None
        return str(internal_id)

    def categories_of(self, memory: Mapping[str, Any]) -> list[Any]:
        """The names of a memory's categories."""
        names = memory.get("categories")
        if isinstance(names, list):
            return names
        ids = memory.get("category_ids")
        if not isinstance(ids, list) or not ids:
            ids = self.links.get(memory.get("id"), [])
        return [self.categories.get(one, one) for one in ids]


def count_export(rows: Iterator[Row]) -> Census:
    """Read an export through."""
    census = Census()
    for row in rows:
        value = row.cut.value
        if row.is_item and row.key in {"", "memories"}:
            census.memories += 1
        if isinstance(value, dict):
            _take(census, row, value)
    return census


def _take(census: Census, row: Row, value: Mapping[str, Any]) -> None:
    match row.key:
        case "user":
            census.user = value
        case "export_meta":
            census.meta = value
            return
        case "apps":
            census.apps[value.get("id")] = str(value.get("name"))
        case "categories":
            census.categories[value.get("id")] = str(value.get("name"))
        case "memory_categories":
            census.links.setdefault(value.get("memory_id"), []).append(value.get("category_id"))
        case "status_history":
            census.state_changes += 1
    times = (_read(value[name]).time for name in _TIMES if value.get(name) is not None)
    known = [time for time in (*times, census.newest) if time is not None]
    census.newest = max(known, default=None)
