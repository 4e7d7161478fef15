"""What did not arrive can be listed whole, and sent again."""

from __future__ import annotations

import pytest

from support.sources import record
from synap_import.ledger import Answer, DocumentState, PlannedDocument, SqlLedger, Undelivered
from synap_import.records import Kind, MemoryRecord, Scope
from synap_import.sources import Page, Partition, Unreadable

PARTITION = Partition("p", "a partition")


def stage(ledger: SqlLedger, *records: MemoryRecord, partition: Partition = PARTITION) -> None:
    ledger.open_partition(partition)
    ledger.stage(partition, Page(records, None))


def plan_all(ledger: SqlLedger) -> None:
    staged = ledger.unplanned(10_000)
    ledger.plan(
        [PlannedDocument((s.number,), f"doc-{s.record.id}", "ada", None) for s in staged], []
    )


def reject(ledger: SqlLedger, count: int, reason: str | None = "bad") -> list[int]:
    """Let a destination refuse the next documents."""
    numbers = [claimed.number for claimed in ledger.claim(count)]
    ledger.answer([Answer(n, DocumentState.REJECTED, reason=reason) for n in numbers])
    return numbers


def test_rejected_documents_are_listed_with_their_records_as_they_came(
    ledger: SqlLedger,
) -> None:
    refused = record(2, raw={"id": "2", "score": 0.5})
    stage(ledger, record(1), refused, record(3))
    plan_all(ledger)
    first, second, third = ledger.claim(3)
    ledger.answer(
        [
            Answer(first.number, DocumentState.LOADED),
            Answer(second.number, DocumentState.REJECTED, reason="too short"),
            Answer(third.number, DocumentState.LOADED),
        ]
    )
    assert list(ledger.undelivered(DocumentState.REJECTED)) == [
        Undelivered("doc-2", "too short", 1, (refused,))
    ]


def test_all_turns_of_a_rejected_document_are_listed_in_order(ledger: SqlLedger) -> None:
    scope = Scope(user="ada", session="chat")
    turns = [record(i, kind=Kind.MESSAGE, scope=scope, raw={"n": i}) for i in range(3)]
    stage(ledger, *turns)
    ledger.plan([PlannedDocument((1, 2, 3), "backfill:chat:0", "ada", None)], [])
    reject(ledger, 1)
    (listed,) = ledger.undelivered(DocumentState.REJECTED)
    assert listed.records == tuple(turns)


def test_more_than_are_looked_up_at_once_are_all_listed(ledger: SqlLedger) -> None:
    for first in range(0, 1200, 300):
        stage(ledger, *(record(i) for i in range(first, first + 300)))
    plan_all(ledger)
    reject(ledger, 1200)
    listed = [each.records[0].id for each in ledger.undelivered(DocumentState.REJECTED)]
    assert listed == [str(i) for i in range(1200)]


def test_documents_in_doubt_are_listed_with_the_doubt(ledger: SqlLedger) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    (claimed,) = ledger.claim(1)
    ledger.doubt([claimed.number], "timed out", hold=True)
    (listed,) = ledger.undelivered(DocumentState.IN_DOUBT)
    assert (listed.document_id, listed.reason) == ("doc-1", "timed out")
    assert list(ledger.undelivered(DocumentState.REJECTED)) == []


def test_every_unreadable_item_is_listed(ledger: SqlLedger) -> None:
    items = [Unreadable(f"p:{n:04}", "not JSON", "{") for n in range(1200)]
    ledger.open_partition(PARTITION)
    ledger.stage(PARTITION, Page((), None, items))
    assert list(ledger.every_unreadable()) == items


def test_a_rejected_document_is_sent_again_under_its_id(ledger: SqlLedger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    reject(ledger, 1)
    (other,) = ledger.claim(1)
    ledger.answer([Answer(other.number, DocumentState.LOADED)])
    assert (ledger.retryable(), ledger.unsent()) == (1, 0)
    assert ledger.retry_rejected() == 1
    assert [claimed.document_id for claimed in ledger.claim(10)] == ["doc-1"]


def test_a_retry_that_died_is_gone_on_with(ledger: SqlLedger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    reject(ledger, 2)
    ledger.retry_rejected()
    ledger.claim(1)
    assert ledger.retryable() == 2
    assert ledger.retry_rejected() == 2
    assert len(ledger.claim(10)) == 2


def test_what_waits_for_the_import_is_no_matter_of_a_retry(ledger: SqlLedger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    reject(ledger, 1)
    assert (ledger.retryable(), ledger.unsent()) == (1, 1)
    ledger.claim(1)
    assert (ledger.retryable(), ledger.unsent()) == (1, 1)


def test_a_rejection_without_a_reason_can_be_retried_too(ledger: SqlLedger) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    reject(ledger, 1, reason=None)
    ledger.retry_rejected()
    assert (ledger.retryable(), ledger.unsent()) == (1, 0)


def test_a_document_that_arrives_in_the_end_has_no_reason_left(ledger: SqlLedger) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    reject(ledger, 1)
    ledger.retry_rejected()
    (claimed,) = ledger.claim(1)
    ledger.answer([Answer(claimed.number, DocumentState.LOADED)])
    assert (ledger.retryable(), ledger.books().loaded) == (0, 1)


def test_a_record_that_was_mended_in_the_source_replaces_the_rejected_one(
    ledger: SqlLedger,
) -> None:
    stage(ledger, record(1, text="bad"))
    plan_all(ledger)
    reject(ledger, 1)
    stage(ledger, record(1, text="good"), partition=Partition("p", "a partition", version="2"))
    assert [item.record.text for item in ledger.unplanned(10)] == ["good"]
    assert ledger.books().held == {}


def test_another_plan_decides_anew_about_what_was_rejected(ledger: SqlLedger) -> None:
    stage(ledger, record(1))
    ledger.replan("without a customer")
    plan_all(ledger)
    reject(ledger, 1, "customer_id is missing")
    assert ledger.replan("with a customer") == 1
    assert [item.record for item in ledger.unplanned(10)] == [record(1)]


def test_documents_that_are_planned_before_those_already_claimed_have_their_turn(
    ledger: SqlLedger,
) -> None:
    stage(ledger, record(1), record(2))
    ledger.plan([PlannedDocument((2,), "doc-2", "ada", None)], [])
    ledger.claim(10)
    ledger.plan([PlannedDocument((1,), "doc-1", "ada", None)], [])
    assert [claimed.document_id for claimed in ledger.claim(10)] == ["doc-1"]


@pytest.mark.parametrize("value", ["plain", "ünïcödé \x1b[31m"])
def test_a_note_is_read_back(ledger: SqlLedger, value: str) -> None:
    assert ledger.noted("key") is None
    ledger.note("key", "first")
    ledger.note("key", value)
    assert ledger.noted("key") == value
