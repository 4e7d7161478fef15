"""The decision table: what an answer means."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.destination import Exchange
from synap_import.ledger import DocumentState
from synap_import.loading.verdicts import (
    Again,
    Row,
    Rows,
    Split,
    Stop,
    Unknown,
    Verdict,
    Wait,
    WaitFor,
    judge,
    read_rows,
)

IDS = ["a", "b"]


def answered(status: int, body: Any, **headers: str) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(Exchange(status, httpx.Headers(named), raw), IDS)


def row(document_id: str | None, status: str = "queued", **changes: Any) -> dict[str, Any]:
    fields = {"ingestion_id": f"i-{document_id}", "document_id": document_id, "status": status}
    return {**fields, "queued_at": "2026-01-01T00:00:00Z", **changes}


def results(*rows: Any) -> dict[str, Any]:
    return {"batch_id": "x", "results": list(rows)}


def states(verdict: Verdict) -> list[DocumentState | None]:
    assert isinstance(verdict, Rows)
    return [item.state for item in verdict.rows]


def test_good_rows_are_loaded() -> None:
    verdict = answered(200, results(row("a"), row("b", "processing")))
    assert states(verdict) == [DocumentState.LOADED, DocumentState.LOADED]


def test_201_with_rows_is_as_good_as_200() -> None:
    assert states(answered(201, results(row("a"), row("b")))) == [DocumentState.LOADED] * 2


@pytest.mark.parametrize(
    "odd",
    [
        {"ingestion_id": None},
        {"ingestion_id": "not a uuid"},
        {"queued_at": None},
        {"document_id": None},
        {"status": "accepted"},
    ],
)
def test_an_odd_row_spoils_neither_itself_nor_the_others(odd: dict[str, Any]) -> None:
    verdict = answered(200, results({**row("a"), **odd}, row("b")))
    assert states(verdict) == [DocumentState.LOADED, DocumentState.LOADED]


def test_a_row_that_is_no_row_is_unknown_and_the_other_is_loaded() -> None:
    assert states(answered(200, results("?", row("b")))) == [None, DocumentState.LOADED]


def test_a_missing_row_is_unknown() -> None:
    assert states(answered(200, results(row("b")))) == [None, DocumentState.LOADED]


def test_rows_in_another_order_are_found_by_document_id() -> None:
    rows = read_rows(results(row("b", "failed", error_message="bad"), row("a")), IDS)
    assert rows is not None
    assert [r.state for r in rows] == [DocumentState.LOADED, DocumentState.REJECTED]


@pytest.mark.parametrize(
    "message", ["duplicate document_id", "Document already exists", "already ingested", "conflict"]
)
def test_a_row_that_failed_as_duplicate_is_already_there(message: str) -> None:
    verdict = answered(200, results(row("a", "failed", error_message=message), row("b")))
    assert states(verdict) == [DocumentState.ALREADY_THERE, DocumentState.LOADED]


def test_a_row_with_the_status_duplicate_is_already_there() -> None:
    verdict = answered(200, results(row("a", "duplicate"), row("b")))
    assert states(verdict) == [DocumentState.ALREADY_THERE, DocumentState.LOADED]


def test_a_row_that_failed_otherwise_is_rejected_with_its_reason() -> None:
    verdict = answered(200, results(row("a", "failed", error_message="too short"), row("b")))
    assert isinstance(verdict, Rows)
    assert verdict.rows[0] == Row(DocumentState.REJECTED, "i-a", "too short")


@pytest.mark.parametrize("status", [202, 204, 500, 501, 502, 503, 504, 520, 524])
def test_an_answer_that_leaves_the_outcome_open_is_unknown(status: int) -> None:
    assert isinstance(answered(status, {"detail": "?"}), Unknown)


@pytest.mark.parametrize("status", [408, 425])
def test_a_request_that_was_not_taken_is_sent_again(status: int) -> None:
    assert isinstance(answered(status, {"detail": "?"}), Again)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"{}", b'{"results": []}', b"[" * 5000])
def test_a_200_without_rows_is_unknown(body: bytes) -> None:
    assert isinstance(answered(200, body), Unknown)


@pytest.mark.parametrize("failure", ["ReadTimeout", "ReadError: reset", "RemoteProtocolError: x"])
def test_an_answer_that_does_not_come_is_unknown(failure: str) -> None:
    assert judge(Exchange(failure=failure), IDS) == Unknown(failure)


@pytest.mark.parametrize("failure", ["ConnectError: refused", "ConnectTimeout"])
def test_a_request_that_was_never_sent_is_sent_again(failure: str) -> None:
    assert judge(Exchange(failure=failure), IDS) == Again(failure)


def test_a_503_that_says_when_to_come_back_is_waited_for() -> None:
    assert answered(503, {}, Retry_After="7") == Wait(7, WaitFor.RATE)


def test_a_plain_429_waits_as_long_as_it_says() -> None:
    assert answered(429, {"detail": "slow"}, Retry_After="60") == Wait(60, WaitFor.RATE)


def test_a_429_with_a_reason_stops() -> None:
    body = {"detail": {"error": "trial_limit_reached", "message": "Trial cap", "upgrade_url": "u"}}
    verdict = answered(429, body, Retry_After="60")
    assert isinstance(verdict, Stop)
    assert "Trial cap" in verdict.reason
    assert "See u" in verdict.remedy


def test_spent_credits_stop_with_the_place_to_go() -> None:
    body = {"detail": {"message": "No credits", "manage_url": "https://example.test/billing"}}
    verdict = answered(402, body)
    assert isinstance(verdict, Stop)
    assert "https://example.test/billing" in verdict.remedy


def test_an_instance_that_is_being_built_waits_its_hint() -> None:
    body = {"error": "instance_not_ready", "retry_after_seconds": 120}
    assert answered(409, body) == Wait(120, WaitFor.READINESS)


def test_the_sdks_own_cooldown_waits_too() -> None:
    exchange = Exchange(headers=httpx.Headers({"Retry-After": "7"}), failure="InstanceNotReady")
    assert judge(exchange, IDS) == Wait(7, WaitFor.READINESS)


def test_a_failed_build_stops() -> None:
    body = {"detail": {"code": "instance_build_failed", "hint": "rebuild it"}}
    assert isinstance(answered(409, body), Stop)


def test_a_conflict_means_already_there_for_the_one_document_it_is_about() -> None:
    verdict = answered(409, {"detail": {"code": "conflict", "message": "exists"}})
    assert verdict == Split(Row(DocumentState.ALREADY_THERE, reason="exists"))


def test_another_409_is_not_taken_for_success() -> None:
    verdict = answered(409, {"detail": "compaction in progress"})
    assert isinstance(verdict, Split)
    assert verdict.single.state is DocumentState.REJECTED


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_batch_refused_as_a_whole_is_split(status: int) -> None:
    verdict = answered(status, {"detail": [{"loc": ["body"], "msg": "bad"}]})
    assert isinstance(verdict, Split)
    assert verdict.single.state is DocumentState.REJECTED


@pytest.mark.parametrize("status", [301, 307, 401, 403, 404, 405, 410, 415, 423])
def test_what_cannot_succeed_stops(status: int) -> None:
    assert isinstance(answered(status, {"detail": "no"}), Stop)


@given(
    st.integers(100, 599),
    st.binary(),
    st.dictionaries(st.just("Retry-After"), st.text("0123456789abc")),
)
def test_there_is_a_verdict_for_whatever_comes(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    assert isinstance(judge(Exchange(status, httpx.Headers(headers), body), IDS), Verdict)
