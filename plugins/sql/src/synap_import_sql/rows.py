"""Rows in the order of their key, some thousands at a time, however large they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from synap_import import SourceError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from .keys import Key, Place
    from .relation import Relation
    from .session import Session
    from .values import Convert

STRETCH_BYTES = 8 * 1024 * 1024
"""A stretch ends when this much was read for it: a few rows can be as large as many."""

_MOST_ROWS = 10_000
_FETCHED_AT_ONCE = 500
_FIRST_FETCHED = 4


class Stretch(NamedTuple):
    """Rows that follow one another; ``is_last`` says that none was behind them."""

    rows: Sequence[Sequence[Any]]
    is_last: bool
    converters: Mapping[str, Convert]


class RowReader:
    """Selects rows behind a place, through a cursor that stays at the server.

    Each stretch is a statement and a transaction of its own. It begins with few rows and grows:
    a query that is slow to begin is not asked for often. Raises SourceError when the key turns out
    not to tell rows apart.
    """

    def __init__(
        self, session: Session, relation: Relation, key: Key, columns: Sequence[str], first: int
    ) -> None:
        self._session = session
        self._relation = relation
        self._key = key
        self.columns = tuple(dict.fromkeys((*key.names, *columns)))
        self._size = first

    def place(self, row: Sequence[Any]) -> Place:
        """Where a row is: its key comes first."""
        return tuple(row[: len(self._key.names)])

    async def behind(self, place: Place | None, up_to: Place | None = None) -> Stretch:
        """The next rows, at least one if there is one."""
        size = self._size
        stretch = await self._session.read(self._reading(place, up_to, size))
        read = len(stretch.rows)
        if read == size:
            self._size = min(2 * size, _MOST_ROWS)
        elif not stretch.is_last:
            self._size = max(read, _FIRST_FETCHED)
        return stretch

    def _reading(
        self, place: Place | None, up_to: Place | None, size: int
    ) -> Callable[[Connection], Stretch]:
        # One row more than asked for: a second row with the same key would be passed over.
        statement = self._statement(place, up_to).limit(size + 1)

        def work(connection: Connection) -> Stretch:
            result = connection.execution_options(stream_results=True).execute(statement)
            try:
                described = result.cursor.description if result.cursor else ()
                converters = self._session.database.converters(described or ())
                rows, ended = _fetched(result.fetchmany, size + 1)
            finally:
                result.close()
            self._check(rows)
            if not ended and len(rows) > 1:
                rows.pop()
            return Stretch(rows, ended, converters)

        return work

    def _statement(self, place: Place | None, up_to: Place | None) -> Select[Any]:
        relation, key = self._relation, self._key
        by_row = self._session.database.compares_rows
        columns: list[Any] = [relation.column(name) for name in self.columns]
        statement: Select[Any] = select(*columns).order_by(*key.columns(relation))
        if place is not None:
            statement = statement.where(key.behind(relation, place, by_row=by_row))
        if up_to is not None:
            statement = statement.where(key.up_to(relation, up_to, by_row=by_row))
        return statement

    def _check(self, rows: Sequence[Sequence[Any]]) -> None:
        last = None
        for row in rows:
            place = self.place(row)
            if place == last or None in place:
                raise SourceError(
                    f"The key does not tell rows of {self._relation.title} apart: "
                    f"{self._key.described(place)} is empty or there more than once.",
                    remedy="Name columns with --key that are never empty and never the same.",
                )
            last = place


def _fetched(
    fetch: Callable[[int], Sequence[Sequence[Any]]], limit: int
) -> tuple[list[Sequence[Any]], bool]:
    """Rows up to the limit or until there are enough bytes; whether there were no more."""
    rows: list[Sequence[Any]] = []
    size, at_once = 0, _FIRST_FETCHED
    while len(rows) < limit and size < STRETCH_BYTES:
        wanted = min(at_once, limit - len(rows))
        some = fetch(wanted)
        rows += some
        if len(some) < wanted:
            return rows, True
        size += sum(_size(value) for row in some for value in row)
        average = max(1, size // len(rows))
        at_once = max(2, min(_FETCHED_AT_ONCE, (STRETCH_BYTES - size) // average))
    return rows, False


def _size(value: Any) -> int:
    """About how many bytes a value takes."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_size, value)) + sum(map(_size, value.values()))
    return 10 + sum(map(_size, value)) if isinstance(value, list | tuple) else 8
