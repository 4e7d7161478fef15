"""The columns that tell rows apart: the order of reading, and the cursor within it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from sqlalchemy import and_, bindparam, not_, or_, tuple_
from sqlalchemy.types import NullType

from synap_import import SourceError

from .values import plain

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from .relation import Relation

Place: TypeAlias = tuple[Any, ...]
"""The values of a row's key, as the driver gives them and takes them back."""

_WRITTEN: dict[type, tuple[str, Any, Any]] = {
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    time: ("time", time.isoformat, time.fromisoformat),
    Decimal: ("decimal", str, Decimal),
    UUID: ("uuid", str, UUID),
    bytes: ("hex", bytes.hex, bytes.fromhex),
}
_READ = {name: read for name, _, read in _WRITTEN.values()}


@dataclass(frozen=True, slots=True)
class Key:
    """One column or several; each row has values of its own in them."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        """As ``--key`` has it."""
        return ",".join(self.names)

    def columns(self, relation: Relation) -> list[ColumnElement[Any]]:
        """The columns, to order by."""
        return [relation.column(name) for name in self.names]

    def behind(self, relation: Relation, place: Place, *, by_row: bool) -> ColumnElement[bool]:
        """Only rows that come after a place."""
        columns, values = self.columns(relation), _bound(place)
        if len(columns) == 1:
            return columns[0] > values[0]
        if by_row:
            return _rows_beyond(columns, values)
        return and_(columns[0] >= values[0], _beyond(columns, values))

    def up_to(self, relation: Relation, place: Place, *, by_row: bool) -> ColumnElement[bool]:
        """Only rows that come before a place, and the one at it."""
        columns, values = self.columns(relation), _bound(place)
        if len(columns) == 1:
            return columns[0] <= values[0]
        if by_row:
            return not_(_rows_beyond(columns, values))
        return not_(_beyond(columns, values))

    def described(self, place: Place) -> str:
        """A row, for people: ``id=17``."""
        pairs = zip(self.names, place, strict=True)
        return ", ".join(f"{name}={plain(value)}" for name, value in pairs)


def cursor_of(place: Place) -> str:
    """The place as text. Raises SourceError for values that cannot be compared exactly."""
    return json.dumps([_written(value) for value in place], ensure_ascii=False)


def place_of(cursor: str) -> Place:
    """The place that :func:`cursor_of` wrote."""
    return tuple(_read(value) for value in json.loads(cursor))


def _bound(place: Place) -> list[ColumnElement[Any]]:
    # Without a type: a cast in the statement would change by which rules texts compare.
    return [bindparam(None, value, type_=NullType(), unique=True) for value in place]


def _rows_beyond(
    columns: Sequence[ColumnElement[Any]], values: Sequence[Any]
) -> ColumnElement[bool]:
    return tuple_(*columns) > tuple_(*values)


def _beyond(columns: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    """``a > x OR (a = x AND b > y)``: MySQL uses no index to compare rows."""
    first, rest = columns[0], columns[1:]
    beyond: ColumnElement[bool] = first > values[0]
    if not rest:
        return beyond
    return or_(beyond, and_(first == values[0], _beyond(rest, values[1:])))


def _written(value: Any) -> Any:
    if type(value) in _WRITTEN:
        name, write, _ = _WRITTEN[type(value)]
        return {name: write(value)}
    if isinstance(value, float | list | dict):
        raise SourceError(
            f"The key cannot hold {value!r}: such values are not compared exactly.",
            remedy="Name other columns with --key: whole numbers, texts, times, UUIDs.",
        )
    return value if isinstance(value, int | str) else str(value)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        ((name, text),) = value.items()
        return _READ[name](text)
    return value
