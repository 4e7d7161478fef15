"""A walk over numbered pages ends, and not before everything was seen."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import_mem0.platform.answers import (
    PAST_THE_END,
    Listing,
    UnknownShapeError,
    listing_of,
    words_of,
)
from synap_import_mem0.platform.paging import Place, walk_pages


def walked(fetch, size: int, **options) -> list:
    async def run():
        return [step async for step in walk_pages(fetch, size, **options)]

    return anyio.run(run)


def server(items: list[int], size: int, asked: list[int], *, counts: bool = True):
    """A list in pages; behind its end they are empty."""

    async def fetch(page: int) -> Listing:
        asked.append(page)
        await anyio.lowlevel.checkpoint()
        shown = items[(page - 1) * size : page * size]
        return Listing(shown, len(items) if counts else None)

    return fetch


@given(
    length=st.integers(0, 60),
    size=st.integers(1, 10),
    wanted=st.integers(1, 20),
    ahead=st.integers(1, 4),
    counts=st.booleans(),
)
def test_everything_is_seen_once_and_in_order(length, size, wanted, ahead, counts):
    """``size`` is what the server gives, ``wanted`` what it was asked for."""
    asked: list[int] = []
    items = list(range(length))
    fetch = server(items, min(size, wanted), asked, counts=counts)
    steps = walked(fetch, wanted, ahead=ahead)
    assert [one for step in steps for one in step.listing.items] == items
    assert len(set(asked)) == len(asked) <= length // min(size, wanted) + 2


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(1, 4))
def test_short_and_empty_pages_between_others_end_nothing(lengths, ahead):
    count = sum(lengths)
    last = len(lengths)

    async def fetch(page: int) -> Listing:
        if page > last:
            return PAST_THE_END
        return Listing([f"{page}-{n}" for n in range(lengths[page - 1])], max(count, last * 5))

    steps = walked(fetch, 5, ahead=ahead)
    assert sum(len(step.listing.items) for step in steps) == count


@given(st.integers(1, 40), st.integers(1, 7), st.data())
def test_it_goes_on_from_any_place(length, size, data):
    items = list(range(length))
    steps = walked(server(items, size, []), size)
    cut = data.draw(st.integers(0, len(steps) - 1))
    if not steps[cut].goes_on:
        return
    rest = walked(server(items, size, []), size, start=steps[cut].place)
    assert [step.listing.items for step in rest] == [
        step.listing.items for step in steps[cut + 1 :]
    ]


def test_a_server_that_gives_the_same_page_again_and_again_is_left():
    asked = []

    async def same(page: int) -> Listing:
        asked.append(page)
        return Listing([1, 2], 1_000)

    walked(same, 200)
    assert len(asked) <= 1_000 // 2


def test_a_count_without_any_items_is_not_believed_for_long():
    asked = []

    async def nothing(page: int) -> Listing:
        asked.append(page)
        return Listing([], 1_000)

    walked(nothing, 200)
    assert len(asked) == 1_000 // 200 + 3


def test_a_failure_ahead_is_raised_when_it_is_its_turn():
    seen = []

    async def fetch(page: int) -> Listing:
        if page == 2:
            raise LookupError
        return Listing([page] * 5, 15)

    async def run():
        async for step in walk_pages(fetch, 5):
            seen.append(step.place)  # noqa: PERF401 - it fails on the way

    with pytest.raises(LookupError):
        anyio.run(run)
    assert seen == [Place(2, 5)]


@pytest.mark.parametrize(
    ("body", "listing"),
    [
        ({"results": [1], "count": 7, "next": None}, Listing([1], 7)),
        ({"results": [1]}, Listing([1])),
        ({"results": [1], "count": "7"}, Listing([1])),
        ({"results": [1], "count": True}, Listing([1])),
        ([1, 2], Listing([1, 2])),
        ([], Listing([])),
        ({"results": [{"id": 1}], "count": 1, "mem0_notice": {}}, Listing([{"id": 1}], 1)),
        ([{"id": 1, "mem0_notice": "x"}, {"id": 2}], Listing([{"id": 1}, {"id": 2}])),
        ([{"mem0_notice": "x"}, {"id": 2}], Listing([{"id": 2}])),
    ],
)
def test_a_page_is_read_from_every_shape_that_it_had(body, listing):
    assert listing_of(body) == listing


@pytest.mark.parametrize("body", [None, "text", 3, {}, {"results": None}, {"results": {"a": 1}}])
def test_what_is_no_list_is_refused(body):
    with pytest.raises(UnknownShapeError):
        listing_of(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_whatever_an_error_says_becomes_one_short_line(body):
    said = words_of(body)
    assert len(said) <= 300
    assert "\n" not in said
