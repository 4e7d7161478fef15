"""Whose records came to what: what a report shows of a job of any size."""

from __future__ import annotations

from support.sources import record
from synap_import.ledger import (
    Answer,
    Confirmation,
    DocumentState,
    Ingested,
    Ledger,
    OfOwner,
    PlannedDocument,
)
from synap_import.records import MemoryRecord, Scope
from synap_import.sources import Page, Partition

PARTITION = Partition("p", "a partition")


def stage(ledger: Ledger, *records: MemoryRecord) -> None:
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page(records, None))


def of(user: str | None, *numbers: int) -> list[MemoryRecord]:
    return [record(number, scope=Scope(user=user)) for number in numbers]


def load(ledger: Ledger, states: dict[int, DocumentState], held: tuple[int, ...]) -> None:
    """Every record is a document of its own, but for those that are held."""
    ledger.planning.plan(
        [PlannedDocument((n,), f"doc-{n}", "in-synap", None) for n in states],
        [(n, "empty-text") for n in held],
    )
    ledger.sending.claim(1000)
    ledger.sending.answer([Answer(n, state, f"ing-{n}") for n, state in states.items()])


def test_owners_are_counted_by_what_became_of_their_records(ledger: Ledger) -> None:
    stage(ledger, *of("ada", 1, 2, 3, 4), *of("bob", 5), *of(None, 6))
    load(
        ledger,
        {
            1: DocumentState.LOADED,
            2: DocumentState.ALREADY_THERE,
            3: DocumentState.REJECTED,
            5: DocumentState.LOADED,
        },
        held=(4, 6),
    )
    assert ledger.outcomes.owners(10).most == [
        OfOwner("user", "ada", 4, 1, 1, 1, 1, 0, 0, "in-synap", 1),
        OfOwner(None, None, 1, 0, 0, 1, 0, 0, 0, None, 0),
        OfOwner("user", "bob", 1, 1, 0, 0, 0, 0, 0, "in-synap", 1),
    ]


def test_only_those_with_most_records_are_listed_and_all_are_counted(
    ledger: Ledger,
) -> None:
    stage(ledger, *of("ada", 1), *of("bob", 2, 3), *of("cyd", 4))
    owners = ledger.outcomes.owners(1)
    assert owners.owners == 3
    assert [(one.id, one.records) for one in owners.most] == [("bob", 2)]


def test_loaded_records_are_counted_by_what_synap_said(ledger: Ledger) -> None:
    stage(ledger, *of("ada", 1, 2, 3))
    load(ledger, dict.fromkeys((1, 2, 3), DocumentState.LOADED), held=())
    ledger.confirming.choose(sample=None)
    ledger.confirming.confirm([(1, Ingested(Confirmation.COMPLETED, ("m",)))])
    assert ledger.outcomes.confirmed_records() == {"completed": 1, "waiting": 2}


def test_records_that_nobody_asked_about_are_counted_without_a_word(ledger: Ledger) -> None:
    stage(ledger, *of("ada", 1, 2))
    load(ledger, dict.fromkeys((1, 2), DocumentState.LOADED), held=())
    assert ledger.outcomes.confirmed_records() == {"": 2}
