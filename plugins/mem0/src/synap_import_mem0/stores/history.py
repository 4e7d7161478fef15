"""Earlier texts of memories, and those of deleted ones, from the library's history.

A history knows no users: whose a text is, is asked of the store that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from synap_import import (
    Finding,
    Link,
    MemoryRecord,
    Page,
    Scope,
    Severity,
    State,
    Unreadable,
)
from synap_import.mapping import Unmappable
from synap_import_mem0.holds import HOLDS, WITHOUT_USER
from synap_import_mem0.memories import SYSTEM
from synap_import_mem0.times import read_times

from .changes import TABLES, Census, Change, History
from .databases import tables_of
from .paging import counted, grouped

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

ScopesOf = Callable[[Sequence[str]], Mapping[str, Scope]]
"""Whose the memories with these ids are, for those that the store has."""

_TIMES = {"created_at": ("created_at",), "updated_at": ("updated_at",)}
_EXCERPT = 200
_EXAMPLES = 5


def find_history(config: Mem0Config, beside: Iterable[Path]) -> Path | None:
    """The history that is named, else the first of those files that is one."""
    if config.history_db is not None:
        return config.history_db
    return next((path for path in beside if not tables_of(path).isdisjoint(TABLES)), None)


class JoinedHistory:
    """The history of a store: what was before its memories, and what was deleted from it.

    Changes of memories that are neither in the store nor deleted are left out, and told: they
    belong to another collection with the same history, or were lost.
    """

    def __init__(self, history: History, scopes_of: ScopesOf) -> None:
        self._history = history
        self._scopes_of = scopes_of
        census = history.census()
        strangers = self._strangers()
        self.version = history.version
        self.expected = census.earlier + census.deleted - strangers.earlier
        self.findings: tuple[Finding, ...] = (
            *_about_unchanged(census),
            *_about_strangers(history.path, strangers),
        )

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Earlier and deleted texts behind a cursor."""
        for group in grouped(self._history.changes(cursor)):
            changes = [change for change in group.rows if change.replaces]
            ids = dict.fromkeys(id_ for change in changes if (id_ := _memory_id(change)))
            scopes = self._scopes_of(list(ids)) if ids else {}
            wanted = [(one, _Side.OLD) for one in changes if self._is_ours(one, scopes)]
            yield _page(self._history, wanted, group.cursor, scopes)

    def _is_ours(self, change: Change, scopes: Mapping[str, Scope]) -> bool:
        """Also what has no id: it cannot become a record, and is told."""
        memory = _memory_id(change)
        return change.is_gone or not memory or memory in scopes

    def _strangers(self) -> _Strangers:
        memories, earlier, examples = 0, 0, list[str]()
        for batch in self._history.kept():
            scopes = self._scopes_of([id_ for id_, _ in batch])
            strange = [(id_, texts) for id_, texts in batch if id_ not in scopes]
            memories += len(strange)
            earlier += sum(texts for _, texts in strange)
            examples += [id_ for id_, _ in strange[: _EXAMPLES - len(examples)]]
        return _Strangers(memories, earlier, tuple(examples))


class _Strangers(NamedTuple):
    """Memories that only the history knows as alive; ``earlier`` counts what was before them."""

    memories: int
    earlier: int
    examples: tuple[str, ...]


class HistoryDatabase:
    """A history by itself: what somebody has left whose store is gone."""

    def recognises(self, path: Path) -> bool:
        """A database with a history and without the memories themselves."""
        tables = tables_of(path)
        return not tables.isdisjoint(TABLES) and "vectors" not in tables

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedHistory:
        """Count what is there."""
        return OpenedHistory(History(path), with_history=config.with_history)


class OpenedHistory:
    """The last text of each memory that was not deleted, all held; with ``with_history`` the
    earlier and the deleted texts, too.
    """

    def __init__(self, history: History, *, with_history: bool) -> None:
        census = history.census()
        self._history = history
        self._with_history = with_history
        self.title = f"history of a store, {counted(census.memories)}"
        self.version = f"{history.version}-{with_history}"
        earlier = census.earlier + census.deleted if with_history else 0
        self.expected: int | None = census.memories + earlier
        self.findings: Sequence[Finding] = _about_users(history.path, census)
        if with_history:
            self.findings = (*self.findings, *_about_unchanged(census))
        elif census.earlier or census.deleted:
            self.findings = (*self.findings, _about_unread(census))

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The texts behind a cursor."""
        for group in grouped(self._history.changes(cursor)):
            wanted = [(change, side) for change in group.rows for side in self._sides(change)]
            yield _page(self._history, wanted, group.cursor, {})

    def _sides(self, change: Change) -> Iterator[_Side]:
        if self._with_history and change.replaces:
            yield _Side.OLD
        if change.is_last and not change.is_gone:
            yield _Side.NEW


class _Side(StrEnum):
    """A change has the text before it, and the one after it."""

    OLD = "old"
    NEW = "new"


def _page(
    history: History,
    wanted: Iterable[tuple[Change, _Side]],
    cursor: str | None,
    scopes: Mapping[str, Scope],
) -> Page:
    records: list[MemoryRecord] = []
    unreadable: list[Unreadable] = []
    for change, side in wanted:
        try:
            records.append(_record(change, side, scopes))
        except Unmappable as problem:
            where = f"{history.path.name}:history[{change.key}].{side}"
            raw = str(dict(change.fields))[:_EXCERPT].encode(errors="replace").decode()
            unreadable.append(Unreadable(where, str(problem), raw))
    return Page(records, cursor, unreadable)


def _record(change: Change, side: _Side, scopes: Mapping[str, Scope]) -> MemoryRecord:
    """One of a change's two texts as a record. Raises Unmappable."""
    fields = change.fields
    memory = _known_id(change)
    scope = scopes.get(memory)
    times, assumptions = read_times(fields, _TIMES)
    try:
        return MemoryRecord(
            system=SYSTEM,
            id=memory if side is _Side.NEW else f"{memory}:{fields['id'] or change.key}",
            text=_text(fields[side]),
            role=_string(fields["role"]),
            name=_string(fields["actor_id"]),
            scope=scope or Scope(),
            state=_state(change, side),
            links=_links(change, side, memory),
            created_at=times.get("created_at"),
            updated_at=times.get("updated_at"),
            valid_to=times.get("updated_at") if side is _Side.OLD else None,
            assumptions=tuple(assumptions),
            hold=WITHOUT_USER if scope is None else None,
            raw=dict(fields),
        )
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        raise Unmappable(".".join(map(str, problem["loc"])), problem["msg"]) from None


def _state(change: Change, side: _Side) -> State:
    if side is _Side.NEW:
        return State.ACTIVE
    return State.DELETED if change.deletes else State.SUPERSEDED


def _links(change: Change, side: _Side, memory: str) -> tuple[Link, ...]:
    superseded = _state(change, side) is State.SUPERSEDED
    return (Link(relation="replaced_by", id=memory),) if superseded else ()


def _memory_id(change: Change) -> str:
    value = change.fields["memory_id"]
    return value if isinstance(value, str) else ""


def _known_id(change: Change) -> str:
    if not (value := _memory_id(change)):
        raise Unmappable("memory_id", "is missing")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unmappable("text", "is missing" if value is None else "is not a string")
    return value


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _about_unchanged(census: Census) -> Iterator[Finding]:
    if census.unchanged:
        yield Finding(
            Severity.INFO,
            "history-without-change",
            f"{census.unchanged:,} changes in the history left the text as it was; there is no "
            "earlier version of those.",
            count=census.unchanged,
        )


def _about_strangers(path: Path, strangers: _Strangers) -> Iterator[Finding]:
    if strangers.memories:
        yield Finding(
            Severity.WARNING,
            "only-in-history",
            f"{path} knows {counted(strangers.memories)} that nobody deleted and that are not in "
            "this store. They are of another collection that shares the history, or were lost.",
            remedy=f"Nothing of them is read here; 'synap-import export mem0 {path}' shows them.",
            count=strangers.memories,
            examples=strangers.examples,
        )


def _about_users(path: Path, census: Census) -> tuple[Finding, ...]:
    if not census.memories:
        return ()
    return (
        Finding(
            Severity.WARNING,
            WITHOUT_USER,
            f"{path} says what {counted(census.memories)} said last, but not whose they are: "
            "they are held.",
            remedy=HOLDS[WITHOUT_USER].remedy,
            count=census.memories,
        ),
    )


def _about_unread(census: Census) -> Finding:
    count = census.earlier + census.deleted
    return Finding(
        Severity.INFO,
        "history-not-read",
        f"{census.earlier:,} earlier and {census.deleted:,} deleted texts are not read.",
        remedy="--with-history brings them, too.",
        count=count,
    )
