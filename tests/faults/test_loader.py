"""The loader against a Synap that misbehaves: nothing lost, nothing reported that is not so."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from support.runs import QUICK, ask_tables, run_import
from support.sources import FakeSource, record
from support.synap import ScriptedSynap, error, ok
from synap_import.errors import DestinationStoppedError
from synap_import.identity import identity_user_map
from synap_import.ledger import Ledger
from synap_import.loading import LoadLimits
from synap_import.planning import PlanRules

TEN = [record(i) for i in range(10)]
IDS = {f"legacy_fake_{i}" for i in range(10)}


def one_at_a_time(**changes: float) -> LoadLimits:
    return LoadLimits(in_flight=1, first_pause_seconds=0.001, **changes)  # type: ignore[arg-type]


def test_everything_arrives_once(ledger: Ledger, synap: ScriptedSynap) -> None:
    books = run_import(FakeSource.giving([record(i) for i in range(1000)]), ledger, synap)
    assert books.loaded == 1000
    assert Counter(synap.stored) == {f"legacy_fake_{i}": 1 for i in range(1000)}


def test_batches_hold_at_most_100_documents(ledger: Ledger, synap: ScriptedSynap) -> None:
    run_import(FakeSource.giving([record(i) for i in range(250)]), ledger, synap)
    assert max(len(batch) for batch in synap.batches) == 100


def test_batches_stay_within_the_byte_limit(ledger: Ledger, synap: ScriptedSynap) -> None:
    records = [record(i, text="x" * 1000) for i in range(20)]
    run_import(FakeSource.giving(records), ledger, synap, limits=LoadLimits(max_bytes=5000))
    assert max(len(json.dumps(batch)) for batch in synap.batches) <= 5000
    assert max(len(batch) for batch in synap.batches) > 1


@pytest.mark.parametrize("status", [202, 408, 500, 502, 503, 504, 524])
def test_a_server_error_is_sent_again(ledger: Ledger, synap: ScriptedSynap, status: int) -> None:
    synap.script = [lambda _: error(status, {"detail": "?"})]
    books = run_import(FakeSource.giving(TEN), ledger, synap)
    assert books.loaded == 10
    assert len(synap.batches) == 2


def test_the_sdk_does_not_retry_behind_our_back(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.script = [lambda _: error(503, {})] * 3
    run_import(FakeSource.giving(TEN), ledger, synap)
    assert len(synap.batches) == 4


def test_a_connection_closed_without_an_answer_is_sent_again(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: None]
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10


def test_an_answer_that_is_a_web_page_is_sent_again(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.script = [lambda _: (200, {}, b"<html>welcome to the hotel wifi</html>")]
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10


@pytest.mark.parametrize(
    "odd", [{"ingestion_id": None}, {"queued_at": None}, {"status": "accepted"}]
)
def test_one_odd_row_does_not_lose_the_others(
    ledger: Ledger, synap: ScriptedSynap, odd: dict[str, object]
) -> None:
    synap.script = [lambda documents: ok(documents, **odd)]
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10
    assert len(synap.batches) == 1


def test_a_row_without_an_answer_is_sent_again_alone(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.script = [lambda documents: ok(documents[1:])]
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10
    assert [len(batch) for batch in synap.batches] == [10, 1]


def test_a_rejected_row_is_rejected_with_its_reason(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.script = [lambda docs: ok(docs, status="failed", error_message="too short")]
    books = run_import(FakeSource.giving(TEN), ledger, synap)
    assert books.rejected == {"too short": 1}
    assert books.loaded == 9


def test_a_duplicate_row_is_already_there(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.script = [lambda docs: ok(docs, status="failed", error_message="duplicate document_id")]
    books = run_import(FakeSource.giving(TEN), ledger, synap)
    assert (books.loaded, books.already_there) == (9, 1)


def test_one_bad_document_does_not_take_its_batch_along(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    def refuse_seven(documents: list[dict[str, object]]) -> tuple[int, dict[str, str], bytes]:
        ids = [document["document_id"] for document in documents]
        return error(422, {"detail": "bad"}) if "legacy_fake_7" in ids else ok(documents)

    synap.script = [refuse_seven] * 20
    books = run_import(FakeSource.giving(TEN), ledger, synap)
    assert books.rejected == {"HTTP 422: bad": 1}
    assert books.loaded == 9


def test_a_conflict_about_one_document_leaves_the_others_loaded(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    def conflict(documents: list[dict[str, object]]) -> tuple[int, dict[str, str], bytes]:
        ids = [document["document_id"] for document in documents]
        body = {"detail": {"code": "conflict", "message": "exists"}}
        return error(409, body) if "legacy_fake_3" in ids else ok(documents)

    synap.script = [conflict] * 20
    books = run_import(FakeSource.giving(TEN), ledger, synap)
    assert (books.loaded, books.already_there) == (9, 1)


def test_a_batch_that_is_too_large_is_halved(ledger: Ledger, synap: ScriptedSynap) -> None:
    def at_most_three(documents: list[dict[str, object]]) -> tuple[int, dict[str, str], bytes]:
        return error(413, {"detail": "large"}) if len(documents) > 3 else ok(documents)

    synap.script = [at_most_three] * 20
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10


def test_retry_after_is_waited_for(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.script = [lambda _: error(429, {"detail": "slow"}, Retry_After="0.3")]
    begin = monotonic()
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10
    assert monotonic() - begin >= 0.3


def test_an_instance_that_is_being_built_is_waited_for(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    body = {"error": "instance_not_ready", "retry_after_seconds": 1}
    synap.script = [lambda _: error(409, body)]
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (
            402,
            {"detail": {"message": "No credits left", "manage_url": "https://m.test"}},
            "credits",
        ),
        (429, {"detail": {"reason": "subscription_inactive"}}, "subscription_inactive"),
        (401, {"detail": "revoked"}, "API key"),
        (404, {"detail": "Not Found"}, "404"),
    ],
)
def test_a_stop_ends_the_run_and_the_same_command_finishes_it(
    ledger: Ledger, synap: ScriptedSynap, status: int, body: object, said: str
) -> None:
    source = FakeSource.giving([record(i) for i in range(300)])
    synap.script = [ok, lambda _: error(status, body)]
    with pytest.raises(DestinationStoppedError, match=said):
        run_import(source, ledger, synap, limits=one_at_a_time())
    assert ledger.books().loaded == 100
    assert run_import(source, ledger, synap).loaded == 300


def test_a_server_that_stays_silent_ends_the_run_resumable(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: error(503, {"detail": "down"})] * 6
    with pytest.raises(DestinationStoppedError, match="no usable answer 6 times"):
        run_import(FakeSource.giving(TEN), ledger, synap, limits=QUICK)
    assert ledger.books().unfinished == 10
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10


def test_a_wait_beyond_patience_ends_the_run_resumable(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: error(429, {}, Retry_After="7200")]
    with pytest.raises(DestinationStoppedError, match="7200 s"):
        run_import(FakeSource.giving(TEN), ledger, synap)
    assert ledger.books().unfinished == 10


def test_a_rule_that_refuses_everything_stops_early(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.script = [lambda _: error(400, {"detail": "customer_id is not accepted"})] * 5000
    source = FakeSource.giving([record(i) for i in range(1000)])
    with pytest.raises(DestinationStoppedError, match="customer_id is not accepted"):
        run_import(source, ledger, synap, limits=one_at_a_time())
    assert ledger.books().rejected_total == 100
    assert ledger.books().unfinished == 900


def test_a_text_with_a_lone_surrogate_does_not_lose_its_batch(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    records = [*TEN, record(99, text="cut \ud83d off", metadata={"key\ud800": "\udfff\0"})]
    books = run_import(FakeSource.giving(records), ledger, synap)
    assert books.loaded == 11
    (cleaned,) = [d for d in synap.batches[0] if d["document_id"] == "legacy_fake_99"]
    assert cleaned["document"] == "cut � off"


STORED_BUT_UNTOLD = [
    pytest.param(lambda _: None, id="closed without an answer"),
    pytest.param(lambda _: error(500, {"detail": "after storing"}), id="500"),
    pytest.param(lambda _: error(202, {}), id="202"),
    pytest.param(lambda _: (200, {}, b"<html>"), id="a web page"),
    pytest.param(lambda docs: (200, {}, ok(docs)[2][:-20]), id="cut short"),
]


@pytest.mark.parametrize("answer", STORED_BUT_UNTOLD)
def test_what_may_have_been_stored_can_be_held_in_doubt(
    ledger: Ledger, synap: ScriptedSynap, answer: Any
) -> None:
    synap.script = [answer]
    books = run_import(FakeSource.giving(TEN), ledger, synap, limits=LoadLimits(hold_doubts=True))
    assert (books.in_doubt, books.loaded, books.unaccounted) == (10, 0, 0)
    assert len(synap.batches) == 1
    assert {document_id for document_id, _ in ledger.accounting.doubts(100)} == IDS


def test_only_the_documents_without_a_row_are_in_doubt(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda documents: ok(documents[2:])]
    books = run_import(FakeSource.giving(TEN), ledger, synap, limits=LoadLimits(hold_doubts=True))
    assert (books.in_doubt, books.loaded) == (2, 8)
    assert [i for i, _ in ledger.accounting.doubts(100)] == ["legacy_fake_0", "legacy_fake_1"]


def test_what_certainly_was_not_stored_is_not_in_doubt(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: error(425, {}), lambda _: error(503, {}, Retry_After="0.01")]
    limits = LoadLimits(hold_doubts=True, first_pause_seconds=0.001)
    assert run_import(FakeSource.giving(TEN), ledger, synap, limits=limits).loaded == 10


def test_what_is_in_doubt_stays_so_until_it_may_be_sent_again(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    hold = LoadLimits(hold_doubts=True)
    synap.script = [lambda _: None]
    run_import(FakeSource.giving(TEN), ledger, synap, limits=hold)
    assert run_import(FakeSource.giving(TEN), ledger, synap, limits=hold).in_doubt == 10
    assert len(synap.batches) == 1
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10


def test_what_was_in_flight_at_a_crash_is_in_doubt_when_doubts_are_held(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(FakeSource.giving(TEN), ledger, None)
    assert len(ledger.sending.claim(3)) == 3
    books = run_import(FakeSource.giving(TEN), ledger, synap, limits=LoadLimits(hold_doubts=True))
    assert (books.in_doubt, books.loaded) == (3, 7)


def test_what_may_be_there_is_not_called_held_when_the_user_map_changes(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: error(500, {"detail": "after storing"})] * 6
    with pytest.raises(DestinationStoppedError):
        run_import(FakeSource.giving(TEN), ledger, synap)
    nobody = PlanRules(identity_user_map(), only_user="somebody else")
    books = run_import(FakeSource.giving(TEN), ledger, synap, rules=nobody)
    assert (books.in_doubt, books.held_total, books.unaccounted) == (10, 0, 0)
    assert {document_id for document_id, _ in ledger.accounting.doubts(100)} == IDS
    assert run_import(FakeSource.giving(TEN), ledger, synap).loaded == 10


def test_after_a_413_batches_are_smaller_and_grow_again(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    def at_most_20_kb(documents: list[dict[str, object]]) -> tuple[int, dict[str, str], bytes]:
        too_large = len(json.dumps(documents)) > 20_000
        return error(413, {"detail": "large"}) if too_large else ok(documents)

    synap.script = [at_most_20_kb] * 3 + [ok] * 200
    synap.script[3:40] = [at_most_20_kb] * 37
    source = FakeSource.giving([record(i, text="x" * 1000) for i in range(900)])
    assert run_import(source, ledger, synap, limits=one_at_a_time()).loaded == 900
    sizes = [len(batch) for batch in synap.batches]
    refused = sum(len(json.dumps(batch)) > 20_000 for batch in synap.batches[:40])
    assert refused < 10
    assert max(sizes[40:]) > max(sizes[10:40])


def test_hanging_telemetry_does_not_delay_the_end(ledger: Ledger, synap: ScriptedSynap) -> None:
    synap.hang_telemetry_seconds = 120
    begin = monotonic()
    run_import(FakeSource.giving(TEN), ledger, synap)
    assert monotonic() - begin < 60


def test_nothing_is_written_to_the_home_of_the_user(
    ledger: Ledger, synap: ScriptedSynap, own_home: Path
) -> None:
    run_import(FakeSource.giving(TEN), ledger, synap)
    assert list(own_home.iterdir()) == []


def test_every_time_goes_out_with_its_zone(ledger: Ledger, synap: ScriptedSynap) -> None:
    run_import(FakeSource.giving(TEN), ledger, synap)
    assert {d["document_created_at"] for d in synap.batches[0]} == {"2025-06-01T12:00:00Z"}


def test_concurrency_over_the_sdks_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        LoadLimits(in_flight=11)


def test_a_doubt_outlives_a_changed_plan_that_sends_the_document_all_the_same(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: error(500, {"detail": "after storing"})] * 6
    with pytest.raises(DestinationStoppedError):
        run_import(FakeSource.giving(TEN), ledger, synap)
    other = PlanRules(identity_user_map(), only_user="ada")
    assert run_import(FakeSource.giving(TEN), ledger, synap, rules=other).loaded == 10
    doubted = ask_tables(ledger, "SELECT count(*) FROM documents WHERE doubt LIKE 'HTTP 500%'")
    assert doubted == [(10,)]
