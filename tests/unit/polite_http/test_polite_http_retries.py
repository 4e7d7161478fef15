from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from synap_import.errors import SourceUnavailableError
from synap_import.polite_http import READ_EXTENSION


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(server, talk, answering, status):
    server.answers = [answering(status), answering(200, b"here")]

    response = talk.request()

    assert (response.status_code, response.content) == (200, b"here")
    assert talk.counters.retries == 1


@pytest.mark.parametrize("status", [301, 400, 401, 404, 501])
def test_other_answers_are_given_as_they_are(server, talk, answering, status):
    server.answers = [answering(status, Location="http://127.0.0.1:1/elsewhere")]

    assert talk.request().status_code == status
    assert len(server.seen) == 1


def test_the_last_failure_is_given_as_it_is(server, talk, answering):
    server.answers = [answering(503, b"sorry")]

    response = talk.request(max_attempts=3)

    assert (response.status_code, response.content) == (503, b"sorry")
    assert len(server.seen) == 3


@pytest.mark.parametrize("asked", ["7", "0.25", "0", "120"])
def test_retry_after_in_seconds_is_waited(server, talk, answering, asked):
    server.answers = [answering(429, Retry_After=asked), answering()]
    talk.request()

    assert talk.slept == [float(asked)]
    assert talk.counters.waited_seconds == float(asked)


def test_retry_after_as_a_date_is_waited(server, talk, answering):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.answers = [answering(503, Retry_After=date), answering()]
    talk.request()

    assert talk.slept == [pytest.approx(88, abs=3)]


@pytest.mark.parametrize("ahead", [0, 45])
def test_without_retry_after_the_reset_of_the_limit_is_waited_for(server, talk, answering, ahead):
    reset = int(datetime.now(UTC).timestamp()) + ahead if ahead else 45
    server.answers = [answering(429, X_RateLimit_Reset=str(reset)), answering()]
    talk.request()

    assert talk.slept == [pytest.approx(44, abs=3)]


def test_retry_after_comes_before_the_reset_and_the_reset_is_for_429_only(server, talk, answering):
    server.answers = [
        answering(429, Retry_After="7", X_RateLimit_Reset="45"),
        answering(503, X_RateLimit_Reset="45"),
        answering(),
    ]
    talk.request()

    assert talk.slept[0] == 7
    assert talk.slept[1] < 10


def test_retry_after_in_the_past_is_no_wait(server, talk, answering):
    server.answers = [answering(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), answering()]
    talk.request()

    assert talk.slept == [0.0]


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "soon"}, {"Retry_After": "-5"}])
def test_without_retry_after_the_waits_grow(server, talk, answering, headers):
    server.answers = [answering(503, **headers)]
    talk.request(max_attempts=5)

    assert [round(wait // 1) for wait in talk.slept] == [1, 2, 4, 8]


def test_own_waits_are_bounded_too(server, talk, answering):
    server.answers = [answering(503)]
    talk.request(max_attempts=5, max_wait_seconds=3)

    assert talk.slept[2:] == [3, 3]


def test_too_long_a_wait_ends_the_run_and_says_when_to_come_back(server, talk, answering):
    server.answers = [answering(429, Retry_After="3600")]
    later = datetime.now(UTC) + timedelta(hours=1)

    with pytest.raises(SourceUnavailableError, match="asks to wait 3600 s") as caught:
        talk.request()

    assert f"after {later:%Y-%m-%d %H:}" in caught.value.remedy
    assert (len(server.seen), talk.slept) == (1, [])


def test_a_refused_connection_is_tried_again_and_told(talk):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        talk.url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        with pytest.raises(SourceUnavailableError, match="does not answer") as caught:
            talk.request(max_attempts=3)

    assert "asked 3 times (ConnectError" in str(caught.value)
    assert "Check the address" in caught.value.remedy
    assert (talk.counters.requests, talk.counters.retries, len(talk.slept)) == (3, 2, 2)


def test_a_server_that_hangs_up_is_asked_again(server, talk, answering):
    server.answers = [None, answering(200, b"here")]

    assert talk.request().content == b"here"
    assert talk.counters.requests == 2


def test_a_body_that_breaks_off_is_asked_for_again(server, talk, answering):
    server.answers = [answering(200, b"he", Content_Length="4"), answering(200, b"here")]

    assert talk.request().content == b"here"


def test_a_server_that_is_too_slow_is_asked_again(server, talk):
    server.delay = 0.2

    with pytest.raises(SourceUnavailableError, match=r"asked 2 times \(ReadTimeout\)"):
        talk.request(timeout_seconds=0.05, max_attempts=2)


def test_a_post_is_not_repeated(server, talk, answering):
    server.answers = [answering(503, Retry_After="3600")]

    assert talk.request("POST", content=b"new").status_code == 503
    assert len(server.seen) == 1


def test_a_post_without_answer_is_not_repeated(server, talk):
    server.answers = [None]

    with pytest.raises(SourceUnavailableError, match="asked once"):
        talk.request("POST", content=b"new")
    assert len(server.seen) == 1


def test_a_post_that_reads_is_repeated_with_its_body(server, talk, answering):
    server.answers = [answering(503), None, answering(200, b"page")]

    response = talk.request("POST", content=b"filters", extensions={READ_EXTENSION: True})

    assert response.content == b"page"
    assert [seen.body for seen in server.seen] == [b"filters"] * 3


def test_a_body_from_a_generator_can_be_repeated(server, talk, answering):
    server.answers = [answering(503), answering()]

    async def chunks():
        yield b"fil"
        yield b"ters"

    async def send():
        async with talk.client() as client:
            extensions = {READ_EXTENSION: True}
            headers = {"Content-Length": "7"}
            await client.post("/", content=chunks(), headers=headers, extensions=extensions)

    asyncio.run(send())
    assert [seen.body for seen in server.seen] == [b"filters"] * 2


def test_a_cancelled_wait_ends_at_once_and_frees_its_place(server, talk, answering):
    server.answers = [answering(503, Retry_After="200"), answering()]
    asleep = asyncio.Event()

    async def forever(_seconds):
        asleep.set()
        await asyncio.sleep(60)

    async def cancel_and_ask_again():
        talk.sleep = forever
        async with talk.client(max_concurrency=1) as client:
            waiting = asyncio.create_task(client.get("/"))
            await asleep.wait()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            return await client.get("/")

    assert asyncio.run(cancel_and_ask_again()).status_code == 200


def test_a_cancelled_request_frees_its_place(server, talk):
    server.delay = 0.3

    async def cancel_and_ask_again():
        async with talk.client(max_concurrency=1) as client:
            slow = asyncio.create_task(client.get("/"))
            await asyncio.sleep(0.05)
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
            server.delay = 0
            return await client.get("/")

    assert asyncio.run(cancel_and_ask_again()).status_code == 200
