"""What is believed of an answer to a search, and of one about a memory."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from synap_import.destination import Exchange
from synap_import.loading.verdicts import Again, Stop, Wait
from synap_import.verifying.answers import (
    Item,
    NotThere,
    Searched,
    There,
    read_memory,
    read_search,
)
from synap_import.verifying.queries import Query, query_of

QUERY = query_of("Lives in Lisbon") or Query("", frozenset())


def exchange(status: int, body: Any, **headers: str) -> Exchange:
    return Exchange(status, httpx.Headers(headers), json.dumps(body).encode())


def searched(**context: Any) -> Searched:
    said = read_search(exchange(200, {"context": context}), QUERY)
    assert isinstance(said, Searched)
    return said


def test_items_of_all_types_are_read_with_every_id_that_they_carry() -> None:
    said = searched(
        facts=[{"id": "m1", "content": "lives in lisbon", "source": "doc-1"}],
        episodes=[{"id": "m2", "summary": "Moved to Lisbon, where she lives in a loft"}],
        emotions=[{"id": "m3", "context": "calm", "metadata": {"document_id": "doc-3"}}],
    )
    assert said.items == (
        Item(frozenset({"m1", "doc-1"}), answers=True),
        Item(frozenset({"m2"}), answers=True),
        Item(frozenset({"m3", "doc-3"}), answers=False),
    )
    assert said.degraded == ""


def test_a_ranked_answer_is_read_as_well() -> None:
    assert searched(items=[{"id": "m1", "content": "x"}]).items == (Item(frozenset({"m1"}), False),)


@pytest.mark.parametrize("inside", [True, False])
def test_a_degraded_search_says_so(inside: bool) -> None:
    health = {"degraded": True, "level": "failed", "code": "unavailable"}
    body = {"context": {"retrieval": health}} if inside else {"context": {}, "retrieval": health}
    said = read_search(exchange(200, body), QUERY)
    assert said == Searched((), "Synap's search was degraded (failed, unavailable)")


def test_a_block_that_says_that_all_is_well_is_no_degradation() -> None:
    body = {"context": {}, "retrieval": {"degraded": False}}
    assert read_search(exchange(200, body), QUERY) == Searched(())


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (exchange(200, {"anything": 1}), Again),
        (Exchange(200, body=b"<!doctype html>"), Again),
        (exchange(404, {"detail": "Not Found"}), Again),
        (exchange(422, {"detail": "odd"}), Again),
        (exchange(500, {}), Again),
        (Exchange(failure="ReadError"), Again),
        (exchange(429, {}, **{"Retry-After": "3"}), Wait),
        (exchange(429, {"detail": {"reason": "trial_limit_reached"}}), Stop),
        (exchange(402, {"detail": {"message": "no credits"}}), Stop),
        (exchange(401, {}), Stop),
        (exchange(301, {}), Stop),
    ],
)
def test_what_is_no_result_is_never_taken_for_an_empty_one(
    answer: Exchange, meaning: type[object]
) -> None:
    assert isinstance(read_search(answer, QUERY), meaning)


def test_hostile_items_are_passed_over() -> None:
    odd = [None, 5, {"id": 7, "content": ["a"], "metadata": "x"}, {"id": "y" * 5000}]
    assert searched(facts=odd, preferences="none", emotions={}).items == (
        Item(frozenset(), answers=False),
        Item(frozenset(), answers=False),
    )


def test_a_memory_that_is_named_is_there() -> None:
    body = {"memory_id": "M1", "content": "Lives in Lisbon", "source_document_id": "doc-1"}
    assert read_memory(exchange(200, body), "m1") == There("doc-1", "Lives in Lisbon")
    bare = {"memory_id": "m1", "content": " ", "source_document_id": None}
    assert read_memory(exchange(200, bare), "m1") == There(None, "")


@pytest.mark.parametrize("status", [404, 410])
def test_a_memory_is_gone_when_synap_says_so_and_not_a_web_page(status: int) -> None:
    assert read_memory(exchange(status, {"detail": "memory not found"}), "m1") == NotThere()
    assert isinstance(read_memory(Exchange(status, body=b"<html>"), "m1"), Again)


def test_another_memory_says_nothing() -> None:
    assert isinstance(read_memory(exchange(200, {"memory_id": "m2"}), "m1"), Again)
