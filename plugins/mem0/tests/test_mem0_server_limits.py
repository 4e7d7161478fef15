"""Lists that end at 1,000: split where that shows all, refused before anything is loaded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mem0_support.reading import check, pages_of, read_all, reconcile
from mem0_support.server_reading import on
from mem0_support.server_stand_in import MEMBER_KEY, Age, StandIn, running
from mem0_support.server_store import Store
from synap_import import SourceCheck, SourceError
from synap_import_mem0.server.source import Server

Ids = Callable[[int], dict[str, str]]
ROUTE = "--postgres postgresql://postgres:PASSWORD@127.0.0.1:55871/postgres --collection memories"


def a_store(number: int, ids: Ids) -> Store:
    store = Store()
    for n in range(number):
        store.add(f"fact {n:05}", **ids(n))
    return store


def refusal(stand_in: StandIn, act: Callable[[Server], object] = check, **options: object) -> str:
    with running(stand_in), pytest.raises(SourceError) as refused:
        on(stand_in, act, **options)
    assert ROUTE in refused.value.remedy
    return refused.value.message


def test_1200_memories_of_a_user_are_read_by_their_runs() -> None:
    store = a_store(1200, lambda n: {"user_id": "ann", "run_id": f"run-{n % 3}"})
    with running(StandIn(store)) as stand_in:
        assert {record.id for record in on(stand_in, read_all)} == set(store.rows)
        assert on(stand_in, reconcile) == ()


def test_they_are_read_by_their_agents_as_well() -> None:
    store = a_store(1200, lambda n: {"user_id": "ann", "agent_id": f"agent-{n % 2}"})
    with running(StandIn(store)) as stand_in:
        assert len(on(stand_in, read_all)) == 1200


def test_a_pair_that_is_too_long_itself_is_split_by_the_third_id() -> None:
    store = a_store(
        2400, lambda n: {"user_id": "ann", "agent_id": "cook", "run_id": f"run-{n % 4}"}
    )
    with running(StandIn(store)) as stand_in:
        assert len(on(stand_in, read_all)) == 2400


def test_1000_memories_are_one_whole_list() -> None:
    store = a_store(1000, lambda _: {"user_id": "ann"})
    with running(StandIn(store)) as stand_in:
        assert len(on(stand_in, read_all)) == 1000


def test_check_says_whose_lists_are_longer_than_one_answer() -> None:
    store = a_store(1200, lambda n: {"user_id": "ann", "run_id": f"run-{n % 3}"})
    with running(StandIn(store)) as stand_in:
        found = {one.code: one for one in on(stand_in, check).findings}
        assert not stand_in.requests_of("/memories?")
    assert "user 'ann' (1200)" in found["long-lists"].message


def test_1200_with_nothing_to_split_them_by_are_refused_at_once() -> None:
    stand_in = StandIn(a_store(1200, lambda _: {"user_id": "Ann"}))
    message = refusal(stand_in)
    assert "1200 memories of user 'Ann', and the server's lists show at most 1000" in message
    assert not [one for one in stand_in.asked if "user_id" in one]


def test_what_splitting_cannot_show_is_refused_before_the_first_partition() -> None:
    # The totals leave hope: enough memories have a run. That they are others shows on asking.
    store = a_store(1300, lambda n: {"user_id": "ann"} if n < 1200 else {"user_id": "bob"})
    for row in list(store.rows.values())[900:1300]:
        row["run_id"] = "run-1" if row["user_id"] == "ann" else "run-2"
    for row in list(store.rows.values())[900:1200]:
        del row["run_id"]
    for n in range(300):
        store.add(f"of bob {n}", user_id="bob", run_id="run-1")

    async def begin(source: Server) -> None:
        await source.check()
        await anext(source.partitions())

    assert "1200 memories of user 'ann'" in refusal(StandIn(store), begin)


def test_an_update_that_reorders_the_lists_loses_nothing() -> None:
    store = a_store(1200, lambda n: {"user_id": "ann", "run_id": f"run-{n % 3}"})

    async def read_while_it_changes(source: Server) -> int:
        async for partition in source.partitions():
            await pages_of(source, partition)
            moved = next(iter(store.rows))
            store.update(moved, store.rows[moved]["data"], store.rows[moved]["updated_at"])
        return len(source.context.exported.missing("mem0", list(store.rows)))

    with running(StandIn(store)) as stand_in:
        assert on(stand_in, read_while_it_changes) == 0


def test_10000_memories_make_the_totals_worthless() -> None:
    message = refusal(StandIn(a_store(10_001, lambda n: {"user_id": f"user-{n % 20}"})))
    assert "at most 10000 rows" in message


def test_memories_without_ids_beyond_the_list_of_all_are_refused() -> None:
    store = a_store(1500, lambda n: {"user_id": f"user-{n % 2}"} if n else {})
    assert "without user, agent and run" in refusal(StandIn(store))


def test_ids_with_spaces_beyond_the_list_of_all_are_refused() -> None:
    store = a_store(1500, lambda n: {"user_id": f"user-{n % 2}"} if n else {"user_id": "Ann Lee"})
    message = refusal(StandIn(store))
    assert "ids with spaces" in message
    assert "user 'Ann Lee' (1)" in message


def test_a_server_without_top_k_is_read_while_the_list_of_all_is_whole() -> None:
    store = a_store(900, lambda n: {"user_id": f"user-{n % 2}"})
    with running(StandIn(store, age=Age.ENTITIES)) as stand_in:
        assert len(on(stand_in, read_all)) == 900


def test_a_server_without_top_k_is_refused_when_it_is_not() -> None:
    store = a_store(1100, lambda n: {"user_id": f"user-{n % 2}"})
    assert "before 2026-06-24" in refusal(StandIn(store, age=Age.ENTITIES))


def test_a_server_without_top_k_needs_the_key_of_an_admin() -> None:
    store = a_store(30, lambda _: {"user_id": "ann"})
    message = refusal(StandIn(store, age=Age.ENTITIES), key=MEMBER_KEY)
    assert "only for an admin's key" in message


def test_a_server_that_hides_expired_memories_leaves_an_error_not_silence() -> None:
    store = a_store(1100, lambda n: {"user_id": f"user-{n % 2}"})
    store.add("gone", user_id="user-0", expiration_date="2020-01-01")
    with running(StandIn(store, age=Age.TOP_K)) as stand_in:
        codes = [one.code for one in on(stand_in, check).findings]
        (hole,) = on(stand_in, reconcile)
    assert "expired-hidden" in codes
    assert (hole.severity, hole.count) == ("error", 1)
    assert "1 that it counts are in none of its lists" in hole.message


def test_the_same_server_hides_nothing_while_the_list_of_all_is_whole() -> None:
    store = a_store(10, lambda _: {"user_id": "ann"})
    store.add("gone", user_id="ann", expiration_date="2020-01-01")
    with running(StandIn(store, age=Age.TOP_K)) as stand_in:
        assert len(on(stand_in, read_all)) == 11
        assert on(stand_in, reconcile) == ()


def test_totals_that_might_have_been_cut_are_cleared_up_in_the_end() -> None:
    # 5,000 memories with two ids each are counted 10,000 times.
    store = a_store(5000, lambda n: {"user_id": f"user-{n % 10}", "agent_id": f"agent-{n % 10}"})
    with running(StandIn(store)) as stand_in:
        checked: SourceCheck = on(stand_in, check)
        assert "doubtful-totals" in [one.code for one in checked.findings]
        assert on(stand_in, reconcile) == ()


def test_totals_that_were_cut_are_an_error_in_the_end() -> None:
    # Of each kind fewer than the server scans; together more.
    store = a_store(
        10_400, lambda n: {"user_id": f"user-{n % 20}"} if n % 2 else {"agent_id": f"a-{n % 20}"}
    )
    with running(StandIn(store)) as stand_in:
        codes = [one.code for one in on(stand_in, reconcile)]
    assert "totals-untrusted" in codes
