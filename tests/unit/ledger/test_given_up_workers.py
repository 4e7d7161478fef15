"""A worker that was given up, and is not dead, does no harm with what it writes late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from secrets import token_hex
from threading import Timer

import pytest

from support.sources import record
from synap_import.errors import JobLockedError
from synap_import.ledger import Answer, DocumentState, PlannedDocument
from synap_import.ledger.postgres import PostgresLedger, locked
from synap_import.sources import Page, Partition

LOADED = Answer(1, DocumentState.LOADED, "an ingestion")


@dataclass
class Shared:
    """The ledger of one job, for one worker after the other."""

    address: str
    job: str = field(default_factory=lambda: f"job-{token_hex(6)}")
    ledgers: list[PostgresLedger] = field(default_factory=list)

    def __call__(self, worker: str) -> PostgresLedger:
        self.ledgers.append(PostgresLedger(self.address, self.job, worker))
        return self.ledgers[-1]


@pytest.fixture
def opened(ledger_database: str) -> Iterator[Shared]:
    shared = Shared(ledger_database)
    yield shared
    for ledger in shared.ledgers:
        ledger.close()


@pytest.fixture
def command(opened: Shared) -> PostgresLedger:
    """That of the command, with one document that is planned."""
    ledger = opened("")
    read(ledger, "first", "one text")
    return ledger


def read(ledger: PostgresLedger, version: str, text: str) -> None:
    """One record, planned as a document."""
    whole = Partition("p", "a partition", version)
    ledger.reading.open_partition(whole)
    ledger.reading.stage(whole, Page([record(1, text=text)], None))
    (staged,) = ledger.planning.unplanned(10)
    ledger.planning.plan([PlannedDocument((staged.number,), "doc", "ada", None)], [])


def test_its_answer_counts_as_long_as_nobody_else_has_the_document(
    opened: Shared, command: PostgresLedger
) -> None:
    late = opened("w1.1")
    late.sending.claim(10)
    command.sending.take_back("w1.1")
    late.sending.answer([LOADED])
    assert command.books().loaded == 1


def test_its_doubt_keeps_nobody_from_taking_the_document(
    opened: Shared, command: PostgresLedger
) -> None:
    late = opened("w1.1")
    late.sending.claim(10)
    command.sending.take_back("w1.1")
    late.sending.doubt([1], "no answer")
    assert [one.number for one in opened("w1.2").sending.claim(10)] == [1]


def test_its_answer_about_an_older_text_is_none_about_the_newer_one(
    opened: Shared, command: PostgresLedger
) -> None:
    late = opened("w1.1")
    late.sending.claim(10)
    command.sending.take_back("w1.1")
    read(command, "second", "another text")
    late.sending.answer([LOADED])
    assert (command.books().loaded, command.books().unfinished) == (0, 1)
    assert [one.records[0].text for one in command.sending.claim(10)] == ["another text"]


@pytest.mark.parametrize(
    "write",
    [
        lambda sending: sending.doubt([1], "no answer"),
        lambda sending: sending.doubt([1], "no answer", hold=True),
        lambda sending: sending.release([1]),
        lambda sending: sending.answer([Answer(1, DocumentState.REJECTED, None, "refused")]),
    ],
    ids=["doubt", "held doubt", "release", "refusal"],
)
def test_what_another_one_has_loaded_stays_loaded(
    opened: Shared, command: PostgresLedger, write: Callable[[object], None]
) -> None:
    late, other = opened("w1.1"), opened("w1.2")
    late.sending.claim(10)
    command.sending.take_back("w1.1")
    other.sending.claim(10)
    other.sending.answer([LOADED])
    write(late.sending)
    books = command.books()
    assert (books.loaded, books.unfinished, books.in_doubt) == (1, 0, 0)


def test_no_import_begins_while_workers_of_an_earlier_one_are_there(
    opened: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synap_import.ledger.postgres.locking.WORKERS_END_WITHIN", "10ms")
    with locked(opened.address, opened.job):
        worker, another = opened("w1.1"), opened("w2.1")
        another.close()
    with (
        pytest.raises(JobLockedError, match="Workers of an earlier import"),
        locked(opened.address, opened.job),
    ):
        pass
    worker.close()
    with locked(opened.address, opened.job):
        opened("w1.1")


def test_an_import_waits_until_the_workers_of_an_earlier_one_have_ended(opened: Shared) -> None:
    worker = opened("w1.1")
    ending = Timer(0.1, worker.close)
    ending.start()
    with locked(opened.address, opened.job):
        ending.join()
