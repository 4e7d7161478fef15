"""What ``get_all`` returned, written to a file: by 1.x, by 2.x, by TypeScript or by the CLI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synap_import import Finding, Kind, MemoryRecord, Page, Severity, SourceError
from synap_import.mapping import Unmappable
from synap_import_mem0.holds import RELATION
from synap_import_mem0.memories import SYSTEM, record_of_item

from .completeness import Answer, Shortfall, may_be_cut_off, shortfalls
from .cutting import END
from .looking import Look, Shape, look_at
from .made import MADE_ID, MakeItem, made_id, record_without_id
from .paging import pages_of
from .rows import Row, rows_of
from .texts import DamagedError, open_text, require_unchanged, version_of

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

_RELATIONS = "relations"
_MEMORIES = ("results", "memories", "data")
_NOTICE = "mem0_notice"


class Dump:
    """Answers of ``get_all``, ``mem0 list`` or ``getAll``: lists, envelopes, JSON Lines of both."""

    def recognises(self, path: Path) -> bool:
        """By items with ``id`` and ``memory``; an empty list of them counts too."""
        found = look_at(path)
        if found is None:
            return False
        items = _samples(found)
        return any(map(_is_item, items)) if items else _is_empty(found)

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedDump:
        """Read it once through: whether it is complete stands beside its list or behind it."""
        found = look_at(path)
        if found is None:
            raise SourceError(f"{path} is no JSON any more.", remedy="Run the command again.")
        census = _count(path, found)
        if census.shortfalls and not config.accept_partial:
            raise _incomplete(path, census.shortfalls[0])
        return OpenedDump(path, found, census, now)


class OpenedDump:
    """A dump that was read through once."""

    def __init__(self, path: Path, found: Look, census: _Census, now: datetime) -> None:
        self.title = f"get_all dump, {_counted(census.memories, 'memory', 'memories')}"
        self.version = version_of(path)
        self.expected = census.memories + census.relations
        self.findings = (*_findings(path.name, census), *_cli_findings(path.name, found))
        self._path, self._look = path, found
        self._make = partial(record_of_item, now=now, own_metadata=census.is_of_platform)
        self._defaults = _listed_scope(found, census)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The memories, and the graph relations beside them."""
        require_unchanged(self._path, self.version)
        return pages_of(
            _rows(self._path, self._look),
            partial(_record, self._make, self._defaults),
            name=self._path.name,
            cursor=cursor,
            total=self.expected,
        )


@dataclass(slots=True)
class _Census:
    """What was counted in a dump."""

    memories: int = 0
    relations: int = 0
    answers: list[Answer] = field(default_factory=list)

    @property
    def is_of_platform(self) -> bool:
        """The library and the self-hosted server tell no count, and mix metadata with their own."""
        return any(answer.count is not None for answer in self.answers)

    @property
    def shortfalls(self) -> list[Shortfall]:
        return shortfalls(self.answers)


def _count(path: Path, found: Look) -> _Census:
    census, fields, before = _Census(), dict[str, Any](), 0
    try:
        for row in _rows(path, found):
            if not row.is_item:
                fields[row.key] = row.cut.value
                if row.cut.value is END:
                    census.answers.append(Answer.of(fields, census.memories - before))
                    fields, before = {}, census.memories
            elif row.key == _RELATIONS:
                census.relations += 1
            else:
                census.memories += not _is_notice(row.cut.value)
    except DamagedError:
        pass  # said again, with its place, when the pages are read
    if fields:
        census.answers.append(Answer.of(fields, census.memories - before))
    return census


def _rows(path: Path, found: Look) -> Iterator[Row]:
    return rows_of(partial(open_text, path), found, _is_list)


def _is_list(key: str) -> bool:
    return key == _RELATIONS or key in _MEMORIES


def _record(make: MakeItem, defaults: Mapping[str, Any], row: Row) -> MemoryRecord | None:
    item = row.cut.value
    if row.key == _RELATIONS:
        return _relation(item)
    if not isinstance(item, dict):
        return make(item)
    rest = {key: value for key, value in item.items() if key != _NOTICE}
    if not rest:
        return None
    record = _with_an_id(make, {**defaults, **rest})
    return record.model_copy(update={"raw": rest}) if defaults else record


def _with_an_id(make: MakeItem, item: Mapping[str, Any]) -> MemoryRecord:
    return record_without_id(item, make) if item.get("id") in (None, "") else make(item)


def _listed_scope(found: Look, census: _Census) -> Mapping[str, Any]:
    """Whose memories ``mem0 list`` was asked for: it leaves the owner out of each item."""
    scope = found.fields.get("scope")
    if not _is_cli(found) or not isinstance(scope, dict) or len(census.answers) != 1:
        return {}
    return {key: value for key, value in scope.items() if isinstance(value, str)}


def _is_cli(found: Look) -> bool:
    return found.fields.get("command") == "list"


def _relation(item: Any) -> MemoryRecord:
    """An edge of the graph that 1.x kept. It has no id, no time and no owner."""
    if not isinstance(item, Mapping):
        raise Unmappable("relation", "is not an object")
    target = item.get("target", item.get("destination"))
    ends = (item.get("source"), item.get("relationship"), target)
    if not all(isinstance(end, str) and end for end in ends):
        raise Unmappable("relation", "has no source, relationship and target")
    return MemoryRecord(
        system=SYSTEM,
        id=made_id("relation", *ends),
        kind=Kind.RELATION,
        text=" ".join(map(str, ends)),
        hold=RELATION,
        assumptions=(MADE_ID,),
        raw=item,
    )


def _samples(found: Look) -> list[dict[str, Any]]:
    lists = (found.samples.get(key, ()) for key in ("", *_MEMORIES))
    values = [value for samples in lists for value in samples if isinstance(value, dict)]
    pages = (value[key] for value in values for key in _MEMORIES if _has_list(value, key))
    unfolded = [item for page in pages for item in page if isinstance(item, dict)]
    return values + unfolded


def _has_list(value: Mapping[str, Any], key: str) -> bool:
    return isinstance(value.get(key), list)


def _is_item(value: Mapping[str, Any]) -> bool:
    """As the API gives it; the model that writes exports gives ``"None"`` for what is absent."""
    id_, text = value.get("id"), value.get("memory")
    whole = isinstance(text, str) and isinstance(id_, str | int) and id_ != ""
    return whole and "None" not in (value.get(key) for key in value)


def _is_empty(found: Look) -> bool:
    if found.shape is Shape.LIST:
        return not found.samples
    return any(found.fields.get(key) == [] for key in _MEMORIES)


def _is_notice(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == [_NOTICE]


def _incomplete(path: Path, shortfall: Shortfall) -> SourceError:
    return SourceError(
        f"{path.name} is incomplete: it holds {shortfall}.",
        remedy="Export every page of it, or read Mem0 itself (MEM0_API_KEY, or --base-url), "
        "or say --accept-partial to read what is there.",
    )


def _findings(name: str, census: _Census) -> Iterator[Finding]:
    for shortfall in census.shortfalls:
        yield Finding(
            Severity.WARNING,
            "partial-dump",
            f"{name} holds {shortfall}; the others are not exported.",
            "Export every page of it, or read Mem0 itself.",
        )
    if may_be_cut_off(census.answers, census.memories):
        yield Finding(
            Severity.WARNING,
            "maybe-cut-off",
            f"{name} holds exactly {census.memories} memories: it may be cut off at the default "
            "limit of get_all.",
            "Ask for more (top_k=100000 in 2.x, limit=100000 in 1.x), or read the store itself.",
        )
    if census.relations:
        yield Finding(
            Severity.WARNING,
            "graph-relations",
            f"{name} has {_counted(census.relations, 'graph relation', 'graph relations')}, "
            "without ids, times or owners: kept as records and held.",
            count=census.relations,
        )
    if not census.memories:
        yield Finding(
            Severity.WARNING, "empty-file", f"{name} has no memories.", "Look into the file."
        )


def _cli_findings(name: str, found: Look) -> Iterator[Finding]:
    if _is_cli(found):
        yield Finding(
            Severity.WARNING,
            "cli-list",
            f"{name} was written by `mem0 list`, which leaves out metadata and who each memory "
            "belongs to, and lists 100 memories unless told otherwise.",
            "Read Mem0 itself instead, with MEM0_API_KEY.",
        )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
