"""Whose the records are: each distinct scope once, under a number that its records carry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from synap_import.records import MemoryRecord, Scope, ScopeKind

from .staging import OTHER_CONTENT, key_of, storable

if TYPE_CHECKING:
    from .database import Connection, Transaction

# Sources have few owners; where every record has a session of its own, memory stays bounded.
_REMEMBERED = 10_000
_IDS_AT_ONCE = 500
# Each portion goes through all records.
_SCOPES_AT_ONCE = 5_000


class ScopeNumbers:
    """The numbers of scopes, remembered as long as the transactions that made them last."""

    def __init__(self) -> None:
        self._known: dict[Scope, int] = {}

    def of(self, db: Connection, records: Sequence[MemoryRecord]) -> list[int]:
        """The number of each record's scope; new ones get theirs."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        return [self._known.get(one.scope) or self._number(db, one.scope) for one in records]

    def forget(self) -> None:
        """A transaction was taken back, and what it numbered with it."""
        self._known.clear()

    def _number(self, db: Connection, scope: Scope) -> int:
        kind, owner = scope.owner() or (None, None)
        key = _encoded(scope)
        db.execute(
            "INSERT INTO scopes (key, owner_kind, owner_id) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (key, kind and kind.value, owner and storable(owner)),
        )
        (number,) = db.execute("SELECT number FROM scopes WHERE key = ?", (key,)).fetchone()
        self._known[scope] = number
        return int(number)


def count_scopes(transaction: Transaction, *, since: int = 0) -> Iterator[tuple[Scope, int]]:
    """Every distinct scope with how many records have it; an id that came twice counts once.

    Only what readings saw ``since`` the one with this number.
    """
    behind = 0
    while True:
        with transaction() as db:
            rows = db.execute(
                "SELECT number, key, records FROM scopes JOIN (SELECT scope, count(*) AS records"
                " FROM records WHERE scope > ? AND round >= ?"
                " AND (hold IS NULL OR hold NOT IN (?, ?))"
                " GROUP BY scope ORDER BY scope LIMIT ?) AS owned"
                " ON scope = number ORDER BY number",
                (behind, since, *OTHER_CONTENT, _SCOPES_AT_ONCE),
            ).fetchall()
        for _, key, count in rows:
            yield Scope.model_validate(json.loads(key)), count
        if len(rows) < _SCOPES_AT_ONCE:
            return
        behind = rows[-1][0]


def missing_ids(db: Connection, system: str, ids: Sequence[str], *, since: int = 0) -> list[str]:
    """Those of the ids under which no reading saw a record ``since`` the one with this number."""
    known: set[bytes] = set()
    keys = [key_of(system, one) for one in ids]
    for start in range(0, len(keys), _IDS_AT_ONCE):
        some = keys[start : start + _IDS_AT_ONCE]
        marks = ",".join("?" * len(some))
        found = db.execute(
            f"SELECT key FROM records WHERE key IN ({marks}) AND round >= ?",  # noqa: S608
            [*some, since],
        )
        known.update(key for (key,) in found)
    return [one for one, key in zip(ids, keys, strict=True) if key not in known]


def _encoded(scope: Scope) -> str:
    """JSON in ASCII, so that lone surrogates survive."""
    carried = {kind.value: getattr(scope, kind) for kind in ScopeKind}
    present = {kind: one for kind, one in carried.items() if one is not None}
    return json.dumps(present, separators=(",", ":"))
