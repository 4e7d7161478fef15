"""A store in a file, opened: its memories, and behind them its history if that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from synap_import import Finding, Page, Scope, Severity

from .changes import History
from .history import JoinedHistory, find_history
from .paging import Row, counted, pages_of

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

_IN_HISTORY = "history:"


class LocalStore(Protocol):
    """What each sort of store knows. ``memories`` counts rows that are memories; an index of
    entities in a file of its own ``is_index``.
    """

    name: str
    version: str
    memories: int
    is_index: bool
    findings: Sequence[Finding]

    def rows(self, cursor: str | None) -> Iterator[Row]:
        """The rows behind a cursor."""
        ...

    def scopes_of(self, ids: Sequence[str]) -> Mapping[str, Scope]:
        """Whose these memories are, for those that are there."""
        ...


class OpenedStore:
    """An OpenedFile of a store."""

    def __init__(self, store: LocalStore, history: JoinedHistory | None, now: datetime) -> None:
        self._store = store
        self._history = history
        self._now = now
        earlier = history.expected if history else 0
        self.title = f"{store.name}, {counted(store.memories)}"
        self.title += f", {earlier:,} from its history" if history else ""
        self.version = f"{store.version}-{history.version}" if history else store.version
        self.expected: int | None = store.memories + earlier
        self.findings: Sequence[Finding] = (*store.findings, *(history.findings if history else ()))

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The memories, then what was before them; cursors of the history say so."""
        if cursor is None or not cursor.startswith(_IN_HISTORY):
            yield from self._memories(cursor)
            cursor = _IN_HISTORY
        if self._history:
            for page in self._history.pages(cursor.removeprefix(_IN_HISTORY) or None):
                following = None if page.cursor is None else f"{_IN_HISTORY}{page.cursor}"
                yield Page(page.records, following, page.unreadable)

    def _memories(self, cursor: str | None) -> Iterator[Page]:
        after_the_last = _IN_HISTORY if self._history else None
        for page in pages_of(self._store.rows(cursor), self._now):
            yield Page(page.records, page.cursor or after_the_last, page.unreadable)


def open_store(
    store: LocalStore, path: Path, config: Mem0Config, now: datetime, histories: Sequence[str]
) -> OpenedStore:
    """The opened store with the history that is named, or lies beside it under a usual name."""
    if not config.with_history or store.is_index:
        if config.history_db is not None and not config.with_history:
            store.findings = (*store.findings, _not_asked_for(config.history_db))
        return OpenedStore(store, None, now)
    folder = path if path.is_dir() else path.parent
    found = find_history(config, (*(folder / name for name in histories), path))
    if found is None:
        store.findings = (*store.findings, _no_history(path))
        return OpenedStore(store, None, now)
    return OpenedStore(store, JoinedHistory(History(found), store.scopes_of), now)


def _no_history(path: Path) -> Finding:
    return Finding(
        Severity.WARNING,
        "no-history",
        f"No history lies beside {path}, so there are no earlier versions to bring.",
        remedy="Name it with --history-db FILE (usually ~/.mem0/history.db).",
    )


def _not_asked_for(history: Path) -> Finding:
    return Finding(
        Severity.WARNING,
        "history-not-read",
        f"{history} is not read: earlier versions come only when they are asked for.",
        remedy="Add --with-history.",
    )
