"""Runs with digests save work, and nothing else: what a re-sync finds is the same without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.sources import record
from synap_import import MemoryRecord, Page, Partition, Run
from synap_import.ledger import Answer, DocumentState, Ledger, PlannedDocument, SqliteLedger

Line: TypeAlias = tuple[int, str]
File: TypeAlias = list[Line]

LINES = st.tuples(st.integers(0, 7), st.sampled_from("ab"))
FILES = st.lists(st.lists(LINES, max_size=9), min_size=2, max_size=2)
READINGS = st.lists(FILES, min_size=2, max_size=4)


def runs_of(file: File, size: int) -> list[list[MemoryRecord]]:
    made = [record(number, text=text) for number, text in file]
    return [made[start : start + size] for start in range(0, len(made), size)]


def digest_of(run: Sequence[MemoryRecord]) -> str:
    return str([(one.id, one.text) for one in run])


def pages(ledger: Ledger, file: File, size: int, most: int) -> Iterator[Page]:
    """As an adapter makes them: either runs that are known, which it leaves out, or others."""
    page: list[list[MemoryRecord]] = []
    holds_known = False
    for run in runs_of(file, size):
        known = ledger.reading.knows(digest_of(run))
        if page and (len(page) >= most or known != holds_known):
            yield page_of(page, known=holds_known)
            page = []
            known = known and ledger.reading.knows(digest_of(run))
        page.append(run)
        holds_known = known
    yield page_of(page, known=holds_known)


def page_of(runs: Sequence[Sequence[MemoryRecord]], *, known: bool) -> Page:
    if known:
        return Page((), "more", runs=[Run(digest_of(run), None) for run in runs])
    told = [Run(digest_of(run), len(run)) for run in runs]
    return Page([one for run in runs for one in run], "more", runs=told)


def plain(file: File, size: int, most: int) -> Iterator[Page]:
    runs = runs_of(file, size)
    for start in range(0, max(1, len(runs)), most):
        yield Page([one for run in runs[start : start + most] for one in run], "more")


def read(ledger: Ledger, files: Sequence[File], size: int, most: int, *, in_runs: bool) -> None:
    ledger.reading.begin(again=True)
    for number, file in enumerate(files):
        part = Partition(str(number), "a file")
        ledger.reading.open_partition(part)
        found = pages(ledger, file, size, most) if in_runs else plain(file, size, most)
        for page in found:
            ledger.reading.stage(part, page)
    ledger.reading.end(saw_everything=True)
    staged = ledger.planning.unplanned(100)
    planned = [PlannedDocument((one.number,), f"d{one.number}", "ada", None) for one in staged]
    ledger.planning.plan(planned, [])
    claimed = ledger.sending.claim(100)
    ledger.sending.answer([Answer(one.number, DocumentState.LOADED, "i") for one in claimed])


def known(ledger: Ledger) -> object:
    books = ledger.books()
    records = [(one.record.id, one.record.text, one.hold) for one in ledger.listing.identified()]
    counts = (books.exported, books.loaded, books.held, books.gone, books.seen_again)
    return sorted(records, key=str), counts, books.replaced, books.unaccounted


@settings(deadline=None, max_examples=60)
@example([[[(1, "a"), (2, "a")], []], [[], [(2, "a"), (1, "b")]], [[(1, "a"), (2, "a")], []]], 2, 2)
@given(READINGS, st.integers(1, 4), st.integers(1, 3))
def test_with_and_without_runs_a_resync_finds_the_same(
    readings: list[list[File]], size: int, most: int
) -> None:
    with TemporaryDirectory() as folder:
        ledgers = [SqliteLedger(Path(folder) / name) for name in ("runs", "plain")]
        for files in readings:
            for ledger, in_runs in zip(ledgers, (True, False), strict=True):
                read(ledger, files, size, most, in_runs=in_runs)
            one, other = map(known, ledgers)
            assert one == other
        for ledger in ledgers:
            ledger.close()
