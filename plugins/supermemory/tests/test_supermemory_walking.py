"""A walk through a list that others change: nothing that stays in it is left out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supermemory_support.items import moment
from synap_import_supermemory.models import Listing, Row
from synap_import_supermemory.server import TooMuchError
from synap_import_supermemory.walking import PageSize, Place, Walk


def item(number: int, second: int | None = None) -> dict[str, Any]:
    at = moment(number if second is None else second)
    return {"id": f"m{number:04d}", "createdAt": at, "updatedAt": at}


@dataclass
class Moving:
    """A list on a server; ``change`` happens between two requests."""

    items: list[dict[str, Any]]
    change: Callable[[Moving], None] = lambda _: None
    most: int = 100
    item_bytes: int = 100
    overcounts: int = 0
    hides: Callable[[dict[str, Any]], bool] = lambda _: False
    asked: list[tuple[int, int]] = field(default_factory=list)

    async def ask(self, page: int, size: int, content: bool) -> Listing:
        self.change(self)
        self.asked.append((page, size))
        size = min(size, self.most)
        shown = [one for one in self.items[(page - 1) * size : page * size] if not self.hides(one)]
        length = sum(one.get("bytes", self.item_bytes) for one in shown) if content else 0
        if length > 64_000_000:
            raise TooMuchError("The answer is larger than 64 MB.")
        total = len(self.items) + self.overcounts
        return Listing([Row.of(one) for one in shown], total, -(-total // size), size, length)


@dataclass
class Walked:
    seen: set[str] = field(default_factory=set)
    cursors: list[str | None] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    shortfall: int = 0


def at(cursor: str | None) -> Place:
    return Place.model_validate_json(cursor) if cursor else Place()


def walk(
    server: Moving, *, size: int = 5, most: int = 5, cursor: str | None = None, pages: int = -1
) -> Walked:
    result = Walked()

    async def run() -> None:
        walker = Walk(server.ask, PageSize(size, most))
        async with aclosing(walker.pages(at(cursor))) as listings:
            async for listing, place in listings:
                result.seen.update(row.id for row in listing.rows)
                if listing.content_left_out:
                    result.left_out.update(row.id for row in listing.rows)
                result.cursors.append(place.model_dump_json() if place else None)
                if len(result.cursors) == pages:
                    return
        result.shortfall = walker.shortfall

    anyio.run(run)
    return result


def ids(items: list[dict[str, Any]]) -> set[str]:
    return {one["id"] for one in items}


def once(act: Callable[[Moving], None], at: int) -> Callable[[Moving], None]:
    """Do it ahead of the request with this number, from 1."""

    def change(server: Moving) -> None:
        if len(server.asked) == at - 1:
            act(server)

    return change


def test_a_quiet_list_is_read_page_by_page() -> None:
    server = Moving([item(n) for n in range(12)])
    assert walk(server).seen == ids(server.items)
    assert server.asked == [(1, 5), (2, 5), (5, 1), (3, 5), (10, 1)]


def test_a_deletion_before_the_place_hides_nothing() -> None:
    server = Moving([item(n) for n in range(12)], once(lambda one: one.items.pop(0), at=2))
    assert walk(server).seen >= ids(server.items)


def test_a_deletion_with_an_addition_hides_nothing_though_the_total_stays() -> None:
    def swap(server: Moving) -> None:
        del server.items[0]
        server.items.append(item(99))

    server = Moving([item(n) for n in range(12)], once(swap, at=2))
    assert walk(server).seen >= ids(server.items)


def test_more_deletions_than_a_page_hide_nothing() -> None:
    def shrink(server: Moving) -> None:
        del server.items[:12]

    server = Moving([item(n) for n in range(40)], once(shrink, at=6))
    assert walk(server).seen >= ids(server.items)


def test_what_is_added_meanwhile_comes_too() -> None:
    server = Moving([item(n) for n in range(5)], once(lambda one: one.items.append(item(9)), at=2))
    assert walk(server).seen == ids(server.items)


def test_an_empty_page_in_the_middle_ends_nothing() -> None:
    hidden = {f"m{n:04d}" for n in range(5, 10)}
    server = Moving([item(n) for n in range(13)], hides=lambda one: one["id"] in hidden)
    walked = walk(server)
    assert walked.seen == ids(server.items) - hidden
    assert walked.shortfall == 5


def test_a_list_that_counts_more_than_it_shows_is_told_and_ends() -> None:
    walked = walk(Moving([item(n) for n in range(7)], overcounts=2))
    assert walked.shortfall == 2


def test_an_order_that_is_not_kept_loses_nothing() -> None:
    server = Moving([item(n, second=-n) for n in range(23)])
    walked = walk(server)
    assert walked.seen == ids(server.items)
    assert walked.shortfall == 0


def test_pages_smaller_than_asked_for_are_all_read() -> None:
    server = Moving([item(n) for n in range(40)], most=7)
    assert walk(server, size=10, most=100).seen == ids(server.items)


def test_fat_pages_become_smaller_and_thin_ones_larger() -> None:
    fat = Moving([item(n) for n in range(60)], item_bytes=1_000_000)
    assert walk(fat, size=10, most=100).seen == ids(fat.items)
    assert max(size for _, size in fat.asked[1:]) <= 4
    thin = Moving([item(n) for n in range(390)])
    walk(thin, size=10, most=100)
    assert thin.asked[-2] == (4, 100)


def test_pages_grow_where_no_item_comes_twice() -> None:
    server = Moving([item(n) for n in range(200)])
    walk(server, size=25, most=100)
    pages = [asked for asked in server.asked if asked[1] > 1]
    assert pages == [(1, 25), (2, 25), (2, 50), (2, 100), (3, 100)]


def test_a_page_that_is_too_large_is_asked_for_in_parts() -> None:
    server = Moving([item(n) for n in range(30)], item_bytes=20_000_000)
    assert walk(server, size=10, most=100).seen == ids(server.items)


def test_an_item_that_is_too_large_by_itself_comes_without_its_text() -> None:
    items = [item(n) for n in range(12)]
    items[7]["bytes"] = 70_000_000
    walked = walk(Moving(items), size=10, most=100)
    assert walked.seen == ids(items)
    assert walked.left_out == {"m0007"}


def test_a_walk_goes_on_from_each_of_its_places() -> None:
    server = Moving([item(n, second=n // 4) for n in range(23)])
    whole = walk(server)
    for count, cursor in enumerate(whole.cursors, start=1):
        before = walk(server, pages=count).seen
        rest = walk(server, cursor=cursor)
        assert before | rest.seen == ids(server.items)
        assert rest.shortfall == 0


def test_a_cursor_holds_after_deletions_before_it() -> None:
    server = Moving([item(n) for n in range(23)])
    first = walk(server, pages=3)
    del server.items[2:9]
    rest = walk(server, cursor=first.cursors[-1])
    assert first.seen | rest.seen >= ids(server.items)


def test_a_cursor_names_a_time_and_the_ids_of_that_time_and_no_page() -> None:
    server = Moving([item(n, second=n // 4) for n in range(23)])
    place = at(walk(server, pages=2).cursors[-1])
    assert (place.read, place.ids) == (10, {"m0008", "m0009"})


def test_a_lone_server_that_never_ends_is_left() -> None:
    class Endless(Moving):
        async def ask(self, page: int, size: int, content: bool) -> Listing:
            return await super().ask(1, size, content)

    walk(Endless([item(n) for n in range(5)]))


changes = st.lists(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 3)),
            st.tuples(st.just("delete"), st.integers(0, 60)),
        ),
        max_size=4,
    ),
    max_size=25,
)


@settings(max_examples=80, deadline=None)
@given(
    count=st.integers(0, 40),
    ties=st.integers(1, 9),
    size=st.integers(1, 9),
    changes=changes,
    kills=st.lists(st.integers(1, 4), max_size=4),
)
def test_whatever_happens_to_a_list_all_that_stays_is_read(
    count: int,
    ties: int,
    size: int,
    changes: list[list[tuple[str, int]]],
    kills: list[int],
) -> None:
    left = iter(changes)
    numbers = iter(range(count, 10_000))

    def change(server: Moving) -> None:
        for what, number in next(left, []):
            if what == "delete" and number < len(server.items):
                del server.items[number]
            elif what == "add":
                new = next(numbers)
                server.items.append(item(new, second=(count + number + new) // ties))

    server = Moving([item(n, second=n // ties) for n in range(count)], change)
    beginning = ids(server.items)
    seen: set[str] = set()
    cursor = None
    for pages in [*kills, -1]:
        walked = walk(server, size=size, most=size, cursor=cursor, pages=pages)
        seen |= walked.seen
        cursor = walked.cursors[-1] if walked.cursors else cursor
        if len(walked.cursors) < pages or pages == -1:
            break
    assert beginning & ids(server.items) <= seen


@pytest.mark.parametrize("size", [1, 3, 10])
def test_an_empty_list_is_one_question(size: int) -> None:
    server = Moving([])
    walk(server, size=size)
    assert len(server.asked) == 1
