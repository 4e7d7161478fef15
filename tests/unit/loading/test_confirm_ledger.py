"""The ledger keeps what Synap made of documents."""

from __future__ import annotations

from support.runs import ask_tables
from support.sources import record
from synap_import.ledger import (
    Answer,
    Confirmable,
    Confirmation,
    DocumentState,
    Ingested,
    Ledger,
    PlannedDocument,
)
from synap_import.sources import Page, Partition

PARTITION = Partition("p", "a partition")


def accept(ledger: Ledger, owners: list[str], first: int = 0) -> list[int]:
    """One accepted document for each entry, with an ingestion id."""
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page([record(first + i) for i in range(len(owners))], None))
    staged = ledger.planning.unplanned(len(owners))
    ledger.planning.plan(
        [
            PlannedDocument((item.number,), f"doc-{item.number}", owner, None)
            for item, owner in zip(staged, owners, strict=True)
        ],
        [],
    )
    numbers = [document.number for document in ledger.sending.claim(len(owners))]
    ledger.sending.answer([Answer(n, DocumentState.LOADED, f"ingestion-{n}") for n in numbers])
    return numbers


def chosen(ledger: Ledger) -> list[int]:
    return [document.number for document in ledger.confirming.unconfirmed(0, 1000)]


def test_nothing_is_counted_before_anything_was_chosen(ledger: Ledger) -> None:
    accept(ledger, ["ada"] * 3)
    assert ledger.books().confirmation == {}


def test_all_are_chosen_in_order(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 3)
    ledger.confirming.choose()
    assert chosen(ledger) == numbers
    assert ledger.confirming.unconfirmed(numbers[0], 1) == [
        Confirmable(numbers[1], f"ingestion-{numbers[1]}", Confirmation.WAITING)
    ]


def test_a_sample_has_every_user_and_what_was_in_doubt(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 50 + ["bob"] * 2)
    ledger.sending.doubt([numbers[33]], "time-out")
    ledger.sending.answer([Answer(numbers[33], DocumentState.LOADED, "again")])
    ledger.confirming.choose(sample=4)
    assert {numbers[0], numbers[33], numbers[50]} <= set(chosen(ledger))
    assert len(chosen(ledger)) <= 5


def test_a_sample_is_the_same_each_time(ledger: Ledger) -> None:
    accept(ledger, ["ada", "bob", "cleo"] * 20)
    ledger.confirming.choose(sample=10)
    first = chosen(ledger)
    ledger.confirming.choose(sample=10)
    assert chosen(ledger) == first


def test_a_sample_takes_the_place_of_what_was_chosen_and_not_confirmed(
    ledger: Ledger,
) -> None:
    accept(ledger, ["ada"] * 50)
    ledger.confirming.choose()
    ledger.confirming.choose(sample=5)
    assert len(chosen(ledger)) == 5


def test_new_documents_are_chosen_beside_what_was_chosen_before(ledger: Ledger) -> None:
    accept(ledger, ["ada"] * 50)
    ledger.confirming.choose(sample=5)
    first = chosen(ledger)
    new = accept(ledger, ["ada"] * 20, first=100)
    assert ledger.confirming.confirmable(only_new=True) == 20
    ledger.confirming.choose(sample=2, only_new=True)
    assert chosen(ledger) == [*first, new[0], new[10]]


def test_without_new_documents_nothing_new_is_chosen(ledger: Ledger) -> None:
    accept(ledger, ["ada"] * 50)
    ledger.confirming.choose(sample=5)
    ledger.confirming.choose(only_new=True)
    assert len(chosen(ledger)) == 5


def test_what_is_confirmed_is_not_chosen_again(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 3)
    ledger.confirming.choose()
    ledger.confirming.confirm([(numbers[0], Ingested(Confirmation.COMPLETED, ("m",)))])
    ledger.confirming.choose()
    assert chosen(ledger) == numbers[1:]


def test_a_failed_ingestion_is_rejected_with_its_reason(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 3)
    ledger.confirming.choose()
    ledger.confirming.confirm(
        [(numbers[1], Ingested(Confirmation.FAILED, (), "ingestion failed: no"))]
    )
    books = ledger.books()
    assert (books.loaded, books.rejected) == (2, {"ingestion failed: no": 1})
    assert books.confirmation["failed"] == 1
    assert books.unaccounted == 0


def test_memories_are_kept_and_counted(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 3)
    ledger.confirming.choose()
    ledger.confirming.confirm(
        [
            (numbers[0], Ingested(Confirmation.COMPLETED, ("a", "b"))),
            (numbers[1], Ingested(Confirmation.PARTIAL, ("c",), "ingested in part: two of three")),
        ]
    )
    books = ledger.books()
    assert books.confirmation == {
        "waiting": 1,
        "completed": 1,
        "partial_success": 1,
        "not_confirmable": 0,
        "memories": 3,
    }
    assert (books.to_confirm, books.unconfirmed, books.loaded) == (3, 1, 3)
    kept = ask_tables(ledger, "SELECT memory_ids, reason FROM documents ORDER BY number")
    assert kept == [
        ('["a", "b"]', None),
        ('["c"]', "ingested in part: two of three"),
        (None, None),
    ]


def test_documents_without_an_ingestion_id_cannot_be_confirmed(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 3)
    ledger.sending.answer([Answer(numbers[0], DocumentState.ALREADY_THERE)])
    ledger.confirming.choose()
    assert ledger.confirming.confirmable() == 2
    assert chosen(ledger) == numbers[1:]
    assert ledger.books().confirmation["not_confirmable"] == 1


def test_a_document_that_is_sent_again_is_confirmed_anew(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 2)
    ledger.confirming.choose()
    ledger.confirming.confirm(
        [(numbers[0], Ingested(Confirmation.FAILED, (), "ingestion failed: no"))]
    )
    ledger.sending.answer([Answer(numbers[0], DocumentState.LOADED, "second try")])
    assert Confirmable(
        numbers[0], "second try", Confirmation.WAITING
    ) in ledger.confirming.unconfirmed(0, 9)


def test_a_failed_document_is_not_well_because_its_id_is_there(ledger: Ledger) -> None:
    numbers = accept(ledger, ["ada"] * 2)
    ledger.confirming.choose()
    ledger.confirming.confirm(
        [(numbers[0], Ingested(Confirmation.FAILED, (), "ingestion failed: no"))]
    )
    ledger.sending.retry_rejected()
    ledger.sending.claim(1)
    ledger.sending.answer([Answer(numbers[0], DocumentState.ALREADY_THERE, "second", "duplicate")])
    books = ledger.books()
    assert (books.already_there, books.rejected) == (0, {"ingestion failed: no": 1})
    assert chosen(ledger) == numbers[1:]


def test_a_document_that_is_refused_when_sent_again_is_not_asked_about(
    ledger: Ledger,
) -> None:
    numbers = accept(ledger, ["ada"] * 2)
    ledger.confirming.choose()
    ledger.sending.answer([Answer(numbers[0], DocumentState.REJECTED, None, "no")])
    assert chosen(ledger) == numbers[1:]
    assert ledger.books().to_confirm == 1
