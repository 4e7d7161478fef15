"""--with-history: what memories said before, beside what they say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.responses import JSONResponse

from mem0_support.reading import pages_of, read_all, reconcile
from mem0_support.server_reading import on
from mem0_support.server_stand_in import StandIn, running
from mem0_support.server_store import Store
from synap_import import Link, MemoryRecord, SourceUnavailableError, State
from synap_import.testing import InMemoryExported
from synap_import_mem0.server.history import versions_before
from synap_import_mem0.server.source import Server


def a_changed_memory() -> tuple[Store, str]:
    store = Store()
    changed = store.add("likes tea", user_id="ann", agent_id="cook", at="2026-01-01T00:00:00+00:00")
    store.add("likes rye", user_id="ann")
    store.update(changed, "likes coffee", "2026-02-01T00:00:00+00:00")
    store.update(changed, "likes water", "2026-03-01T00:00:00+00:00")
    return store, changed


def test_each_earlier_version_is_a_superseded_record_of_its_own() -> None:
    store, changed = a_changed_memory()
    with running(StandIn(store)) as stand_in:
        records = on(stand_in, read_all, with_history=True)
    versions = [record for record in records if record.state is State.SUPERSEDED]
    assert [(one.text, one.valid_from, one.valid_to) for one in versions] == [
        ("likes tea", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
        ("likes coffee", datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
    ]
    events = [event["id"] for event in store.history[changed]]
    assert [one.id for one in versions] == [f"{changed}:{event}" for event in events[1:]]
    assert {one.links for one in versions} == {(Link(relation="replaced_by", id=changed),)}
    assert {one.scope.user for one in versions} == {"ann"}


def test_what_a_memory_says_now_is_its_own_record_still() -> None:
    store, changed = a_changed_memory()
    with running(StandIn(store)) as stand_in:
        records = on(stand_in, read_all, with_history=True)
    active = {record.id: record.text for record in records if record.state is State.ACTIVE}
    assert active[changed] == "likes water"
    assert len(active) == 2


def test_without_the_option_no_history_is_asked_for() -> None:
    store, _ = a_changed_memory()
    with running(StandIn(store)) as stand_in:
        assert len(on(stand_in, read_all)) == 2
        assert not [one for one in stand_in.asked if "/history" in one]


def test_a_memory_in_two_lists_is_asked_for_its_history_once() -> None:
    store, changed = a_changed_memory()
    with running(StandIn(store)) as stand_in:
        on(stand_in, read_all, with_history=True)
        assert len(stand_in.requests_of(f"/memories/{changed}/history")) == 1


def test_a_resume_asks_only_for_what_is_behind_its_cursor() -> None:
    store = Store()
    for n in range(120):
        store.add(f"fact {n}", user_id="ann")

    async def resume(source: Server) -> None:
        partition, *_ = [one async for one in source.partitions()]
        pages = await pages_of(source, partition)
        before = len(stand_in.asked)
        rest = await pages_of(source, partition, pages[0].cursor)
        asked = [one for one in stand_in.asked[before:] if "/history" in one]
        assert len(asked) == sum(len(page.records) for page in rest) == 70

    with running(StandIn(store)) as stand_in:
        on(stand_in, resume, with_history=True)


def test_a_job_that_was_read_without_history_is_read_again_with_it() -> None:
    store, _ = a_changed_memory()

    async def versions(source: Server) -> set[tuple[str, str]]:
        return {(one.id, one.version) async for one in source.partitions()}

    with running(StandIn(store)) as stand_in:
        assert not on(stand_in, versions) & on(stand_in, versions, with_history=True)


def test_earlier_versions_do_not_hide_a_memory_that_did_not_come() -> None:
    # Two versions of one memory and none of the other: as many records as there are memories.
    store, changed = a_changed_memory()
    exported = InMemoryExported()
    with running(StandIn(store)) as stand_in:
        on(stand_in, read_all, exported=exported, with_history=True)
        (lost,) = [one for one in store.rows if one != changed]
        del exported.records["mem0", lost]

        async def look(source: Server) -> list[str]:
            return [example for one in await source.reconcile() for example in one.examples]

        found = on(stand_in, look, exported=exported, with_history=True)
    assert set(found) == {lost}


def test_nothing_is_missing_after_all_was_read_with_history() -> None:
    store, _ = a_changed_memory()
    with running(StandIn(store)) as stand_in:
        assert on(stand_in, reconcile, with_history=True) == ()


def test_a_history_that_cannot_be_had_ends_the_run_in_a_sentence() -> None:
    store, changed = a_changed_memory()
    stand_in = StandIn(store)
    path = f"/memories/{changed}/history"
    stand_in.early[path] = JSONResponse(
        {"detail": "x", "code": "unknown"}, 502, {"X-Request-ID": "1"}
    )
    with running(stand_in), pytest.raises(SourceUnavailableError, match="its store failed"):
        on(stand_in, read_all, with_history=True)


def memory() -> MemoryRecord:
    return MemoryRecord(system="mem0", id="m", text="now")


def test_a_change_that_left_the_text_alone_is_no_version() -> None:
    event = {"id": "e", "event": "UPDATE", "old_memory": "now", "new_memory": "now"}
    assert versions_before(memory(), [event]) == []


def test_a_version_whose_own_event_is_lost_is_known_by_what_replaced_it() -> None:
    event = {"id": "e", "event": "UPDATE", "old_memory": "before", "new_memory": "now"}
    (version,) = versions_before(memory(), [event, "not an event", {"event": "ADD"}])
    assert (version.id, version.text, version.valid_to) == ("m:e", "before", None)
