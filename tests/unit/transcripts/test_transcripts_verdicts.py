"""The decision table of transcripts: what an answer means."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from synap_import.destination import Exchange
from synap_import.ledger import DocumentState
from synap_import.loading.transcript_sending import CONFLICT, judge_transcript
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
)

CONFLICTING = {"detail": {"code": "transcript_conflict", "message": "it has another"}}


def answered(status: int, body: Any, *, sent_before: bool = False, **headers: str) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    exchange = Exchange(status, httpx.Headers(named), raw)
    return judge_transcript(exchange, was_sent_before=sent_before)


def told(status: str | None, **changes: Any) -> dict[str, Any]:
    return {"conversation_id": "c", "ingestion_id": "i-1", "status": status, **changes}


@pytest.mark.parametrize("status", [200, 201])
def test_a_queued_transcript_is_loaded_under_its_ingestion_id(status: int) -> None:
    verdict = answered(status, told("queued", warnings=[]))
    assert verdict == Rows((Row(DocumentState.LOADED, "i-1"),))


def test_a_duplicate_of_what_this_job_sent_is_loaded() -> None:
    verdict = answered(200, told("duplicate"), sent_before=True)
    assert verdict == Rows((Row(DocumentState.LOADED, "i-1"),))


def test_a_duplicate_of_what_somebody_else_sent_is_already_there() -> None:
    verdict = answered(200, told("duplicate"))
    assert verdict == Rows((Row(DocumentState.ALREADY_THERE, "i-1"),))


def test_what_synap_warns_of_is_kept() -> None:
    verdict = answered(200, told("queued", warnings=["no event time", "turns were kept"]))
    assert verdict == Rows((Row(DocumentState.LOADED, "i-1", "no event time; turns were kept"),))


@pytest.mark.parametrize("warnings", [None, [], "none", 7])
def test_no_warning_is_no_reason(warnings: Any) -> None:
    assert answered(200, told("queued", warnings=warnings)) == Rows(
        (Row(DocumentState.LOADED, "i-1"),)
    )


def test_another_transcript_under_the_same_id_is_rejected_and_says_so() -> None:
    verdict = answered(409, CONFLICTING, sent_before=True)
    assert verdict == Split(Row(DocumentState.REJECTED, reason=f"{CONFLICT}: it has another"))


@pytest.mark.parametrize("status", [400, 422, 413])
def test_a_refused_transcript_is_rejected(status: int) -> None:
    verdict = answered(status, {"detail": "no"})
    assert isinstance(verdict, Split)
    assert verdict.single.state is DocumentState.REJECTED


def test_what_the_sdk_refuses_by_itself_is_rejected_with_its_words() -> None:
    exchange = Exchange(failure="InvalidInputError: customer_id is not accepted")
    verdict = judge_transcript(exchange, was_sent_before=False)
    assert isinstance(verdict, Split)
    assert verdict.single.reason == "InvalidInputError: customer_id is not accepted"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oops"),
        (504, b""),
        (202, told("queued")),
        (200, b"<html>"),
        (200, b'{"conversation_id": "c", "inges'),
        (200, {"hello": "you"}),
        (200, [1]),
    ],
)
def test_an_answer_that_does_not_tell_is_in_doubt(status: int, body: Any) -> None:
    assert isinstance(answered(status, body), Unknown)


def test_silence_is_in_doubt_and_what_was_never_sent_is_not() -> None:
    silent = judge_transcript(Exchange(failure="ReadTimeout"), was_sent_before=False)
    unsent = judge_transcript(Exchange(failure="ConnectError: refused"), was_sent_before=False)
    assert isinstance(silent, Unknown)
    assert isinstance(unsent, Again)


def test_throttles_and_buildings_are_waited_for() -> None:
    building = {"error": "instance_not_ready", "retry_after_seconds": 30}
    assert answered(429, {}, Retry_After="7") == Wait(7, WaitFor.RATE)
    assert answered(409, building) == Wait(30, WaitFor.READINESS)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405])
def test_what_no_transcript_can_succeed_after_ends_the_run(status: int) -> None:
    assert isinstance(answered(status, {"detail": "no"}), Stop)


def test_a_synap_without_transcripts_says_how_to_go_on() -> None:
    verdict = answered(404, {"detail": "Not Found"})
    assert isinstance(verdict, Stop)
    assert "without --conversations-as transcripts" in verdict.remedy
