"""What did not arrive can be listed whole, and sent again."""

from __future__ import annotations

import pytest

from support.sources import record
from synap_import.ledger import Answer, DocumentState, Ledger, PlannedDocument, Undelivered
from synap_import.records import Kind, MemoryRecord, Scope
from synap_import.sources import Page, Partition, Unreadable

PARTITION = Partition("p", "a partition")


def stage(ledger: Ledger, *records: MemoryRecord, partition: Partition = PARTITION) -> None:
    ledger.reading.open_partition(partition)
    ledger.reading.stage(partition, Page(records, None))


def plan_all(ledger: Ledger) -> None:
    staged = ledger.planning.unplanned(10_000)
    ledger.planning.plan(
        [PlannedDocument((s.number,), f"doc-{s.record.id}", "ada", None) for s in staged], []
    )


def reject(ledger: Ledger, count: int, reason: str | None = "bad") -> list[int]:
    """Let a destination refuse the next documents."""
    numbers = [claimed.number for claimed in ledger.sending.claim(count)]
    ledger.sending.answer([Answer(n, DocumentState.REJECTED, reason=reason) for n in numbers])
    return numbers


def test_rejected_documents_are_listed_with_their_records_as_they_came(
    ledger: Ledger,
) -> None:
    refused = record(2, raw={"id": "2", "score": 0.5})
    stage(ledger, record(1), refused, record(3))
    plan_all(ledger)
    first, second, third = ledger.sending.claim(3)
    ledger.sending.answer(
        [
            Answer(first.number, DocumentState.LOADED),
            Answer(second.number, DocumentState.REJECTED, reason="too short"),
            Answer(third.number, DocumentState.LOADED),
        ]
    )
    assert list(ledger.listing.undelivered(DocumentState.REJECTED)) == [
        Undelivered("doc-2", "too short", 1, (refused,))
    ]


def test_all_turns_of_a_rejected_document_are_listed_in_order(ledger: Ledger) -> None:
    scope = Scope(user="ada", session="chat")
    turns = [record(i, kind=Kind.MESSAGE, scope=scope, raw={"n": i}) for i in range(3)]
    stage(ledger, *turns)
    ledger.planning.plan([PlannedDocument((1, 2, 3), "backfill:chat:0", "ada", None)], [])
    reject(ledger, 1)
    (listed,) = ledger.listing.undelivered(DocumentState.REJECTED)
    assert listed.records == tuple(turns)


def test_more_than_are_looked_up_at_once_are_all_listed(ledger: Ledger) -> None:
    for first in range(0, 1200, 300):
        stage(ledger, *(record(i) for i in range(first, first + 300)))
    plan_all(ledger)
    reject(ledger, 1200)
    listed = [each.records[0].id for each in ledger.listing.undelivered(DocumentState.REJECTED)]
    assert listed == [str(i) for i in range(1200)]


def test_documents_in_doubt_are_listed_with_the_doubt(ledger: Ledger) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    (claimed,) = ledger.sending.claim(1)
    ledger.sending.doubt([claimed.number], "timed out", hold=True)
    (listed,) = ledger.listing.undelivered(DocumentState.IN_DOUBT)
    assert (listed.document_id, listed.reason) == ("doc-1", "timed out")
    assert list(ledger.listing.undelivered(DocumentState.REJECTED)) == []


def test_every_unreadable_item_is_listed(ledger: Ledger) -> None:
    items = [Unreadable(f"p:{n:04}", "not JSON", "{") for n in range(1200)]
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page((), None, items))
    assert list(ledger.listing.unreadable()) == items


def test_a_rejected_document_is_sent_again_under_its_id(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    reject(ledger, 1)
    (other,) = ledger.sending.claim(1)
    ledger.sending.answer([Answer(other.number, DocumentState.LOADED)])
    assert (ledger.sending.retryable(), ledger.sending.unsent()) == (1, 0)
    assert ledger.sending.retry_rejected() == 1
    assert [claimed.document_id for claimed in ledger.sending.claim(10)] == ["doc-1"]


def test_a_retry_that_died_is_gone_on_with(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    reject(ledger, 2)
    ledger.sending.retry_rejected()
    ledger.sending.claim(1)
    assert ledger.sending.retryable() == 2
    assert ledger.sending.retry_rejected() == 2
    assert len(ledger.sending.claim(10)) == 2


def test_what_waits_for_the_import_is_no_matter_of_a_retry(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    reject(ledger, 1)
    assert (ledger.sending.retryable(), ledger.sending.unsent()) == (1, 1)
    ledger.sending.claim(1)
    assert (ledger.sending.retryable(), ledger.sending.unsent()) == (1, 1)


def test_a_rejection_without_a_reason_can_be_retried_too(ledger: Ledger) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    reject(ledger, 1, reason=None)
    ledger.sending.retry_rejected()
    assert (ledger.sending.retryable(), ledger.sending.unsent()) == (1, 0)


def test_a_document_that_arrives_in_the_end_has_no_reason_left(ledger: Ledger) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    reject(ledger, 1)
    ledger.sending.retry_rejected()
    (claimed,) = ledger.sending.claim(1)
    ledger.sending.answer([Answer(claimed.number, DocumentState.LOADED)])
    assert (ledger.sending.retryable(), ledger.books().loaded) == (0, 1)


def test_a_record_that_was_mended_in_the_source_replaces_the_rejected_one(
    ledger: Ledger,
) -> None:
    stage(ledger, record(1, text="bad"))
    plan_all(ledger)
    reject(ledger, 1)
    stage(ledger, record(1, text="good"), partition=Partition("p", "a partition", version="2"))
    assert [item.record.text for item in ledger.planning.unplanned(10)] == ["good"]
    assert ledger.books().held == {}


def test_another_plan_decides_anew_about_what_was_rejected(ledger: Ledger) -> None:
    stage(ledger, record(1))
    ledger.planning.replan("without a customer")
    plan_all(ledger)
    reject(ledger, 1, "customer_id is missing")
    assert ledger.planning.replan("with a customer") == 1
    assert [item.record for item in ledger.planning.unplanned(10)] == [record(1)]


def test_documents_that_are_planned_before_those_already_claimed_have_their_turn(
    ledger: Ledger,
) -> None:
    stage(ledger, record(1), record(2))
    ledger.planning.plan([PlannedDocument((2,), "doc-2", "ada", None)], [])
    ledger.sending.claim(10)
    ledger.planning.plan([PlannedDocument((1,), "doc-1", "ada", None)], [])
    assert [claimed.document_id for claimed in ledger.sending.claim(10)] == ["doc-1"]


@pytest.mark.parametrize("value", ["plain", "ünïcödé \x1b[31m"])
def test_a_note_is_read_back(ledger: Ledger, value: str) -> None:
    assert ledger.noted("key") is None
    ledger.note("key", "first")
    ledger.note("key", value)
    assert ledger.noted("key") == value
