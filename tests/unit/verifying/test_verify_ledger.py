"""What the ledger knows to be in Synap: a sample of it, whose it is, what was heard of it."""

from __future__ import annotations

from collections import Counter

from support.sources import record
from synap_import.ledger import (
    Answer,
    Confirmation,
    DocumentState,
    Given,
    Ingested,
    IngestionGap,
    Ledger,
    PlannedDocument,
    Present,
)
from synap_import.sources import Page, Partition

PARTITION = Partition("p", "a partition")


def load(
    ledger: Ledger, owners: list[str | None], state: DocumentState = DocumentState.LOADED
) -> list[int]:
    """A document for each of these owners, with an answer of Synap."""
    ledger.reading.open_partition(PARTITION)
    first = ledger.books().exported
    records = [record(first + place, user=owner) for place, owner in enumerate(owners)]
    ledger.reading.stage(PARTITION, Page(records, None))
    staged = ledger.planning.unplanned(1000)
    documents = [
        PlannedDocument((one.number,), f"doc-{one.number}", owner, None)
        for one, owner in zip(staged, owners, strict=True)
    ]
    ledger.planning.plan(documents, [])
    numbers = [document.number for document in ledger.sending.claim(len(owners))]
    ledger.sending.answer([Answer(number, state, f"ingestion-{number}") for number in numbers])
    return numbers


def test_a_sample_has_every_user_and_the_texts_of_its_documents(ledger: Ledger) -> None:
    load(ledger, ["ada"] * 40 + ["bob"] * 2 + ["eve"])
    chosen = list(ledger.verifying.sample(10))
    assert len(chosen) <= 10
    assert {one.user_id: one.of_user for one in chosen} == {"ada": 40, "bob": 2, "eve": 1}
    assert chosen == list(ledger.verifying.sample(10))
    assert [one.records[0].text for one in chosen] == [f"memory {one.number - 1}" for one in chosen]
    assert Counter(one.user_id for one in ledger.verifying.sample(10, user_id="bob")) == {"bob": 2}


def test_what_is_not_in_synap_is_not_in_the_sample(ledger: Ledger) -> None:
    load(ledger, ["ada"], DocumentState.REJECTED)
    [there] = load(ledger, ["ada"], DocumentState.ALREADY_THERE)
    load(ledger, [None])
    assert [one.number for one in ledger.verifying.sample(10)] == [there]
    assert ledger.verifying.present() == Present(documents=1, users=1, of_nobody=1)
    assert ledger.verifying.present("bob") == Present(0, 0, 0)


def test_ids_of_documents_and_of_memories_lead_to_their_user(ledger: Ledger) -> None:
    first, second = load(ledger, ["ada", "bob"])
    ledger.confirming.confirm([(second, Ingested(Confirmation.COMPLETED, ("m1", "m2")))])
    bobs = Given(second, f"doc-{second}", "bob", None)
    assert ledger.verifying.given([f"doc-{first}", "m2", "unknown"]) == {
        f"doc-{first}": Given(first, f"doc-{first}", "ada", None),
        "m2": bobs,
    }
    assert ledger.verifying.given(["m1"]) == {"m1": bobs}
    assert ledger.verifying.given([]) == {}


def test_loaded_documents_are_counted_by_what_was_heard_of_them(ledger: Ledger) -> None:
    one, two, three, four, five = load(ledger, ["ada"] * 4 + ["bob"])
    ledger.confirming.confirm([(one, Ingested(Confirmation.COMPLETED, ("m1",)))])
    ledger.confirming.confirm([(two, Ingested(Confirmation.COMPLETED))])
    ledger.confirming.confirm([(three, Ingested(Confirmation.PARTIAL, ("m2",), "half"))])
    ledger.confirming.confirm([(four, Ingested(Confirmation.PROCESSING))])
    load(ledger, ["ada"], DocumentState.ALREADY_THERE)
    assert ledger.verifying.gaps() == [
        IngestionGap("completed", 1, (f"doc-{one}",)),
        IngestionGap("no_memories", 1, (f"doc-{two}",)),
        IngestionGap("not_asked", 1, (f"doc-{five}",)),
        IngestionGap("partial_success", 1, (f"doc-{three}",)),
        IngestionGap("unfinished", 1, (f"doc-{four}",)),
    ]
    assert ledger.verifying.gaps("bob") == [IngestionGap("not_asked", 1, (f"doc-{five}",))]


def test_of_many_alike_only_the_first_are_named(ledger: Ledger) -> None:
    numbers = load(ledger, ["ada"] * 30)
    [gap] = ledger.verifying.gaps(examples=2)
    assert gap == IngestionGap("not_asked", 30, tuple(f"doc-{n}" for n in numbers[:2]))


def test_a_partition_that_was_not_read_to_its_end_is_known(ledger: Ledger) -> None:
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page([record(1)], "next"))
    assert ledger.verifying.unread_partitions() == 1
    ledger.reading.stage(PARTITION, Page([record(2)], None))
    assert ledger.verifying.unread_partitions() == 0
