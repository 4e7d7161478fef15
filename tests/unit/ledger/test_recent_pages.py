"""Pages stay in memory for a moment: few of them, and not much text."""

from __future__ import annotations

from support.sources import record
from synap_import.ledger.recent_pages import RecentPages

MILLION = "x" * 1_000_000


def test_the_newest_twenty_pages_stay() -> None:
    pages = RecentPages()
    for number in range(25):
        pages.keep(number, [record(number)])
    assert [n for n in range(25) if pages.get(n) is not None] == list(range(5, 25))


def test_of_large_ones_fewer_stay() -> None:
    pages = RecentPages()
    for number in range(10):
        pages.keep(number, [record(number, text=MILLION)])
    assert [n for n in range(10) if pages.get(n) is not None] == [6, 7, 8, 9]


def test_one_that_is_too_large_by_itself_stays_while_it_is_the_newest() -> None:
    pages = RecentPages()
    pages.keep(1, [record(n, text=MILLION) for n in range(9)])
    assert pages.get(1) is not None
    pages.keep(2, [record(10)])
    assert pages.get(1) is None
