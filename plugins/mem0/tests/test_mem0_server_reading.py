"""Every memory comes out of a self-hosted server, whatever its lists leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mem0_support.reading import pages_of, read_all, reconcile, scopes
from mem0_support.server_reading import on
from mem0_support.server_stand_in import MEMBER_KEY, TOKEN, Age, StandIn, running
from mem0_support.server_store import Store, recorded_store
from synap_import import MemoryRecord, ScopeKind, State
from synap_import.testing import InMemoryExported
from synap_import_mem0.server.source import Server


@pytest.fixture(scope="module")
def recorded() -> Iterator[StandIn]:
    with running(StandIn(recorded_store())) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def records(recorded: StandIn) -> list[MemoryRecord]:
    return on(recorded, read_all)


def test_all_1103_memories_come_out_once(recorded: StandIn, records: list[MemoryRecord]) -> None:
    assert sorted(record.id for record in records) == sorted(recorded.store.rows)


def test_each_is_whose_it_was(records: list[MemoryRecord]) -> None:
    owners = Counter(record.scope.owner() for record in records)
    assert owners == {
        **{(ScopeKind.USER, f"user_{n}"): 275 for n in range(4)},
        (ScopeKind.AGENT, "agent_x"): 1,
        (ScopeKind.SESSION, "run_1"): 1,
        (ScopeKind.USER, "expired_user"): 1,
    }


def test_an_expired_memory_comes_with_its_state(records: list[MemoryRecord]) -> None:
    (expired,) = [record for record in records if record.state is not State.ACTIVE]
    assert (expired.text, expired.state) == ("gone by 2020", State.EXPIRED)
    assert expired.expires_at == datetime(2020, 1, 1, 23, 59, 59, 999999, tzinfo=UTC)


def test_metadata_is_the_users_own(records: list[MemoryRecord]) -> None:
    (first,) = [record for record in records if record.text == "server fact 0000"]
    assert (first.metadata, first.role) == ({"n": 0}, "user")
    assert first.created_at == datetime(2026, 11, 21, 4, 37, 40, 822887, tzinfo=UTC)


def test_whose_memories_there_are_is_known_without_reading_them(recorded: StandIn) -> None:
    before = len(recorded.asked)
    counts = {(one.kind, one.id): one.records for one in on(recorded, scopes)}
    assert counts[ScopeKind.USER, "user_0"] == 275
    assert counts[ScopeKind.SESSION, "run_1"] == 1
    assert sum(count or 0 for count in counts.values()) == 1103
    asked = [one.split("?")[0] for one in recorded.asked[before:]]
    assert sorted(asked) == ["/configure", "/entities", "/memories"]


def test_no_hole_is_found_where_all_came(recorded: StandIn) -> None:
    assert on(recorded, reconcile) == ()


def test_the_key_of_a_member_reads_all_that_has_an_owner(recorded: StandIn) -> None:
    assert len(on(recorded, read_all, key=MEMBER_KEY)) == 1103


@pytest.mark.parametrize("key", [TOKEN, f"Bearer {TOKEN}"])
def test_a_token_opens_the_server_as_a_key_does(recorded: StandIn, key: str) -> None:
    assert len(on(recorded, read_all, key=key)) == 1103


def test_a_server_without_auth_needs_no_key() -> None:
    store = Store()
    store.add("likes tea", user_id="ann")
    with running(StandIn(store, auth_disabled=True)) as stand_in:
        (record,) = on(stand_in, read_all, key=None)
    assert (record.text, record.scope.user) == ("likes tea", "ann")


def test_a_resume_from_every_cursor_brings_the_same_set(recorded: StandIn) -> None:
    async def read_from_each_cursor(source: Server) -> None:
        async for partition in source.partitions():
            pages = await pages_of(source, partition)
            whole = ids(pages)
            for number, page in enumerate(pages[:-1], start=1):
                rest = await pages_of(source, partition, page.cursor)
                assert ids(pages[:number]) + ids(rest) == whole
            assert pages[-1].cursor is None

    on(recorded, read_from_each_cursor)


def ids(pages: list) -> list[str]:
    return [record.id for page in pages for record in page.records]


def test_a_run_that_was_cut_off_goes_on_where_it_was(recorded: StandIn) -> None:
    exported = InMemoryExported()

    async def first_half(source: Server) -> None:
        async for partition in source.partitions():
            await pages_of(source, partition)
            if partition.id == "user:user_1":
                return

    on(recorded, first_half, exported=exported)
    assert 0 < len(exported.records) < 1103
    assert len(on(recorded, read_all, exported=exported)) == 1103


def test_a_memory_of_a_user_and_an_agent_comes_out_once() -> None:
    store = Store()
    store.add("likes tea", user_id="ann", agent_id="cook", run_id="monday")
    exported = InMemoryExported()
    with running(StandIn(store)) as stand_in:
        (record,) = on(stand_in, read_all, exported=exported)
    scope = record.scope
    assert (scope.user, scope.agent, scope.session) == ("ann", "cook", "monday")
    assert not exported.conflicting


def test_a_memory_without_any_id_comes_from_the_list_of_all() -> None:
    store = Store()
    store.add("likes tea", user_id="ann")
    store.add("nobody's", attributed_to="assistant")
    with running(StandIn(store)) as stand_in:
        records = on(stand_in, read_all)
    (alone,) = [record for record in records if record.scope.owner() is None]
    # This list shows the library's own keys as if they were the user's metadata.
    assert (alone.text, alone.metadata) == ("nobody's", {})


def test_the_two_shapes_of_an_item_make_the_same_record() -> None:
    store = Store()
    store.add("likes tea", user_id="ann", actor_id="Ann", mood="calm", expiration_date="2999-01-01")
    with running(StandIn(store)) as scoped, running(StandIn(store, age=Age.ENTITIES)) as unscoped:
        (one,), (other,) = on(scoped, read_all), on(unscoped, read_all)
    assert one.raw != other.raw
    assert one.model_copy(update={"raw": None}) == other.model_copy(update={"raw": None})


def test_ids_with_spaces_are_read_from_the_list_of_all() -> None:
    # The library refuses to list them, which the server reports as a failure of its store.
    store = Store()
    store.add("likes tea", user_id="Ann Lee")
    with running(StandIn(store)) as stand_in:
        (record,) = on(stand_in, read_all)
        assert not [one for one in stand_in.asked if "Lee" in one]
    assert record.scope.user == "Ann Lee"


def test_ids_of_any_characters_are_asked_for_as_they_are() -> None:
    store = Store()
    odd = ["a&b=c", "ü/ö?#", "*", "100%"]
    for owner in odd:
        store.add(f"of {owner}", user_id=owner)
    with running(StandIn(store)) as stand_in:
        records = on(stand_in, read_all)
    assert {record.scope.user for record in records} == set(odd)


def test_an_id_that_is_a_number_is_its_digits() -> None:
    store = Store()
    store.add("likes tea", user_id=42)
    with running(StandIn(store)) as stand_in:
        (record,) = on(stand_in, read_all)
        assert on(stand_in, reconcile) == ()
    assert record.scope.user == "42"


def test_an_item_that_cannot_become_a_record_is_reported_once() -> None:
    store = Store()
    broken = store.add("likes tea", user_id="ann", agent_id="cook")
    store.rows[broken]["data"] = None
    store.add("likes rye", user_id="ann")
    unreadable: list[str] = []

    async def read(source: Server) -> None:
        async for partition in source.partitions():
            for page in await pages_of(source, partition):
                unreadable.extend(item.where for item in page.unreadable)

    with running(StandIn(store)) as stand_in:
        on(stand_in, read)
        assert on(stand_in, reconcile) == ()
    assert unreadable == [f"memory {broken}"]


def test_what_changes_at_the_server_is_read_again() -> None:
    store = Store()
    changing = store.add("likes tea", user_id="ann")
    store.add("likes rye", user_id="bob")
    with running(StandIn(store)) as stand_in:
        before = on(stand_in, versions)
        store.update(changing, "likes coffee", "2026-11-22T00:00:00+00:00")
        after = on(stand_in, versions)
    changed = {partition for partition in after if before[partition] != after[partition]}
    assert changed == {"user:ann", "unscoped"}


async def versions(source: Server) -> dict[str, str]:
    return {partition.id: partition.version async for partition in source.partitions()}
