"""What an answer to the deletion of a memory means."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.destination import Exchange
from synap_import.loading.deletions import Gone, Refused, read_deletion
from synap_import.loading.verdicts import Again, Stop, Wait

MEMORY = "0AA0"


def answered(status: int, body: Any, **headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(status, httpx.Headers(named), json.dumps(body).encode())


def test_an_answer_that_names_the_memory_says_that_it_is_deleted() -> None:
    assert read_deletion(answered(200, {"memory_id": "0aa0"}), MEMORY) == Gone(now=True)
    assert read_deletion(Exchange(204), MEMORY) == Gone(now=True)


@pytest.mark.parametrize("status", [404, 410])
def test_a_memory_that_is_not_there_is_gone(status: int) -> None:
    assert read_deletion(answered(status, {"detail": "?"}), MEMORY) == Gone(now=False)


@pytest.mark.parametrize("status", [200, 404, 410])
def test_a_web_page_does_not_say_that_a_memory_is_gone(status: int) -> None:
    page = Exchange(status, httpx.Headers(), b"<html>welcome to the hotel wifi</html>")
    assert isinstance(read_deletion(page, MEMORY), Again)


def test_another_memory_is_no_answer() -> None:
    assert isinstance(read_deletion(answered(200, {"memory_id": "0bb0"}), MEMORY), Again)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_a_refusal_is_about_this_memory(status: int) -> None:
    said = read_deletion(answered(status, {"detail": "not this one"}), MEMORY)
    assert isinstance(said, Refused)


@pytest.mark.parametrize("status", [202, 408, 500, 502, 504])
def test_what_tells_nothing_is_asked_again(status: int) -> None:
    assert isinstance(read_deletion(answered(status, {}), MEMORY), Again)


def test_no_answer_is_asked_again() -> None:
    assert isinstance(read_deletion(Exchange(failure="ReadTimeout"), MEMORY), Again)


def test_too_many_requests_are_waited_out() -> None:
    said = read_deletion(answered(429, {}, Retry_After="7"), MEMORY)
    assert isinstance(said, Wait)
    assert said.seconds == 7


@pytest.mark.parametrize("status", [301, 401, 402, 403, 405])
def test_what_is_about_the_account_or_the_address_ends_the_run(status: int) -> None:
    said = read_deletion(answered(status, {"detail": "no"}), MEMORY)
    assert isinstance(said, Stop)
    assert "batch" not in said.reason


@given(st.integers(100, 599), st.binary(max_size=60))
def test_only_an_answer_about_this_memory_makes_it_gone(status: int, body: bytes) -> None:
    said = read_deletion(Exchange(status, httpx.Headers(), body), MEMORY)
    if isinstance(said, Gone):
        assert status in (200, 204, 404, 410)
