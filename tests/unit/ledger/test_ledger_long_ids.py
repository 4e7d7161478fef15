"""Ids of any length are kept: one record with a strange one does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import shake_256

import pytest

from support.resyncs import resync, turn
from support.runs import run_import
from support.sources import FakeSource, Slice, record
from support.synap import ScriptedSynap
from synap_import import MemoryRecord
from synap_import.ledger import Ledger
from synap_import.records import Scope
from synap_import.sources import Page, Partition, Unreadable

LONG = shake_256(b"nothing in it repeats").hexdigest(20_000)


@pytest.mark.parametrize(
    "strange",
    [
        record(1, id=LONG),
        record(1, user=LONG),
        turn(1, scope=Scope(user="ada", session=LONG)),
        turn(1, id=LONG),
    ],
    ids=["id", "user", "session", "id of a message"],
)
def test_a_record_with_a_long_id_is_accounted_for_beside_others(
    ledgers: Callable[[], Ledger], synap: ScriptedSynap, strange: MemoryRecord
) -> None:
    ledger = ledgers()
    books = run_import(FakeSource.giving([strange, record(2)]), ledger, synap)
    assert (books.exported, books.unfinished, books.unaccounted) == (2, 0, 0)
    assert len(list(ledger.reading.scopes())) == 2 - (strange.scope == record(2).scope)
    changed = strange.model_copy(update={"text": "changed"})
    books = resync(FakeSource.giving([changed, record(2)]), ledger, synap)
    assert (books.exported, books.unfinished, books.gone) == (2, 0, 0)


def test_a_slice_with_a_long_id_is_read_to_its_end(ledger: Ledger, synap: ScriptedSynap) -> None:
    source = FakeSource([Slice(Partition(LONG, LONG), [[record(1)], [record(2)]])])
    assert run_import(source, ledger, synap).loaded == 2
    assert run_import(source, ledger, synap).loaded == 2


def test_places_of_items_that_cannot_be_read_may_be_long(ledger: Ledger) -> None:
    whole = Partition("p", "a partition")
    ledger.reading.open_partition(whole)
    items = [Unreadable(f"{LONG}@{number}", "broken", "{") for number in (1, 2, 2)]
    ledger.reading.stage(whole, Page([], None, items))
    assert sum(f"@{n} " in one.where for n in (1, 2) for one in ledger.listing.unreadable()) == 2


def test_documents_with_long_ids_are_found_by_them(ledger: Ledger, synap: ScriptedSynap) -> None:
    run_import(FakeSource.giving([record(1, id=LONG), record(2)]), ledger, synap)
    asked = {f"legacy_fake_{LONG}", "legacy_fake_2"}
    assert ledger.verifying.given([*asked, *asked]).keys() == asked
