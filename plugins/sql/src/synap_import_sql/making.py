"""From a row to a record, by the mapping; what the mapping leaves open, the key decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from synap_import import ConfigurationError, Kind, MemoryRecord
from synap_import.mapping import MappingDocument, RecordMapper, Unmappable, time_reader

from .specs import TIMES, opened_columns, quoted
from .values import Convert, decoded_json, plain, plain_row, text_of_binary

if TYPE_CHECKING:
    from .keys import Key, Place

SYSTEM: Final = "sql"
ROW_KEY: Final = "row_key"
"""The name under which a key of several columns joins the row, as its id."""


class RowMaker:
    """Makes records of the rows of some columns. Raises MappingError as the mapper does."""

    def __init__(self, document: MappingDocument, key: Key, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._key = key
        self._joins_key = ROW_KEY in _roots_of_id(document) and ROW_KEY not in columns
        self._map = RecordMapper(document, default_system=SYSTEM)
        self._converts = _converts(document, columns)

    def __call__(self, row: Sequence[Any], typed: Mapping[str, Convert]) -> MemoryRecord:
        """The record of a row. Raises ValueError with a sentence when it cannot be one."""
        values = dict(zip(self._columns, row, strict=True))
        for name, convert in typed.items():
            if name in values:
                values[name] = convert(values[name])
        for name, convert in self._converts:
            try:
                values[name] = convert(values[name])
            except ValueError as error:
                raise ValueError(f"column {name}: {error}") from error
        plain_row(values)
        if self._joins_key:
            values[ROW_KEY] = joined(tuple(row[: len(self._key.names)]))
        try:
            return self._map(values)
        except Unmappable as error:
            raise ValueError(str(error)) from error


def joined(place: Place) -> str:
    """The values of a key as one id: ``c-17/3``."""
    return "/".join(str(plain(value)).replace("/", "%2F") for value in place)


def completed(
    document: MappingDocument, key: Key, first: Place, assume_tz: str | None
) -> MappingDocument:
    """The mapping with what the rows of a database offer beside it.

    Without an ``id``, the key is it. Without a ``position``, messages have the last column of the
    key, where it holds whole numbers: their order in time is often known to the second only.
    Times of which the mapping names no zone are read in ``assume_tz``. ``first`` is the key of the
    first row, if there is one: columns of a query tell their type by their values only.
    """
    if assume_tz is not None:
        _check_zone(assume_tz)
    values = document.model_dump(exclude_unset=True, by_alias=True)
    if document.id is None:
        is_id = [type(plain(value)) for value in first] in ([str], [int])
        values["id"] = quoted(key.names[0]) if is_id else ROW_KEY
    if first and type(first[-1]) is int and document.position is None and _has_messages(document):
        values["position"] = quoted(key.names[-1])
    for name in TIMES:
        if assume_tz is not None and name in values and values[name] is not None:
            values[name].setdefault("tz", assume_tz)
    return MappingDocument.model_validate(values)


def _has_messages(document: MappingDocument) -> bool:
    return document.kind is not None and document.kind.const in {None, Kind.MESSAGE}


def _roots_of_id(document: MappingDocument) -> frozenset[str]:
    return (document.id.roots() if document.id is not None else None) or frozenset()


def _converts(document: MappingDocument, columns: Sequence[str]) -> list[tuple[str, Convert]]:
    opened = opened_columns(document)
    texts = document.content.roots() or frozenset()
    converts: list[tuple[str, Convert]] = [(one, decoded_json) for one in columns if one in opened]
    return converts + [
        (one, text_of_binary) for one in columns if one in texts and one not in opened
    ]


def _check_zone(name: str) -> None:
    try:
        time_reader("auto", name)
    except ValueError as error:
        raise ConfigurationError(f"--assume-tz: {error}.") from None
