"""The ledger knows what a job may take back, and what it has taken back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from support.sources import record
from synap_import.ledger import (
    Answer,
    Confirmation,
    DocumentState,
    Identified,
    Ingested,
    Ledger,
    PlannedDocument,
    RollbackOutlook,
    SqliteLedger,
    Undoable,
    Undone,
)
from synap_import.sources import Page, Partition

PARTITION = Partition("p", "a partition")


def plan_all(ledger: Ledger, user: str = "ada") -> None:
    staged = ledger.planning.unplanned(1000)
    ledger.planning.plan(
        [PlannedDocument((s.number,), f"doc-{s.number}", user, None) for s in staged], []
    )


def load(ledger: Ledger, count: int = 3, state: DocumentState = DocumentState.LOADED) -> list[int]:
    """So many documents with an answer of Synap."""
    ledger.reading.open_partition(PARTITION)
    first = ledger.books().exported
    ledger.reading.stage(PARTITION, Page([record(first + i) for i in range(count)], None))
    plan_all(ledger)
    numbers = [document.number for document in ledger.sending.claim(count)]
    ledger.sending.answer([Answer(n, state, f"ingestion-{n}") for n in numbers])
    return numbers


def confirm(ledger: Ledger, numbers: list[int], *memory_ids: str) -> None:
    said = Ingested(Confirmation.COMPLETED, memory_ids or ("m",))
    ledger.confirming.confirm([(number, said) for number in numbers])


def test_documents_whose_memories_are_known_can_be_rolled_back(ledger: Ledger) -> None:
    first, _, third = load(ledger)
    confirm(ledger, [first], "a", "b")
    confirm(ledger, [third], "c")
    assert ledger.undoing.next(0, 10) == [
        Undoable(first, f"doc-{first}", ("a", "b")),
        Undoable(third, f"doc-{third}", ("c",)),
    ]
    outlook = ledger.undoing.outlook()
    assert (outlook.named, outlook.memories, outlook.to_ask) == (2, 3, 1)


def test_what_was_there_before_the_job_cannot(ledger: Ledger) -> None:
    numbers = load(ledger, state=DocumentState.ALREADY_THERE)
    confirm(ledger, numbers)
    assert ledger.undoing.next(0, 10) == []
    assert ledger.undoing.outlook() == RollbackOutlook(already_there=3)


def test_what_is_there_after_a_doubtful_send_is_perhaps_ours(ledger: Ledger) -> None:
    first, *_ = load(ledger, state=DocumentState.ALREADY_THERE)
    ledger.sending.doubt([first], "time-out")
    ledger.sending.answer([Answer(first, DocumentState.ALREADY_THERE)])
    assert ledger.undoing.outlook() == RollbackOutlook(already_there=3, perhaps_ours=1)


def test_a_document_without_any_memory_is_rolled_back_for_nothing(ledger: Ledger) -> None:
    numbers = load(ledger, 1)
    ledger.confirming.confirm([(numbers[0], Ingested(Confirmation.COMPLETED))])
    assert ledger.undoing.next(0, 10) == [Undoable(numbers[0], f"doc-{numbers[0]}", ())]


def test_memories_that_synap_does_not_name_are_not_given_out_for_deleted(
    ledger: Ledger,
) -> None:
    first, second, third = load(ledger)
    ledger.confirming.confirm(
        [
            (first, Ingested(Confirmation.COMPLETED, ("a",), unnamed=2)),
            (second, Ingested(Confirmation.UNKNOWN)),
            (third, Ingested(Confirmation.PARTIAL)),
        ]
    )
    assert ledger.undoing.next(0, 10) == []
    assert ledger.undoing.outlook() == RollbackOutlook(nameless=3)


def test_memories_of_a_failed_ingestion_are_deleted_too(ledger: Ledger) -> None:
    first, second, _ = load(ledger)
    ledger.confirming.confirm(
        [
            (first, Ingested(Confirmation.FAILED, ("a",), "ingestion failed")),
            (second, Ingested(Confirmation.FAILED, (), "ingestion failed")),
        ]
    )
    assert [one.number for one in ledger.undoing.next(0, 10)] == [first]
    assert ledger.undoing.outlook().failed == 1


def test_documents_in_flight_are_in_doubt(ledger: Ledger) -> None:
    load(ledger, 1)
    ledger.reading.stage(PARTITION, Page([record(7)], None))
    plan_all(ledger)
    ledger.sending.claim(1)
    assert ledger.undoing.outlook().in_doubt == 1


def test_only_one_user_is_looked_at(ledger: Ledger) -> None:
    confirm(ledger, load(ledger))
    assert ledger.undoing.outlook("ada").named == 3
    assert ledger.undoing.outlook("bob") == RollbackOutlook()
    assert ledger.undoing.next(0, 10, user_id="bob") == []
    assert ledger.undoing.customers_of("ada") == [None]
    assert ledger.undoing.customers_of("bob") == []


def test_a_document_is_rolled_back_when_its_last_memory_is_gone(ledger: Ledger) -> None:
    numbers = load(ledger, 3)
    confirm(ledger, numbers, "a", "b")
    ledger.undoing.begin(numbers)
    assert ledger.undoing.unfinished() == 3
    assert ledger.books().unfinished == 3
    ledger.undoing.end([Undone(numbers[0]), Undone(numbers[1], ("b",))])
    books = ledger.books()
    assert (books.rolled_back, books.unfinished, books.loaded) == (1, 2, 0)
    assert books.unaccounted == 0
    assert ledger.undoing.next(0, 10) == [
        Undoable(numbers[1], f"doc-{numbers[1]}", ("b",), begun=True),
        Undoable(numbers[2], f"doc-{numbers[2]}", ("a", "b"), begun=True),
    ]


def test_a_refused_deletion_leaves_the_document_loaded_and_says_why(ledger: Ledger) -> None:
    numbers = load(ledger, 1)
    confirm(ledger, numbers, "a", "b")
    ledger.undoing.begin(numbers)
    ledger.undoing.end([Undone(numbers[0], ("b",), "HTTP 422: no")])
    assert ledger.books().loaded == 1
    assert ledger.undoing.unfinished() == 0
    assert ledger.undoing.failures(5) == [(f"doc-{numbers[0]}", "HTTP 422: no")]
    assert ledger.undoing.next(0, 10) == [Undoable(numbers[0], f"doc-{numbers[0]}", ("b",))]


def test_a_document_that_nothing_was_begun_with_is_loaded_as_before(ledger: Ledger) -> None:
    numbers = load(ledger, 1)
    confirm(ledger, numbers, "a")
    ledger.undoing.begin(numbers)
    ledger.undoing.end([Undone(numbers[0], ("a",), begun=False)])
    assert ledger.books().loaded == 1
    assert ledger.undoing.outlook().refused == 0


def test_what_was_rolled_back_is_planned_again_under_the_same_plan(ledger: Ledger) -> None:
    ledger.planning.replan("plan")
    numbers = load(ledger)
    confirm(ledger, numbers)
    ledger.undoing.end([Undone(numbers[1])])
    assert ledger.planning.replan("plan") == 1
    assert [item.number for item in ledger.planning.unplanned(10)] == [numbers[1]]
    assert ledger.books().rolled_back == 0


def test_what_was_rolled_back_is_sent_by_an_import_only(ledger: Ledger) -> None:
    numbers = load(ledger)
    confirm(ledger, numbers)
    ledger.undoing.end([Undone(number) for number in numbers])
    ledger.sending.recover()
    ledger.sending.retry_rejected()
    assert ledger.sending.claim(10) == []
    ledger.confirming.choose()
    assert ledger.confirming.unconfirmed(0, 10) == []


def test_what_is_loaded_anew_is_confirmed_anew(ledger: Ledger) -> None:
    numbers = load(ledger)
    ledger.confirming.choose(only_new=True)
    confirm(ledger, numbers)
    ledger.undoing.end([Undone(number) for number in numbers])
    ledger.planning.replan("plan")
    plan_all(ledger)
    ledger.sending.answer(
        [Answer(d.number, DocumentState.LOADED, "again") for d in ledger.sending.claim(10)]
    )
    ledger.confirming.choose(only_new=True)
    assert [one.number for one in ledger.confirming.unconfirmed(0, 10)] == numbers


def test_a_wiped_user_has_nothing_left(ledger: Ledger) -> None:
    load(ledger, 2)
    load(ledger, 1, DocumentState.ALREADY_THERE)
    ledger.undoing.wiped("bob", None)
    assert ledger.books().rolled_back == 0
    ledger.undoing.wiped("ada", None)
    assert ledger.books().rolled_back == 3


def test_every_record_is_listed_with_what_it_became(ledger: Ledger) -> None:
    (number,) = load(ledger, 1)
    confirm(ledger, [number], "a", "b")
    assert list(ledger.listing.identified()) == [
        Identified(
            record(0), None, "loaded", None, f"doc-{number}", f"ingestion-{number}", ("a", "b")
        )
    ]


def test_a_ledger_of_an_earlier_version_can_be_rolled_back(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = SqliteLedger(path)
    confirm(ledger, load(ledger))
    ledger.close()
    db = sqlite3.connect(path)
    db.executescript(
        "ALTER TABLE documents DROP COLUMN unnamed; ALTER TABLE documents DROP COLUMN undeleted;"
        "DROP TABLE samples; ALTER TABLE findings DROP COLUMN origin; DROP INDEX marked_records;"
        "ALTER TABLE records DROP COLUMN said; ALTER TABLE records DROP COLUMN marks;"
        "ALTER TABLE records DROP COLUMN round; ALTER TABLE records DROP COLUMN changed;"
        "ALTER TABLE partitions DROP COLUMN round; DROP TABLE replaced; DROP TABLE known_pages;"
        "DROP INDEX replaced_documents; PRAGMA user_version = 3;"
    )
    db.close()
    ledger = SqliteLedger(path)
    assert ledger.undoing.outlook().named == 3
    ledger.close()
