"""What an answer about an ingestion means."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.destination import Exchange
from synap_import.ledger import Confirmable, Confirmation, Ingested
from synap_import.loading.ingestions import read_status
from synap_import.loading.verdicts import Again, Stop, Wait

ASKED = Confirmable(1, "0aa0", Confirmation.WAITING)


def told(**changes: Any) -> Exchange:
    """A completed ingestion, but for the changes."""
    return answered(200, {"ingestion_id": "0aa0", "status": "completed", **changes})


def answered(status: int, body: Any, **headers: str) -> Exchange:
    return Exchange(status, httpx.Headers(headers), json.dumps(body).encode())


def test_a_completed_ingestion_has_memories() -> None:
    said = read_status(told(memory_ids=["a", "b"]), ASKED)
    assert said == Ingested(Confirmation.COMPLETED, ("a", "b"))


def test_a_failed_ingestion_has_a_reason() -> None:
    said = read_status(told(status="failed", error_message="too long."), ASKED)
    assert said == Ingested(Confirmation.FAILED, (), "ingestion failed: too long")


def test_a_failed_ingestion_without_a_reason_says_so() -> None:
    said = read_status(told(status="failed", error_message=None), ASKED)
    assert said == Ingested(Confirmation.FAILED, (), "ingestion failed: no reason given")


def test_a_partial_success_keeps_memories_and_reason() -> None:
    said = read_status(
        told(status="partial_success", memory_ids=["a"], error_message="chunk 2 of 3"), ASKED
    )
    assert said == Ingested(Confirmation.PARTIAL, ("a",), "ingested in part: chunk 2 of 3")


def test_a_document_that_failed_as_a_duplicate_is_already_there() -> None:
    said = read_status(told(status="failed", error_message="duplicate document_id"), ASKED)
    assert isinstance(said, Ingested)
    assert said.confirmation is Confirmation.ALREADY_THERE


@pytest.mark.parametrize("word", ["queued", "processing", "a word of tomorrow"])
def test_any_other_word_means_not_finished(word: str) -> None:
    assert read_status(told(status=word), ASKED) == Ingested(Confirmation.PROCESSING)


@pytest.mark.parametrize("status", [404, 410])
def test_an_unknown_id_is_believed_when_it_is_said_twice(status: int) -> None:
    first = read_status(answered(status, {"detail": "?"}), ASKED)
    assert first == Ingested(Confirmation.MISSING)
    again = read_status(
        answered(status, {"detail": "?"}), ASKED._replace(confirmation=Confirmation.MISSING)
    )
    assert again == Ingested(Confirmation.UNKNOWN)


@pytest.mark.parametrize("status", [400, 422])
def test_an_id_that_means_nothing_to_synap_is_unknown(status: int) -> None:
    assert read_status(answered(status, {}), ASKED) == Ingested(Confirmation.UNKNOWN)


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(200, body=b"<html>welcome to the hotel wifi</html>"),
        Exchange(200, body=b"[]"),
        Exchange(200, body=b'{"status": null}'),
        told(ingestion_id="the answer to somebody else"),
        Exchange(202),
        Exchange(500),
        Exchange(503),
        Exchange(failure="ReadTimeout"),
        Exchange(failure="ConnectError"),
    ],
)
def test_an_answer_that_tells_nothing_is_asked_for_again(exchange: Exchange) -> None:
    assert isinstance(read_status(exchange, ASKED), Again)


@pytest.mark.parametrize("memory_ids", [None, "a", 7, {"a": 1}, [None, 7, ["a"], ""]])
def test_odd_memory_ids_are_none_at_all(memory_ids: object) -> None:
    said = read_status(told(memory_ids=memory_ids), ASKED)
    assert said == Ingested(Confirmation.COMPLETED)


def test_a_throttle_is_waited_for() -> None:
    meaning = read_status(answered(429, {}, **{"Retry-After": "7"}), ASKED)
    assert isinstance(meaning, Wait)
    assert meaning.seconds == 7


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, {}), (403, {}), (402, {"detail": {"error": "insufficient_credits"}})],
)
def test_a_refusal_is_the_end(status: int, body: dict[str, Any]) -> None:
    assert isinstance(read_status(answered(status, body), ASKED), Stop)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = ("ingestion_id", "document_id", "status", "memory_ids", "error_message", "detail")


@given(
    st.sampled_from([200, 404, 409, 413, 429, 500]),
    st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from(["failed", "completed"])),
)
def test_no_body_is_too_odd(status: int, body: dict[str, Any]) -> None:
    said = read_status(answered(status, body), ASKED)
    assert isinstance(said, Ingested | Again | Wait | Stop)
