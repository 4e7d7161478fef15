"""What could not be read is told as a hole, the rest is read, and the next run fills it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from supermemory_support.items import document, memory, own_id
from supermemory_support.reading import Outcome, ids, read
from supermemory_support.stand_in import Asked, Said, StandIn
from synap_import import Finding, Severity, SourceError, SourceUnavailableError

BODIES = json.loads((Path(__file__).parent / "data" / "error_bodies.json").read_text())


def two_tags(**more: Any) -> StandIn:
    return StandIn(
        memories={"ana": [memory(n) for n in range(3)], "bob": [memory(10)]},
        documents={"ana": [document(1)]},
        **more,
    )


def refusing(status: int, content: Any = None, tag: str = "ana") -> Any:
    def before(_: StandIn, asked: Asked) -> Said | None:
        mine = asked.method == "POST" and asked.tag == tag and "documents" not in asked.path
        return Said(status, content) if mine else None

    return before


def the_error(outcome: Outcome) -> Finding:
    [finding] = [one for one in outcome.findings or () if one.severity is Severity.ERROR]
    return finding


@pytest.mark.parametrize("api", ["v4", "v5"])
@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_tag_that_is_refused_is_an_error_and_the_others_are_read(status: int, api: str) -> None:
    server = two_tags(before=refusing(status, {"error": "Not for you"}))
    outcome = read(server, api=api)
    assert own_id("mem", 10) in ids(outcome)
    assert own_id("mem", 0) not in ids(outcome)
    finding = the_error(outcome)
    assert finding.code == "supermemory-refused"
    assert "memories of ana" in finding.message
    assert "Not for you" in finding.message


def test_the_next_run_reads_what_was_refused() -> None:
    server = two_tags(before=refusing(403))
    ledger = read(server).ledger
    server.before = lambda *_: None
    outcome = read(server, ledger)
    assert {own_id("mem", n) for n in range(3)} <= ids(outcome)
    assert outcome.codes == []


def test_a_refusal_in_the_middle_of_a_list_leaves_it_open() -> None:
    server = StandIn(memories={"ana": [memory(n) for n in range(250)]})

    def before(_: StandIn, asked: Asked) -> Said | None:
        last = asked.method == "POST" and asked.order["page"] == 3 and asked.order["limit"] == 100
        return Said(409, {"error": "Merge in progress"}) if last else None

    server.before = before
    outcome = read(server)
    assert outcome.codes == ["supermemory-refused"]
    ledger = outcome.ledger
    assert len(ledger.records) == 200
    server.before = lambda *_: None
    server.asked.clear()
    assert len(read(server, ledger).records) == 250
    assert [one.order["page"] for one in server.pages("/v4/memories/list")] == [3]


@pytest.mark.parametrize("api", ["v4", "v5"])
@pytest.mark.parametrize("status", [403, 404, 409])
def test_a_tag_that_was_named_and_is_refused_is_told_before_anything_is_read(
    status: int, api: str
) -> None:
    server = two_tags(before=refusing(status, {"error": "No"}, tag="bob"))
    with pytest.raises(SourceError, match=rf"Tag bob: .*HTTP {status}\): No .*tag"):
        read(server, tags=("ana", "bob"), api=api)


def test_spent_credits_end_the_run() -> None:
    with pytest.raises(SourceError, match=r"HTTP 402.*credits"):
        read(two_tags(before=refusing(402, BODIES["402"])))


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (400, BODIES["400_zod_v3"], "containerTags.0: Must contain only alphanumeric"),
        (400, BODIES["400_v5"], "limit: Too big"),
        (404, BODIES["404"], "Document not found"),
        (403, {"error": "Forbidden", "details": "tag"}, "Forbidden (tag)"),
        (403, {"message": "No access"}, "No access"),
        (403, {"error": [1, None]}, "HTTP 403"),
        (403, ["odd"], "HTTP 403"),
        (403, "<html>Cloudflare</html>", "HTTP 403"),
        (403, None, "HTTP 403"),
    ],
)
def test_the_servers_words_are_told_in_whatever_form_they_come(
    status: int, content: Any, words: str
) -> None:
    finding = the_error(read(two_tags(before=refusing(status, content))))
    assert words in finding.message


def test_what_never_gets_better_by_itself_ends_the_run_for_now() -> None:
    with pytest.raises(SourceUnavailableError, match="HTTP 429"):
        read(two_tags(before=refusing(429)))


@pytest.mark.parametrize("api", ["v4", "v5"])
def test_a_list_that_counts_more_than_it_shows_is_an_error_each_time(api: str) -> None:
    server = two_tags(hidden={own_id("mem", 1)})
    ledger = None
    for _ in range(2):
        outcome = read(server, ledger, api=api)
        finding = the_error(outcome)
        assert (finding.code, finding.count) == ("supermemory-incomplete", 1)
        assert "memories of ana" in finding.message
        ledger = outcome.ledger


def test_a_tag_that_counts_more_than_came_out_is_an_error() -> None:
    server = two_tags()

    def one_less(server: StandIn, asked: Asked) -> Said | None:
        if asked.path != "/v4/memories/list" or asked.tag != "ana":
            return None
        short = StandIn(memories={"ana": server.memories["ana"][:2]})
        return short.respond(asked)

    server.before = one_less
    finding = the_error(read(server))
    assert finding.code == "supermemory-missing"
    assert "3 memories, 1 document; 3 records came out" in finding.message


def test_what_is_added_behind_a_list_that_was_read_is_no_error() -> None:
    server = two_tags()

    def grow(server: StandIn, asked: Asked) -> None:
        if asked.tag == "bob" and len(server.memories["ana"]) == 3:
            server.memories["ana"].append(memory(50))

    server.before = grow
    outcome = read(server)
    assert outcome.codes == ["supermemory-grew"]


def test_counts_that_cannot_be_asked_for_again_are_told() -> None:
    server = two_tags()

    def once(server: StandIn, asked: Asked) -> Said | None:
        again = [one for one in server.asked if one.path == "/v3/container-tags/list"]
        return Said(403, {"error": "No"}) if len(again) == 2 and asked.method == "GET" else None

    server.before = once
    assert read(server).codes == ["supermemory-not-compared"]


@pytest.mark.parametrize("api", ["v4", "v5"])
def test_documents_in_the_works_promise_more_memories(api: str) -> None:
    server = StandIn(documents={"ana": [document(1, None, status="embedding"), document(2)]})
    [finding] = read(server, api=api).findings or ()
    assert (finding.code, finding.count) == ("supermemory-unfinished", 1)


def test_a_document_that_is_done_but_still_dreamt_of_promises_more_memories_too() -> None:
    dreaming = document(1, dreamingStatus="dreaming")
    outcome = read(StandIn(documents={"ana": [dreaming, document(2)]}))
    assert outcome.codes == ["supermemory-unfinished"]


# -- pages that are too much -----------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 504, 524])
def test_pages_that_take_too_long_are_asked_for_in_parts(status: int) -> None:
    def slow(_: StandIn, asked: Asked) -> Said | None:
        is_much = asked.method == "POST" and int(asked.order["limit"]) > 10
        return Said(status, "<html>Gateway time-out</html>") if is_much else None

    server = StandIn(documents={"ana": [document(n) for n in range(60)]}, before=slow)
    outcome = read(server)
    assert ids(outcome) == {own_id("doc", n) for n in range(60)}
    assert outcome.codes == []


def test_pages_that_never_come_are_asked_for_in_parts_too() -> None:
    def hangs(_: StandIn, asked: Asked) -> Said | None:
        if asked.method == "POST" and int(asked.order["limit"]) > 10:
            raise httpx.ReadTimeout("no answer")
        return None

    server = StandIn(documents={"ana": [document(n) for n in range(60)]}, before=hangs)
    assert ids(read(server)) == {own_id("doc", n) for n in range(60)}


def test_a_single_item_that_takes_too_long_ends_the_run_for_now() -> None:
    def slow(_: StandIn, asked: Asked) -> Said | None:
        return Said(504) if asked.body and asked.body.get("includeContent") else None

    with pytest.raises(SourceUnavailableError, match="HTTP 504"):
        read(StandIn(documents={"ana": [document(n) for n in range(60)]}, before=slow))
