"""What the Platform says it holds is compared with what came out; no difference is silent."""

from __future__ import annotations

import pytest

from mem0_support.platform_reading import everything, with_platform
from mem0_support.platform_stand_in import PlatformStandIn, event, memory
from mem0_support.reading import read_all, reconcile
from synap_import import Severity
from synap_import.testing import InMemoryExported

ADA = [memory(n, user_id="ada") for n in range(5)]


def compared(server, exported=None, **options) -> dict[str, object]:
    """The findings by code; with ``exported``, of a run that has read all before."""
    act = reconcile if exported is None else (lambda source: source.reconcile())
    found = with_platform(server, act, exported=exported, **options)
    return {finding.code: finding for finding in found}


def what_came_out(server, **options) -> InMemoryExported:
    exported = InMemoryExported()
    with_platform(server, read_all, exported=exported, **options)
    return exported


@pytest.mark.parametrize("null_scoping", [False, True])
def test_a_complete_export_has_no_findings(null_scoping):
    memories = [
        *ADA,
        memory(10, user_id="ada", session_id="r"),
        memory(11, agent_id="a", app_id="p"),
        memory(12, user_id="ada", merged=True),
        memory(13, user_id="ada", expiration_date="2020-01-01"),
    ]
    with PlatformStandIn(memories, null_scoping=null_scoping) as server:
        assert compared(server) == {}


def test_a_memory_that_is_listed_and_did_not_come_out_is_an_error_with_its_id():
    with PlatformStandIn(ADA[:4]) as server:
        exported = what_came_out(server)
        server.memories = ADA
        found = compared(server, exported)
    hole = found["mem0-memories-missing"]
    assert (hole.severity, hole.examples) == (Severity.ERROR, (ADA[4]["id"],))


def test_a_memory_that_is_counted_and_never_listed_is_an_error():
    with PlatformStandIn(ADA, unlisted={ADA[2]["id"]}, events=[]) as server:
        assert compared(server)["mem0-memories-not-listed"].severity is Severity.ERROR


def test_a_memory_that_is_counted_and_never_listed_is_fetched_when_the_feed_names_it():
    with PlatformStandIn(ADA, unlisted={ADA[2]["id"]}) as server:
        assert everything(server).keys() == {one["id"] for one in ADA}


def test_an_owner_none_of_whose_memories_came_out_is_an_error():
    bob = memory(50, user_id="bob")
    with PlatformStandIn(ADA) as server:
        exported = what_came_out(server)
        server.memories = [*ADA, bob]
        found = compared(server, exported)
    assert found["mem0-entities-missing"].examples == ("user bob",)
    assert found["mem0-entities-missing"].severity is Severity.ERROR


def test_an_owner_without_memories_is_no_hole():
    with PlatformStandIn(ADA, extra_entities=[("user", "nobody")]) as server:
        assert compared(server) == {}


def test_a_memory_deleted_since_is_told_and_is_no_hole():
    with PlatformStandIn(ADA) as server:
        exported = what_came_out(server)
        server.events = [*server._feed(), event(90, ADA[0]["id"], "DELETE", old_memory="x")]
        server.delete(ADA[0]["id"])
        found = compared(server, exported)
    assert {finding.severity for finding in found.values()} == {Severity.INFO}
    assert found["mem0-deleted-since"].count == 1
    assert found["mem0-memories-gone"].count == 1


def test_memories_deleted_before_are_no_holes():
    gone = memory(70, user_id="ada")["id"]
    with PlatformStandIn(ADA) as server:
        server.events = [
            event(1, gone, "DELETE", old_memory="x"),
            *server._feed(),
            event(2, gone, "ADD"),
        ]
        assert compared(server) == {}


def test_a_memory_of_the_feed_that_is_not_there_is_told():
    gone = memory(70, user_id="ada")["id"]
    with PlatformStandIn(ADA) as server:
        server.events = [*server._feed(), event(2, gone, "ADD")]
        found = compared(server)
    assert found["mem0-history-memories-gone"].examples == (gone,)
    assert found["mem0-history-memories-gone"].severity is Severity.INFO


def test_a_memory_that_only_the_feed_names_is_an_error_when_it_did_not_come_out():
    with PlatformStandIn(ADA) as server:
        exported = what_came_out(server)
        server.memories = [*ADA, memory(60)]
        found = compared(server, exported)
    assert found["mem0-history-memories-missing"].examples == (memory(60)["id"],)
    assert found["mem0-history-memories-missing"].severity is Severity.ERROR


def test_the_feed_is_read_over_all_its_pages():
    memories = [memory(n) for n in range(950)]
    with PlatformStandIn(memories) as server:
        assert len(everything(server)) == 950
        pages = [one.page for one in server.asked_of("/v1/memories/events/")]
        assert set(pages) == set(range(1, 11))


@pytest.mark.parametrize(("counted", "severity"), [(9, Severity.WARNING), (2, Severity.INFO)])
def test_statistics_that_differ_are_told(counted, severity):
    with PlatformStandIn(ADA, total=counted) as server:
        finding = compared(server)["mem0-total-differs"]
        assert finding.severity is severity
        assert f"count {counted}" in finding.message


@pytest.mark.parametrize("path", ["/v1/stats/", "/v1/entities/", "/v1/memories/events/"])
def test_what_could_not_be_compared_is_told_and_keeps_nothing_from_loading(path):
    with PlatformStandIn(ADA, without={path}) as server:
        found = compared(server)
    assert list(found) == ["mem0-not-compared"]
    assert found["mem0-not-compared"].severity is Severity.WARNING


def test_earlier_versions_hide_no_hole():
    """They carry the same ids as memories, and are in no count of a list."""
    with PlatformStandIn(ADA[:4]) as server:
        server.events = [event(1, ADA[0]["id"], "UPDATE", old_memory="before")]
        exported = what_came_out(server, with_history=True)
        assert len(exported.records) == 5
        server.memories = ADA
        found = compared(server, exported, with_history=True)
    assert found["mem0-memories-missing"].examples == (ADA[4]["id"],)


def test_a_memory_written_since_is_told_and_is_no_hole():
    new = memory(80, user_id="ada", created_at="2199-01-01T00:00:00Z")
    with PlatformStandIn(ADA) as server:
        exported = what_came_out(server)
        server.memories = [*ADA, new]
        found = compared(server, exported)
    assert found["mem0-new-since"].examples == (new["id"],)
    assert not [one for one in found.values() if one.severity is Severity.ERROR]


def test_one_hole_is_told_once_though_several_lists_and_the_feed_show_it():
    both = memory(81, user_id="ada", session_id="r")
    with PlatformStandIn([*ADA, memory(82, session_id="r")]) as server:
        exported = what_came_out(server)
        server.memories.append(both)
        found = with_platform(server, lambda source: source.reconcile(), exported=exported)
    assert [one.examples for one in found if one.severity is Severity.ERROR] == [(both["id"],)]


def test_a_deleted_memory_of_several_ids_is_told_for_each_id_and_not_for_each_combination():
    both = memory(81, user_id="ada", session_id="r")
    with PlatformStandIn([*ADA, both]) as server:
        exported = what_came_out(server)
        server.delete(both["id"])
        found = with_platform(server, lambda source: source.reconcile(), exported=exported)
    gone = [one.message for one in found if one.code == "mem0-memories-gone"]
    assert len(gone) == 2


def test_how_many_memories_are_asked_for_one_by_one_is_bounded(monkeypatch):
    monkeypatch.setattr("synap_import_mem0.platform.lookup.MOST_ASKED_FOR", 10)
    monkeypatch.setattr("synap_import_mem0.platform.source.MOST_ASKED_FOR", 10)
    monkeypatch.setattr("synap_import_mem0.platform.comparing.MOST_ASKED_FOR", 10)
    feed = [event(n, memory(1_000 + n)["id"], "ADD") for n in range(50)]
    with PlatformStandIn(ADA, events=feed) as server:
        found = compared(server)
        asked = [one for one in server.asked if one.path.startswith("/v1/memories/0")]
    assert len(asked) == 10
    assert found["mem0-history-not-looked-up"].count == 40
