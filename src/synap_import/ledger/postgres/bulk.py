"""A statement that is to be run with many values, as one statement over all of them.

A message to the server and back for each row costs client and server several times what the row
itself does. So the values travel together, as one JSON array, and the server takes them apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from .placeholders import renamed
from .text import storable

_INSERT = re.compile(
    r"\s*(INSERT INTO \w+ *\([^)]*\)) VALUES \((.*)\)( ON CONFLICT(?: \(\w+\))? DO NOTHING)?\s*",
    re.DOTALL,
)
_UPDATE = re.compile(r"\s*(UPDATE \w+ SET .*)( WHERE .*)", re.DOTALL)

Kinds = tuple[type, ...]
"""What the values are: of each place the type, NoneType where there is nothing in any row."""

_READ_AS = {
    int: "(e->>{})::bigint",
    float: "(e->>{})::double precision",
    str: "(e->>{})",
    bytes: "decode(e->>{}, 'hex')",
    type(None): "NULL",
}


def kinds_of(rows: Sequence[Sequence[Any]]) -> Kinds:
    """The types of the values, which are the same in all rows but for what is missing."""
    return tuple(map(_kind, zip(*rows, strict=True)))


def _kind(column: Sequence[Any]) -> type:
    for value in column:
        if value is not None:
            # Truth is kept as a number, a constant as its value.
            return next(kind for kind in _READ_AS if isinstance(value, kind))
    return type(None)


def as_json(rows: Sequence[Sequence[Any]], kinds: Kinds) -> str:
    """All values in one text."""
    if bytes in kinds:
        rows = [[one.hex() if isinstance(one, bytes) else one for one in row] for row in rows]
    text = json.dumps(rows, separators=(",", ":"))
    if "\\u0000" not in text and "\\ufdd0" not in text:
        return text
    rows = [[storable(one) if isinstance(one, str) else one for one in row] for row in rows]
    return json.dumps(rows, separators=(",", ":"))


@lru_cache(maxsize=200)
def over_all(sql: str, kinds: Kinds) -> str | None:
    """The statement over all rows of ``$1``; None for one that must go row by row."""

    def column(number: int) -> str:
        return "NULL" if kinds[number - 1] is type(None) else f"v.p{number}"

    insert = _INSERT.fullmatch(sql)
    if insert is not None:
        into, values, on_conflict = insert.groups()
        taken = f"SELECT {renamed(values, column)} FROM {_rows(kinds)}"  # noqa: S608 - ours
        return f"{into} {taken}{on_conflict or ''}"
    update = _UPDATE.fullmatch(renamed(sql, column))
    if update is not None:
        setting, where = update.groups()
        return f"{setting} FROM {_rows(kinds)}{where}"
    return None


def _rows(kinds: Kinds) -> str:
    columns = ", ".join(
        f"{_READ_AS[kind].format(place)} AS p{place + 1}" for place, kind in enumerate(kinds)
    )
    # Without the offset, a value is taken out of the JSON as often as the statement names it.
    return f"(SELECT {columns} FROM json_array_elements($1::json) AS e OFFSET 0) AS v"  # noqa: S608
