"""Objects in pieces hold what they hold as a whole; the disk is the storage here."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synap_import_json.items import Position
from synap_import_json.objects import find_objects
from synap_import_json.paging import PageReader
from synap_import_json.pieces import pieces_of
from synap_import_json.reading import reading_of

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

WHOLE = 10**9
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.text("abc→🙂", min_size=1, max_size=5), "text": st.text("xä\n")}
    )
    | st.just("a broken line"),
    min_size=2,
    max_size=12,
)


@contextmanager
def reading_of_object(content):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "object"
        path.write_bytes(content)
        (source,) = find_objects([f"file://{path}"])
        yield reading_of(source, None, "ana")


def pages_of(piece, reading, page_size, cursor=None):
    position = Position.of(cursor)
    reader = PageReader(piece.readable(position), piece.order, reading.make, page_size)
    return list(reader.pages(position))


def told(pages):
    """Records and what is unreadable; the folder of the test is another one each time."""
    return (
        [record for page in pages for record in page.records],
        [one.where.rpartition("/")[2] for page in pages for one in page.unreadable],
    )


def found_in(content, step):
    """All that the pieces of an object give."""
    with reading_of_object(content) as reading:
        pieces = pieces_of(reading, step)
        return told([page for piece in pieces for page in pages_of(piece, reading, 3)])


def as_lines(rows, end, begin=b""):
    dumped = [json.dumps(row, ensure_ascii=False) if isinstance(row, dict) else row for row in rows]
    first = ['{"id":"first","text":"x"}', '{"id":"second","text":"x"}']
    return begin + end.join([*first, *dumped]).encode()


@settings(deadline=None, max_examples=60)
@given(
    rows=ROWS,
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
    begin=st.sampled_from([b"", b"\xef\xbb\xbf", b"\n"]),
    step=st.integers(5, 80),
)
def test_lines_in_pieces_are_the_lines_of_the_whole(rows, end, begin, step):
    content = as_lines(rows, end, begin)
    assert found_in(content, step) == found_in(content, WHOLE)


def as_table(count, row_group_size):
    rows = [{"id": f"r{n}", "text": f"row {n}" if n % 7 else None} for n in range(count)]
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), file, row_group_size=row_group_size)
    return file.getvalue()


@settings(deadline=None, max_examples=30)
@given(count=st.integers(2, 30), groups=st.integers(1, 9), step=st.integers(1, 400))
def test_row_groups_in_pieces_are_the_rows_of_the_whole(count, groups, step):
    content = as_table(count, groups)
    assert found_in(content, step) == found_in(content, WHOLE)


@settings(deadline=None, max_examples=20)
@given(
    content=st.builds(as_table, st.integers(4, 30), st.integers(1, 9))
    | st.builds(as_lines, ROWS, st.just("\n")),
    page_size=st.integers(1, 5),
)
def test_a_piece_goes_on_from_every_page(content, page_size):
    with reading_of_object(content) as reading:
        for piece in pieces_of(reading, 100):
            pages = pages_of(piece, reading, page_size)
            for number, page in enumerate(pages[:-1], start=1):
                rest = pages_of(piece, reading, page_size, page.cursor)
                assert told(rest) == told(pages[number:])
