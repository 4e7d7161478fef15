"""However rows are cut into pages and stretches, each comes out once and in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import column, select, table, text

from sql_support.databases import Database
from synap_import import SourceError
from synap_import_sql import rows as rows_module
from synap_import_sql.address import Address
from synap_import_sql.keys import Key, Place, cursor_of, place_of
from synap_import_sql.relation import Relation, escaped
from synap_import_sql.rows import RowReader
from synap_import_sql.session import Session

T = Relation(
    "table t", "table t", table("t", column("a"), column("b"), column("c")), ("a", "b", "c")
)


def read_all(path: Path, first: int, *, compares_rows: bool, restart: bool) -> list[Sequence[Any]]:
    """With a cursor behind every stretch; with ``restart``, by a reader that knows nothing else."""
    session = Session(Address(f"sqlite:///{path}"), 20)
    session.database.compares_rows = compares_rows

    async def read() -> list[Sequence[Any]]:
        reader, cursor, found, ended = _reader(session, first), None, [], False
        while not ended:
            stretch = await reader.behind(place_of(cursor) if cursor else None)
            found += stretch.rows
            ended = stretch.is_last
            if stretch.rows:
                cursor = cursor_of(reader.place(stretch.rows[-1]))
            if restart:
                reader = _reader(session, first)
        return [tuple(row) for row in found]

    try:
        return anyio.run(read)
    finally:
        session.close()


def _reader(session: Session, first: int) -> RowReader:
    return RowReader(session, T, Key(("a", "b")), ("c",), first)


@settings(deadline=None, max_examples=40)
@given(
    keys=st.sets(st.tuples(st.integers(-3, 3), st.text("aäZ'\\", max_size=3)), max_size=30),
    first=st.integers(1, 7),
    compares_rows=st.booleans(),
    restart=st.booleans(),
    stretch_bytes=st.sampled_from([1, 100, 8 * 1024 * 1024]),
)
@example({(n, "x") for n in range(8)}, 4, True, False, 8 * 1024 * 1024)
def test_any_chunking_yields_each_row_once(
    keys: set[tuple[int, str]], first: int, compares_rows: bool, restart: bool, stretch_bytes: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "STRETCH_BYTES", stretch_bytes)
        path = Path(folder) / "t.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE t (a INTEGER, b TEXT, c TEXT)")
            content = "x" * 40
            connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(*k, content) for k in keys])
            ordered = connection.execute("SELECT * FROM t ORDER BY a, b").fetchall()
        connection.close()
        found = read_all(path, first, compares_rows=compares_rows, restart=restart)
    assert found == ordered


@given(st.lists(st.integers() | st.text() | st.decimals() | st.uuids() | st.binary(), min_size=1))
@example([1, "1"])
def test_a_cursor_gives_back_the_place_it_was_made_of(values: list[Any]) -> None:
    found = place_of(cursor_of(tuple(values)))
    assert [repr(value) for value in found] == [repr(value) for value in values]


@given(st.datetimes(timezones=st.none() | st.just(UTC)) | st.dates())
def test_times_are_places_too(value: Any) -> None:
    (found,) = place_of(cursor_of((value,)))
    assert found == value


@given(st.text("\\:abc_1$ %'\n"))
def test_a_query_reaches_the_database_as_it_was_written(query: str) -> None:
    assert str(select(text(escaped(query))).compile()) == f"SELECT {query}"


def test_a_large_row_does_not_bring_the_next_thousand_with_it(sqlite: Database) -> None:
    sqlite.make("CREATE TABLE t (a INTEGER, b TEXT, c TEXT)")
    sqlite.add("t", *((number, "", "x" * 1024 * 1024) for number in range(40)))
    session = Session(Address(sqlite.dsn), 20)
    stretch = anyio.run(_reader(session, 1000).behind, None)
    session.close()
    assert 8 <= len(stretch.rows) <= 12
    assert not stretch.is_last


@pytest.mark.parametrize("second", [(1, "x"), (None, "x")])
def test_a_key_that_turns_out_to_be_none_while_reading_is_told(
    sqlite: Database, second: Place
) -> None:
    sqlite.make("CREATE TABLE t (a INTEGER, b TEXT, c TEXT)")
    sqlite.add("t", (1, "x", "one"), (*second, "two"), (9, "x", "three"))
    session = Session(Address(sqlite.dsn), 20)
    with pytest.raises(SourceError, match="is empty or there more than once"):
        anyio.run(_reader(session, 1).behind, None)
    session.close()
