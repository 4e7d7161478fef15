"""What the server holds in the end against what came out: a difference is never silent."""

from __future__ import annotations

from mem0_support.reading import read_all
from mem0_support.server_reading import on
from mem0_support.server_stand_in import StandIn, running
from mem0_support.server_store import Store
from synap_import import Finding, Severity
from synap_import.testing import InMemoryExported
from synap_import_mem0.server.source import Server


def a_store(number: int = 12) -> Store:
    store = Store()
    for n in range(number):
        store.add(f"fact {n}", user_id=f"user-{n % 2}")
    return store


async def only_reconcile(source: Server) -> list[Finding]:
    return list(await source.reconcile())


def without(exported: InMemoryExported, lost: str) -> InMemoryExported:
    """As it would be if one memory had not come out."""
    left = InMemoryExported()
    for key, record in exported.records.items():
        if key[1] != lost:
            left.records[key] = record
            left._scopes[record.scope] += 1
    return left


def test_a_memory_that_did_not_come_is_an_error_with_its_id() -> None:
    store, exported = a_store(), InMemoryExported()
    with running(StandIn(store)) as stand_in:
        on(stand_in, read_all, exported=exported)
        lost = next(iter(store.rows))
        holes = on(stand_in, only_reconcile, exported=without(exported, lost))
    assert {hole.severity for hole in holes} == {Severity.ERROR}
    assert "user 'user-0'" in holes[0].message
    assert {example for hole in holes for example in hole.examples} == {lost}


def test_what_was_written_during_the_run_is_found_and_named() -> None:
    store, exported = a_store(), InMemoryExported()
    with running(StandIn(store)) as stand_in:
        on(stand_in, read_all, exported=exported)
        added = store.add("new", user_id="user-1")
        holes = on(stand_in, only_reconcile, exported=exported)
        assert "Run the same command again" in holes[0].remedy
        on(stand_in, read_all, exported=exported)
        assert on(stand_in, only_reconcile, exported=exported) == []
    assert ("mem0", added) in exported.records


def test_a_user_who_came_during_the_run_is_found() -> None:
    store, exported = a_store(1100), InMemoryExported()
    with running(StandIn(store)) as stand_in:
        on(stand_in, read_all, exported=exported)
        store.add("hello", user_id="newcomer")
        (hole,) = on(stand_in, only_reconcile, exported=exported)
    assert "user 'newcomer'" in hole.message


def test_a_memory_that_was_deleted_during_the_run_is_no_hole() -> None:
    store, exported = a_store(), InMemoryExported()
    with running(StandIn(store)) as stand_in:
        on(stand_in, read_all, exported=exported)
        del store.rows[next(iter(store.rows))]
        assert on(stand_in, only_reconcile, exported=exported) == []


def test_counts_that_agree_are_believed_without_listing_again() -> None:
    store, exported = a_store(), InMemoryExported()
    with running(StandIn(store)) as stand_in:
        on(stand_in, read_all, exported=exported)
        before = len(stand_in.asked)
        on(stand_in, only_reconcile, exported=exported)
        assert not [one for one in stand_in.asked[before:] if "user_id" in one]
