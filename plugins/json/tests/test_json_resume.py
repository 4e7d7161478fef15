"""Going on from any cursor gives exactly the rest."""

from __future__ import annotations

import gzip
import json

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synap_import import SourceError

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(), "text": TEXTS, "metadata": st.just({"a": ["]", "}"]})}
    )
    | st.just("a broken one"),
    min_size=1,
    max_size=12,
)


def as_lines(rows):
    parts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in rows]
    return '{"id":"x","text":"first"}\n\n' + "\n".join(parts) + "\n"


def as_array(rows):
    return json.dumps([{"id": "x", "text": "first"}, *rows], indent=1, ensure_ascii=False)


def as_envelope(rows):
    return json.dumps({"x": 1, "memories": [{"text": "first"}, *rows], "y": [1]})


def as_objects(rows):
    return "\n".join(json.dumps(one, indent=2) for one in [{"text": "first"}, {}, *rows])


def as_table(rows):
    lines = ["id,text", "x,first", "y,second"]
    for row in rows:
        cell = "one,cell,more" if isinstance(row, str) else row["text"].replace('"', '""')
        lines.append(f'{len(lines)},"{cell}"' if isinstance(row, dict) else cell)
    return "\r\n".join(lines) + "\r\n"


def seen(pages):
    return (
        [record for page in pages for record in page.records],
        [item for page in pages for item in page.unreadable],
    )


@pytest.mark.parametrize("write_rows", [as_lines, as_array, as_envelope, as_objects, as_table])
@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, zstandard.compress, lambda text: text.decode().encode("utf-16")]
)
@settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(rows=ROWS, page_size=st.integers(1, 5))
def test_every_cursor_gives_the_rest(read, write, write_rows, pack, rows, page_size):
    path = write("a.data", pack(write_rows(rows).encode()))
    pages = read(path, page_size=page_size).pages
    assert [page.cursor is None for page in pages] == [False] * (len(pages) - 1) + [True]
    for number, page in enumerate(pages[:-1], start=1):
        rest = read(path, page_size=page_size, cursor=page.cursor).pages
        assert seen(rest) == seen(pages[number:])


def test_places_are_unique(read, write):
    path = write("a.jsonl", '{"text":"x"}\n' + "!\n" * 50)
    wheres = [item.where for item in read(path, page_size=7).unreadable]
    assert len(set(wheres)) == len(wheres) == 50


def test_pages_have_as_many_records_as_asked_for(read, write, three):
    assert [len(page.records) for page in read(write("a.jsonl", three), page_size=2).pages] == [
        2,
        1,
    ]


def test_pages_of_large_records_are_shorter(read, write):
    path = write("a.jsonl", [{"text": "x" * 3_000_000}] * 7)
    assert [len(page.records) for page in read(path).pages] == [3, 3, 1]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_the_fraction_grows_to_one(read, write, name):
    path = write(name, [{"id": n, "text": f"memory {n * 7919 % 10007}"} for n in range(20_000)])
    fractions = [page.fraction_read for page in read(path).pages]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(0.2 < fraction < 0.8 for fraction in fractions)


def test_a_strange_cursor_is_refused(read, write, three):
    with pytest.raises(SourceError, match="cursor"):
        read(write("a.jsonl", three), cursor="page 2")
