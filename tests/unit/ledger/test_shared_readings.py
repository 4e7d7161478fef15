"""Several processes read one source into one ledger, in the reading that one of them began."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from secrets import token_hex

import pytest

from support.sources import record
from synap_import.errors import LedgerError
from synap_import.ledger import Answer, DocumentState, PlannedDocument
from synap_import.ledger.postgres import PostgresLedger
from synap_import.sources import Page, Partition, Run

WHOLE = Partition("p", "a partition")
Open = Callable[[str], PostgresLedger]


@pytest.fixture
def opened(ledger_database: str) -> Iterator[Open]:
    """The ledger of one job, for one worker after the other."""
    job, ledgers = f"job-{token_hex(6)}", list[PostgresLedger]()

    def open_it(worker: str) -> PostgresLedger:
        ledgers.append(PostgresLedger(ledger_database, job, worker))
        return ledgers[-1]

    yield open_it
    for ledger in ledgers:
        ledger.close()


def read(ledger: PostgresLedger, first: int, last: int) -> None:
    """What a worker does with a partition of these records, and one page."""
    if not ledger.reading.open_partition(WHOLE).done:
        ledger.reading.stage(WHOLE, Page([record(i) for i in range(first, last)], None))


def load(ledger: PostgresLedger) -> None:
    """Plan and send what was read."""
    staged = ledger.planning.unplanned(100)
    ledger.planning.plan(
        [PlannedDocument((one.number,), f"doc-{one.number}", "ada", None) for one in staged], []
    )
    claimed = ledger.sending.claim(100)
    ledger.sending.answer([Answer(one.number, DocumentState.LOADED, "i") for one in claimed])


def test_a_worker_reads_again_what_the_command_wants_read_again(opened: Open) -> None:
    command = opened("")
    read(command, 0, 5)
    load(command)
    assert command.reading.begin(again=True)
    read(opened("w1"), 2, 8)
    command.reading.end(saw_everything=True)
    books = command.books()
    assert (books.exported, books.unfinished, books.gone) == (8, 3, 2)


def test_what_a_worker_reads_behind_a_resync_is_in_the_source(opened: Open) -> None:
    command = opened("")
    read(command, 0, 5)
    command.reading.begin(again=True)
    read(command, 0, 5)
    command.reading.end(saw_everything=True)
    command.reading.begin()
    worker = opened("w1")
    more = Partition("q", "another one")
    worker.reading.open_partition(more)
    worker.reading.stage(more, Page([record(9)], None))
    assert command.books().gone == 0


def test_what_another_worker_replaced_meanwhile_is_not_left_out(opened: Open) -> None:
    command, one, other = opened(""), opened("w1"), opened("w2")
    files = [Partition("p", "a file"), Partition("q", "another file")]
    run = [record(i) for i in range(3)]
    command.reading.open_partition(files[0])
    command.reading.stage(files[0], Page(run, None, runs=[Run("the run", 3)]))
    load(command)
    command.reading.begin(again=True)
    for worker, file in zip((one, other), files, strict=True):
        worker.reading.open_partition(file)
    assert one.reading.knows("the run")
    other.reading.stage(files[1], Page([record(1, text="another")], None))
    with pytest.raises(LedgerError, match="at the same moment"):
        one.reading.stage(files[0], Page((), None, runs=[Run("the run", None)]))
    assert not one.reading.knows("the run")
    one.reading.stage(files[0], Page(run, None, runs=[Run("the run", 3)]))
    assert command.books().held == {"conflicting-id": 1}
