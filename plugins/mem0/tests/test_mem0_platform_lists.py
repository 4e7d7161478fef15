"""Every memory comes out of the Platform's lists, whatever filters mean and however lists move."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import aclosing

import anyio
import pytest
from starlette.responses import JSONResponse

from mem0_support.platform_reading import everything, with_platform
from mem0_support.platform_stand_in import SCOPES, PlatformStandIn, event, memory
from mem0_support.reading import pages_of, read_all, reconcile
from support.thorough import a_few_of
from synap_import import Kind, Scope, State
from synap_import.testing import InMemoryExported

FIELDS = ("user_id", "agent_id", "app_id", "session_id")


def in_all_scopes(count: int) -> list[dict]:
    """Memories that carry each of the 15 combinations of ids."""
    return [
        memory(
            n,
            **{
                name: f"{name} {n % 7}"
                for bit, name in enumerate(FIELDS)
                if (n % 15 + 1) >> bit & 1
            },
        )
        for n in range(count)
    ]


def of_ada(count: int, **changes) -> list[dict]:
    return [memory(n, user_id="ada", **changes) for n in range(count)]


def ids(memories: list[dict]) -> set[str]:
    return {one["id"] for one in memories}


@pytest.mark.parametrize("count", a_few_of([1_000, 5_000], [1_000]))
@pytest.mark.parametrize("null_scoping", [False, True])
def test_thousands_of_memories_come_out_under_both_readings_of_filters(null_scoping, count):
    with PlatformStandIn(in_all_scopes(count), null_scoping=null_scoping) as server:
        assert everything(server).keys() == ids(server.memories)


def test_a_list_too_long_to_be_remembered_is_read_once_and_compared_with_what_came_out(monkeypatch):
    monkeypatch.setattr("synap_import_mem0.platform.listing.MOST_REMEMBERED", 300)
    with PlatformStandIn(of_ada(900)) as server:
        assert everything(server).keys() == ids(server.memories)
        assert [one.page for one in server.list_pages()] == [1, 2, 3, 4, 5]


def test_a_list_too_long_to_be_remembered_that_moves_is_read_again(monkeypatch):
    monkeypatch.setattr("synap_import_mem0.platform.listing.MOST_REMEMBERED", 300)
    server = PlatformStandIn(of_ada(900))

    def first_page_loses_one(_: PlatformStandIn, asked) -> None:
        if asked.page == 2 and len(server.memories) == 900:
            server.delete(server.memories[0]["id"])

    server.before = first_page_loses_one
    with server:
        assert everything(server).keys() >= ids(server.memories)


@pytest.mark.parametrize("null_scoping", [False, True])
def test_all_come_out_where_no_answer_shows_what_filters_mean(null_scoping):
    memories = [memory(1, user_id="ada"), memory(2, user_id="ada", session_id="r"), memory(3)]
    memories[2]["user_id"] = "bob"
    hidden = {"null_scoping": null_scoping, "knows_memory_ids": False}
    with PlatformStandIn(memories, **hidden) as server:
        assert everything(server).keys() == ids(memories)


def test_combinations_that_bring_nothing_new_are_not_read():
    with PlatformStandIn(in_all_scopes(300)) as server:
        everything(server)
        read = [one.body["filters"]["AND"] for one in server.list_pages() if one.page == 1]
        assert read == [[{name: "*"}] for name in SCOPES]


def test_every_combination_of_ids_is_counted_with_and_without_merged_ones():
    with PlatformStandIn(of_ada(1)) as server:
        everything(server)
        probes = [one for one in server.asked_of("/v3/memories/") if one.query["page_size"] == "1"]
        counted = Counter(
            (
                frozenset(name for part in one.body["filters"]["AND"] for name in part),
                "include_merged" in one.body,
            )
            for one in probes
        )
        assert len(counted) == 30


def test_filters_use_no_or_beside_an_and():
    with PlatformStandIn(in_all_scopes(30), null_scoping=True) as server:
        everything(server)
        assert all(list(one.body["filters"]) == ["AND"] for one in server.asked_of("/v3/memories/"))


def test_pages_are_numbered_in_the_query_and_next_is_not_followed():
    with PlatformStandIn(of_ada(450)) as server:
        assert len(everything(server)) == 450
        assert [one.query for one in server.list_pages()] == [
            {"page": str(page), "page_size": "200"} for page in (1, 2, 3)
        ]


def test_expired_memories_come_out_and_say_so():
    with PlatformStandIn([memory(1, user_id="ada", expiration_date="2020-01-31")]) as server:
        (record,) = everything(server).values()
        assert record.state is State.EXPIRED
        assert record.expires_at.isoformat() == "2020-01-31T23:59:59.999999+00:00"


def test_merged_duplicates_come_out_as_merged_and_the_others_as_active():
    memories = [*of_ada(3), memory(9, user_id="ada", merged=True)]
    with PlatformStandIn(memories) as server:
        states = {record.id: record.state for record in everything(server).values()}
    assert states.pop(memories[3]["id"]) is State.MERGED
    assert set(states.values()) == {State.ACTIVE}


@pytest.mark.parametrize("null_scoping", [False, True])
def test_merged_duplicates_of_several_ids_come_out(null_scoping):
    memories = [{**one, "merged": n % 3 == 0} for n, one in enumerate(in_all_scopes(90))]
    with PlatformStandIn(memories, null_scoping=null_scoping) as server:
        records = everything(server)
    assert records.keys() == ids(memories)
    merged = {record.id for record in records.values() if record.state is State.MERGED}
    assert merged == {one["id"] for one in memories if one["merged"]}


def test_a_memory_written_while_merged_ones_are_read_is_not_taken_for_merged():
    def write_one(server, asked):
        if asked.body and asked.body.get("include_merged") and asked.query["page_size"] == "200":
            server.before = lambda *_: None
            server.memories.append(memory(99, user_id="ada"))

    with PlatformStandIn([*of_ada(3), memory(9, user_id="ada", merged=True)]) as server:
        server.before = write_one
        records = everything(server)
        assert records[memory(99)["id"]].state is State.ACTIVE
        assert records[memory(9)["id"]].state is State.MERGED


def test_superseded_and_synthesized_memories_say_so():
    old = memory(1, user_id="ada", replaced_by="2")
    with PlatformStandIn([old, memory(2, user_id="ada", synthesized=True)]) as server:
        records = everything(server)
    assert records[old["id"]].state is State.SUPERSEDED
    assert [(link.relation, link.id) for link in records[old["id"]].links] == [("replaced_by", "2")]
    assert records[memory(2)["id"]].kind is Kind.SUMMARY


def test_memories_of_an_agent_a_run_or_an_app_alone_come_out():
    memories = [memory(1, agent_id="a"), memory(2, session_id="r"), memory(3, app_id="p")]
    with PlatformStandIn(memories) as server:
        scopes = [record.scope for record in everything(server).values()]
    assert scopes == [Scope(agent="a"), Scope(app="p"), Scope(session="r")]


def test_a_memory_without_any_id_is_found_in_the_history_feed():
    with PlatformStandIn([*of_ada(2), memory(7)]) as server:
        assert everything(server)[memory(7)["id"]].scope == Scope()


@pytest.mark.parametrize("name", ["session_id", "run_id"])
def test_a_run_is_the_session_under_either_name(name):
    with PlatformStandIn([memory(1, user_id="ada", session_id="r")], run_field=name) as server:
        (record,) = everything(server).values()
        assert record.scope == Scope(user="ada", session="r")


def test_a_bare_list_without_count_is_read_to_its_end():
    with PlatformStandIn(of_ada(450), bare_lists=True) as server:
        assert everything(server).keys() == ids(server.memories)


def test_a_bare_list_that_knows_no_pages_is_not_read_forever():
    memories = of_ada(5)

    def all_at_once(server, asked):
        if asked.path == "/v3/memories/":
            return JSONResponse(memories)
        return None

    with PlatformStandIn(memories, before=all_at_once, events=[]) as server:
        assert everything(server).keys() == ids(memories)
        assert len(server.list_pages()) < 100


def test_a_server_that_gives_smaller_pages_than_asked_loses_nothing():
    with PlatformStandIn(of_ada(250), most_per_page=100) as server:
        assert len(everything(server)) == 250
        assert len(server.list_pages()) == 3


def test_an_advertisement_in_answers_is_no_data():
    with PlatformStandIn(of_ada(3), notice=True) as server:
        records = everything(server)
        assert records.keys() == ids(server.memories)
        assert all("mem0_notice" not in record.raw for record in records.values())


def test_an_advertisement_in_a_bare_list_is_no_data():
    with PlatformStandIn(of_ada(3), notice=True, bare_lists=True) as server:
        records = everything(server)
        assert records.keys() == ids(server.memories)
        assert all("mem0_notice" not in record.raw for record in records.values())


def test_a_duplicate_across_pages_hides_no_other_memory():
    """While page 2 is asked for, a new memory has pushed one of page 1 there."""

    def push(server, asked):
        if asked.page == 2 and asked.query.get("page_size") == "200":
            server.before = lambda *_: None
            server.memories.insert(0, memory(999, user_id="ada"))

    with PlatformStandIn(of_ada(450), before=push) as server:
        assert everything(server).keys() == ids(server.memories)


def test_a_memory_that_slips_to_a_page_already_read_comes_out():
    """The feed is not there to find it: the list itself is read again."""
    memories = of_ada(450)

    def delete_the_first(server, asked):
        if asked.page == 2 and asked.query.get("page_size") == "200":
            server.before = lambda *_: None
            server.delete(memories[0]["id"])

    without = {"/v1/memories/events/"}
    with PlatformStandIn(memories, before=delete_the_first, without=without) as server:
        assert everything(server).keys() == ids(memories)


def test_a_memory_deleted_before_it_was_read_leaves_no_doubt():
    memories = of_ada(450)

    def delete_the_last(server, asked):
        if asked.page == 2 and asked.query.get("page_size") == "200":
            server.before = lambda *_: None
            server.delete(memories[449]["id"])

    with PlatformStandIn(memories, before=delete_the_last) as server:
        assert with_platform(server, reconcile) == []


def test_a_list_that_keeps_growing_is_not_read_again_for_what_is_new():
    def write_one(server, asked):
        if asked.query.get("page_size") == "200":
            server.memories.append(memory(len(server.memories), user_id="ada"))

    with PlatformStandIn(of_ada(450), before=write_one) as server:
        records = everything(server)
        assert records.keys() >= ids(of_ada(450))
        assert len(server.list_pages()) == 3


def test_a_list_in_another_order_on_every_page_loses_nothing():
    shuffle = random.Random(3).shuffle

    def disorder(server, asked):
        if asked.query.get("page_size") == "200":
            shuffle(server.memories)

    with PlatformStandIn(of_ada(450), before=disorder) as server:
        assert everything(server).keys() == ids(server.memories)


def test_a_list_that_never_shows_all_that_it_counts_is_read_a_bounded_number_of_times():
    with PlatformStandIn(of_ada(10), unlisted={memory(4)["id"]}, events=[]) as server:
        codes = [finding.code for finding in with_platform(server, reconcile)]
        assert "mem0-list-moves" in codes
        assert "mem0-memories-not-listed" in codes
        assert len(server.list_pages()) < 10


def test_a_memory_that_cannot_be_a_record_is_told_and_the_others_come_out():
    async def read(source):
        unreadable, records = set(), 0
        async for partition in source.partitions():
            for page in await pages_of(source, partition):
                unreadable |= {one.where for one in page.unreadable}
                records += len(page.records)
        return unreadable, records, await source.reconcile()

    with PlatformStandIn([*of_ada(2), memory(5, user_id="ada", memory=None)]) as server:
        unreadable, records, findings = with_platform(server, read)
        assert unreadable == {f"memory {memory(5)['id']}"}
        assert records == 2
        assert not [one for one in findings if one.severity == "error"]


@pytest.mark.parametrize("null_scoping", [False, True])
def test_reading_goes_on_from_every_cursor(null_scoping):
    """What came before a cursor and what comes from it on are together everything."""

    async def read_page_by_page(source):
        return [
            (partition, await pages_of(source, partition))
            async for partition in source.partitions()
        ]

    memories = [{**one, "merged": n % 20 == 0} for n, one in enumerate(in_all_scopes(90))]
    memories += [memory(9_000 + n) for n in range(30)]
    with PlatformStandIn(memories, null_scoping=null_scoping, most_per_page=25) as server:
        before = InMemoryExported()
        whole = with_platform(server, read_page_by_page)
        assert {one.id for _, pages in whole for page in pages for one in page.records} == ids(
            memories
        )
        for partition, pages in whole:
            for page in pages:
                before.add(page)
                if page.cursor is not None:
                    _goes_on(server, partition, page.cursor, before, ids(memories))


def _goes_on(server, partition, cursor, before, expected):
    async def finish(source):
        await pages_of(source, partition, cursor)
        return await read_all(source)

    resumed = InMemoryExported(dict(before.records), [], Counter(before._scopes))
    assert {one.id for one in with_platform(server, finish, exported=resumed)} == expected
    assert not resumed.conflicting


def test_a_cursor_of_a_list_that_has_moved_does_not_fit_any_more():
    async def versions(source):
        return [(one.id, one.version) async for one in source.partitions()]

    with PlatformStandIn(of_ada(5)) as server:
        first = with_platform(server, versions)
        assert with_platform(server, versions) == first
        server.events = [*server._feed(), event(1, memory(0)["id"], "UPDATE")]
        assert with_platform(server, versions) != first


def test_the_next_page_is_asked_for_while_one_is_in_hand():
    async def look(source):
        partitions = [one async for one in source.partitions()]
        async with aclosing(source.pages(partitions[0], None)) as pages:
            await anext(pages)
            for _ in range(6_000):
                if len(server.list_pages()) > 1:
                    break
                await anyio.sleep(0.01)
        return [one.page for one in server.list_pages()]

    with PlatformStandIn(of_ada(900)) as server:
        assert with_platform(server, look) == [1, 2]


def test_a_reader_that_leaves_early_leaves_nothing_running():
    async def leave(source):
        partitions = [one async for one in source.partitions()]
        async with aclosing(source.pages(partitions[0], None)) as pages:
            await anext(pages)
        await anyio.sleep(0.05)
        return len(asyncio.all_tasks())

    with PlatformStandIn(of_ada(900)) as server:
        assert with_platform(server, leave) == 1
