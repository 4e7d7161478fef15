"""Runs of items, which a re-sync knows again wherever they have moved to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import import Page
from synap_import.host import HostContext
from synap_import_json.compression import DamagedError
from synap_import_json.items import Item, Position
from synap_import_json.runs import ItemRun, cut
from synap_import_json.source import JsonConfig, JsonSource

LINES = st.lists(st.binary(max_size=8), max_size=300)
LONG = [b'{"id": %d, "content": "memory"}\n' % number for number in range(3000)]


def items(contents: Sequence[Any], flaws: Sequence[int] = ()) -> Iterator[Item]:
    for number, content in enumerate(contents):
        yield Item(number, content, Position(number + 1), "broken" * (number in flaws))


def runs(contents: Sequence[Any], size: int = 300, identity: bytes = b"") -> list[ItemRun]:
    return list(cut(items(contents), size, identity))


@given(LINES, st.integers(1, 200))
def test_every_item_is_in_one_run_in_order_and_no_run_is_longer_than_asked(contents, size):
    found = runs(contents, size)
    assert [item.content for run in found for item in run.items] == contents
    assert all(1 <= len(run.items) <= size for run in found)


@given(LINES, st.data())
def test_who_goes_on_behind_a_run_gets_the_same_runs(contents, data):
    found = runs(contents)
    passed = data.draw(st.integers(0, len(found)))
    left = sum(len(run.items) for run in found[:passed])
    assert [run.digest for run in runs(contents[left:])] == [run.digest for run in found[passed:]]


@given(LINES, LINES)
def test_only_the_same_items_have_the_same_digest(one, other):
    digests = [[run.digest for run in runs(contents)] for contents in (one, other)]
    assert (digests[0] == digests[1]) == (one == other)


def test_items_that_are_cut_elsewhere_have_another_digest():
    assert runs([b"ab", b"c"])[0].digest != runs([b"a", b"bc"])[0].digest


def test_another_mapping_gives_other_digests():
    assert runs(LONG, identity=b"a")[0].digest != runs(LONG, identity=b"b")[0].digest


@pytest.mark.parametrize("gone", [1, 10, 777])
def test_what_goes_at_the_beginning_moves_no_run_behind_it(gone):
    before, after = runs(LONG), runs(LONG[gone:])
    known = {run.digest for run in before}
    anew = [len(run.items) for run in after if run.digest not in known]
    assert sum(anew) < 500


def test_a_change_is_in_one_run_unless_it_moves_its_end():
    before = runs(LONG)
    changed = [*LONG[:1500], b'{"id": 1500, "content": "changed"}\n', *LONG[1501:]]
    anew = {run.digest for run in runs(changed)} - {run.digest for run in before}
    assert len(anew) < 5


def test_runs_hold_about_fifty_items():
    assert 40 < len(LONG) / len(runs(LONG)) < 60


def test_a_run_with_a_flaw_has_no_digest():
    assert [run.digest for run in cut(items([b"{}", b"..."], flaws=[1]), 300, b"")] == [None]


def test_rows_of_a_table_are_one_run_without_a_digest():
    assert [(len(run.items), run.digest) for run in runs([{"a": "b"}] * 250, size=200)] == [
        (200, None),
        (50, None),
    ]


def test_what_came_before_a_damage_is_given():
    def damaged() -> Iterator[Item]:
        yield from items([b"{}", b"{}"])
        raise DamagedError("the end is missing")

    walked = cut(damaged(), 300, b"")
    assert len(next(walked).items) == 2
    with pytest.raises(DamagedError):
        next(walked)


class Known(set[str]):
    """What came out of an earlier reading."""

    def knows(self, digest: str) -> bool:
        return digest in self

    def keep(self, pages: Sequence[Page]) -> None:
        self.update(run.digest for page in pages for run in page.runs if run.digest)


def read_again(path: Any, known: Known, **config: Any) -> list[Page]:
    async def read() -> list[Page]:
        context = HostContext(AsyncExitStack())
        context.exported = known
        source = JsonSource(JsonConfig(files=(str(path),), **config), context)
        return [
            page
            async for partition in source.partitions()
            async for page in source.pages(partition, None)
        ]

    return anyio.run(read)


def test_of_a_file_that_was_read_before_nothing_is_made(tmp_path):
    path, known = tmp_path / "a.jsonl", Known()
    path.write_bytes(b"".join(LONG))
    first = read_again(path, known)
    known.keep(first)
    assert sum(len(page.records) for page in first) == len(LONG)
    again = read_again(path, known)
    assert [page.records for page in again if page.records] == []
    assert len(again) < len(first)


def test_around_a_change_records_are_made_and_pages_hold_either(tmp_path):
    path, known = tmp_path / "a.jsonl", Known()
    path.write_bytes(b"".join(LONG))
    known.keep(read_again(path, known))
    path.write_bytes(b"".join(LONG).replace(b'{"id": 1500,', b'{"id": "other",'))
    again = read_again(path, known)
    made = [record.id for page in again for record in page.records]
    assert "other" in made
    assert len(made) < 400
    for page in again:
        assert len({run.records is None for run in page.runs}) == 1
        assert sum(run.records or 0 for run in page.runs) == len(page.records)


def test_a_run_with_an_unreadable_item_is_not_known(tmp_path):
    path, known = tmp_path / "a.jsonl", Known()
    path.write_bytes(LONG[0] + b"{broken\n" + LONG[1])
    for _ in range(2):
        pages = read_again(path, known)
        known.keep(pages)
        assert [len(page.unreadable) for page in pages] == [1]
