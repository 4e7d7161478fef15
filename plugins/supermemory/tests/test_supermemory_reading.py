"""Everything that an organization holds comes out, once, however often it is broken off."""

from __future__ import annotations

from typing import Any

import pytest

from supermemory_support.items import document, memory, moment, own_id, version
from supermemory_support.reading import ids, read, scopes
from supermemory_support.stand_in import Asked, Said, StandIn
from synap_import import Scope, ScopeKind, State


def organization(**more: Any) -> StandIn:
    ana = [memory(n, history=[version(1000 + n)] if n % 5 == 0 else []) for n in range(130)]
    bob = [memory(300 + n) for n in range(20)]
    return StandIn(
        memories={"user_ana": ana, "user.bob:1": bob, "empty": []},
        documents={
            "user_ana": [document(n) for n in range(60)],
            "files": [document(100, None, type="image")],
        },
        untagged=[document(200)],
        **more,
    )


def all_ids(server: StandIn) -> set[str]:
    lists = [*server.memories.values(), *server.documents.values(), server.untagged]
    items = [one for items in lists for one in items]
    return {one["id"] for item in items for one in (item, *item.get("history", []))}


def test_everything_comes_out_once() -> None:
    server = organization()
    outcome = read(server)
    assert ids(outcome) == all_ids(server)
    assert outcome.ledger.conflicting == []
    assert outcome.ledger.unreadable == {}
    assert outcome.codes == []


def test_v5_brings_every_memory_and_every_document_of_a_namespace() -> None:
    server = organization()
    outcome = read(server, api="v5")
    wanted = {one["id"] for items in server.memories.values() for one in items}
    wanted |= {f"{tag}/{one['id']}" for tag, items in server.documents.items() for one in items}
    assert ids(outcome) == wanted
    assert outcome.codes == []


@pytest.mark.parametrize("api", ["v4", "v5"])
def test_a_run_that_is_killed_after_any_page_is_finished_by_the_next(api: str) -> None:
    server = organization()
    whole = read(server, api=api)
    for pages in range(1, whole.ledger.pages):
        ledger = read(server, api=api, pages=pages).ledger
        outcome = read(server, ledger, api=api)
        assert outcome.records == whole.records
        assert outcome.ledger.conflicting == []
        assert outcome.codes == []


def test_a_second_run_asks_no_page_again() -> None:
    server = organization()
    ledger = read(server).ledger
    server.asked.clear()
    read(server, ledger)
    assert [one for one in server.asked if int(one.order.get("limit", 1)) > 1] == []


def test_a_list_that_changed_is_read_again_and_no_other() -> None:
    server = organization()
    ledger = read(server).ledger
    server.memories["user.bob:1"].append(memory(400))
    server.asked.clear()
    assert own_id("mem", 400) in ids(read(server, ledger))
    assert {one.tag for one in server.pages("/v4/memories/list")} == {"user.bob:1"}
    assert server.pages("/v3/documents/list") == []


def test_a_memory_that_was_forgotten_since_is_seen_although_the_count_stays() -> None:
    server = organization()
    ledger = read(server).ledger
    server.memories["user_ana"][7] |= {"isForgotten": True, "updatedAt": moment(9000)}
    outcome = read(server, ledger)
    assert [one.state for one in outcome.ledger.conflicting] == [State.DELETED]


def test_another_load_reads_again_so_that_what_was_held_can_load() -> None:
    server = organization()
    server.untagged[0]["containerTags"] = []
    ledger = read(server).ledger
    again = {one.id for one in read(server, ledger, load="both").ledger.conflicting}
    assert again == {own_id("doc", n) for n in (*range(60), 200)}


def test_the_two_apis_are_different_jobs() -> None:
    accounts = {read(organization(), api=api).check.account for api in ("auto", "v4", "v5")}
    assert len(accounts) == 2


def test_documents_without_a_tag_come_too_and_belong_to_nobody() -> None:
    record = read(organization()).records[own_id("doc", 200)]
    assert (record.text, record.scope) == ("text of document 200", Scope())


def test_a_document_of_a_tag_that_is_not_listed_comes_with_that_tag() -> None:
    server = organization()
    server.documents["unlisted"] = [document(210)]
    visible = [name for name in server._names() if name != "unlisted"]
    server._names = lambda: visible  # type: ignore[method-assign]
    assert read(server).records[own_id("doc", 210)].scope == Scope(group="unlisted")


def test_the_sweep_asks_for_no_text_that_came_already() -> None:
    server = organization()
    read(server)
    single = [one.path for one in server.asked if one.path.startswith("/v3/documents/doc")]
    assert single == [f"/v3/documents/{own_id('doc', 200)}"]
    swept = [one for one in server.asked if one.path == "/v3/documents/list" and one.tag is None]
    assert swept
    assert not any(one.body.get("includeContent") for one in swept)


def test_only_the_tags_that_were_named_are_read() -> None:
    server = organization()
    outcome = read(server, tags=("user.bob:1",))
    assert ids(outcome) == {own_id("mem", 300 + n) for n in range(20)}
    assert {one.tag for one in server.asked if one.method == "POST"} == {"user.bob:1"}


def test_a_shared_document_comes_for_each_of_its_users() -> None:
    shared = document(1, containerTags=["user_ana", "user_bob"])
    server = StandIn(documents={"user_ana": [shared], "user_bob": [shared]})
    outcome = read(server)
    assert {record.scope.group: record.id for record in outcome.records.values()} == {
        "user_ana": shared["id"],
        "user_bob": f"user_bob/{shared['id']}",
    }
    assert outcome.ledger.conflicting == []


def test_a_memory_under_a_second_tag_stays_with_the_first_and_conflicts_visibly() -> None:
    server = StandIn(memories={"b": [memory(1)], "a": [memory(1)]})
    for _ in range(2):
        outcome = read(server)
        assert outcome.records[own_id("mem", 1)].scope == Scope(group="a")
        assert [one.scope.group for one in outcome.ledger.conflicting] == ["b"]


def test_each_list_of_v4_is_asked_for_one_tag_and_the_sweep_for_none() -> None:
    server = organization()
    read(server)
    asked = [one.body.get("containerTags") for one in server.asked if one.method == "POST"]
    assert {len(tags) for tags in asked if tags is not None} == {1}
    swept = [one.path for one in server.asked if one.method == "POST" and one.tag is None]
    assert {*swept} == {"/v3/documents/list"}


def test_numbers_of_pages_may_be_floats_or_texts() -> None:
    def odd(server: StandIn, asked: Asked) -> Said | None:
        if asked.method != "POST":
            return None
        said = StandIn(memories=server.memories, documents=server.documents).respond(asked)
        told = said.content["pagination"]
        told |= {"totalItems": float(told["totalItems"]), "totalPages": str(told["totalPages"])}
        return said

    server = organization(before=odd)
    assert ids(read(server)) == all_ids(server) - {own_id("doc", 200)}


def test_nothing_but_lists_documents_tags_and_the_session_is_asked() -> None:
    server = organization()
    for api in ("v4", "v5"):
        read(server, api=api)
    known = ("/v3/session", "/v3/container-tags/list", "/v4/memories/list", "/v3/documents/")
    others = [one.path for one in server.asked if not one.path.startswith((*known, "/ns"))]
    assert others == []
    assert not any("settings" in one.path or "connections" in one.path for one in server.asked)


def test_the_tags_are_told_with_counts_and_names() -> None:
    server = organization()
    server.memories["sm_project_default"] = []
    found = {one.id: one for one in scopes(server)}
    assert {one.kind for one in found.values()} == {ScopeKind.GROUP}
    assert (found["user_ana"].records, found["user_ana"].note) == (
        190,
        "User_Ana: 130 memories, 60 documents",
    )
    assert "SuperMemory's own tools" in found["sm_project_default"].note


def test_every_second_page_may_answer_busy_once() -> None:
    refused: set[str] = set()

    def busy(server: StandIn, asked: Asked) -> Said | None:
        key = f"{asked.path}{asked.body}"
        if len(server.asked) % 2 or key in refused:
            return None
        refused.add(key)
        return Said(429, {"error": "Too many requests"}, {"retry-after": "0"})

    server = organization(before=busy)
    outcome = read(server)
    assert ids(outcome) == all_ids(server)
    assert set(outcome.waits) == {0.0}
