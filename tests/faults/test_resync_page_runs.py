"""Runs of records inside a page: a re-sync recognises each of them, wherever it has moved to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import pytest

from support.resyncs import resync
from support.sources import FakeSource, record
from support.synap import ScriptedSynap
from synap_import import MemoryRecord, Page, Partition, Run
from synap_import.errors import PluginError
from synap_import.ledger import Ledger

TEN = 10


class InRuns(FakeSource):
    """Ten records in a run, all runs that can go together in one page; knows what it made."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.made: list[str] = []

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        async for page in super().pages(partition, cursor):
            told = [page.records[start : start + TEN] for start in range(0, len(page.records), TEN)]
            known = [self.context.exported.knows(digest_of(run)) for run in told]
            if told and all(known):
                runs = [Run(digest_of(run), None) for run in told]
                yield Page((), page.cursor, runs=runs)
            else:
                self.made += [one.id for one in page.records]
                runs = [Run(digest_of(run), len(run)) for run in told]
                yield Page(page.records, page.cursor, runs=runs)


def digest_of(run: Sequence[MemoryRecord]) -> str:
    return str([(one.id, one.text) for one in run])


def source(records: Sequence[MemoryRecord], page_size: int = 50) -> InRuns:
    return InRuns(FakeSource.giving(records, page_size).slices)


def test_runs_are_known_on_whatever_page_they_come(ledger: Ledger, synap: ScriptedSynap) -> None:
    resync(source([record(i) for i in range(100)]), ledger, synap)
    sent = len(synap.stored)
    again = source([record(i) for i in range(100)], page_size=30)
    books = resync(again, ledger, synap)
    assert (again.made, len(synap.stored)) == ([], sent)
    assert (books.exported, books.loaded, books.gone, books.seen_again) == (100, 100, 0, 0)


def test_a_page_with_one_changed_run_is_compared_and_the_others_are_known_the_next_time(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    records = [record(i) for i in range(100)]
    resync(source(records), ledger, synap)
    sent = len(synap.stored)
    records[25] = record(25, text="changed")
    resync(source(records), ledger, synap)
    assert len(synap.stored) == sent + 1
    again = source(records, page_size=10)
    books = resync(again, ledger, synap)
    assert (again.made, len(synap.stored)) == ([], sent + 1)
    assert (books.exported, books.gone) == (100, 0)


def test_a_run_that_stands_twice_is_counted_as_seen_again(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    ten = [record(i) for i in range(10)]
    resync(source(ten), ledger, synap)
    again = source([*ten, *ten], page_size=20)
    books = resync(again, ledger, synap)
    assert again.made == []
    assert (books.exported, books.gone, books.seen_again) == (10, 0, 10)


def test_a_run_in_which_a_record_comes_twice_is_made_each_time(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    records = [*(record(i) for i in range(9)), record(0)]
    for _ in range(3):
        again = source(records)
        books = resync(again, ledger, synap)
        assert len(again.made) == 10
        assert (books.exported, books.gone, books.seen_again) == (9, 0, 1)


def test_a_known_run_behind_other_contents_of_its_records_does_not_win(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    ten = [record(i) for i in range(10)]
    resync(source(ten), ledger, synap)
    before = [record(3, text="came first"), *(record(i) for i in range(20, 29))]
    books = resync(source([*before, *ten]), ledger, synap)
    assert (books.exported, books.held) == (20, {"conflicting-id": 1})
    assert synap.stored[-10:][0].startswith("legacy_fake_3~")


def test_leaving_out_what_nobody_knows_ends_the_run(ledger: Ledger, synap: ScriptedSynap) -> None:
    class Careless(FakeSource):
        async def pages(
            self, partition: Partition, cursor: str | None
        ) -> AsyncGenerator[Page, None]:
            yield Page((), None, runs=[Run("never seen", None)])

    resync(source([record(1)]), ledger, synap)
    with pytest.raises(PluginError, match="not all of them are known"):
        resync(Careless(FakeSource.giving([record(1)]).slices), ledger, synap)


def test_runs_that_do_not_hold_the_records_of_their_page_end_the_run(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    class Miscounting(FakeSource):
        async def pages(
            self, partition: Partition, cursor: str | None
        ) -> AsyncGenerator[Page, None]:
            yield Page([record(1), record(2)], None, runs=[Run("one", 1)])

    with pytest.raises(PluginError, match="hold 1 records, and not its 2"):
        resync(Miscounting(FakeSource.giving([]).slices), ledger, synap)
