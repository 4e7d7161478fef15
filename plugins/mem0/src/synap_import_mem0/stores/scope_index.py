"""Whose each memory of a store is, where the store itself cannot be asked by id."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from synap_import import MemoryRecord, Page, Scope


class ScopeIndex:
    """Scopes by the ids of their memories, in a temporary file that nobody else sees."""

    def __init__(self, pages: Iterable[Page]) -> None:
        # An empty name is SQLite's own for a private file that is gone with its connection.
        self._index = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._index.execute("CREATE TABLE scopes (id TEXT PRIMARY KEY, scope TEXT) WITHOUT ROWID")
        self._index.execute("BEGIN")
        for page in pages:
            self._index.executemany(
                "INSERT OR REPLACE INTO scopes VALUES (?, ?)",
                [(one.id, _packed(one)) for one in page.records if is_bindable(one.id)],
            )

    def scopes_of(self, ids: Sequence[str]) -> Mapping[str, Scope]:
        """The scopes of those ids that are known."""
        wanted = [one for one in ids if is_bindable(one)]
        marks = ", ".join("?" * len(wanted))
        rows = self._index.execute(f"SELECT id, scope FROM scopes WHERE id IN ({marks})", wanted)  # noqa: S608 - only marks
        return {one: Scope(**json.loads(scope)) for one, scope in rows}


def is_bindable(text: str) -> bool:
    """Whether SQLite can be asked for a text: lone surrogates are in no database."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _packed(record: MemoryRecord) -> str:
    return json.dumps(record.scope.model_dump(exclude_none=True))
