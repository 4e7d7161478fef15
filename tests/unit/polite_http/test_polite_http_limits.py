from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from synap_import.errors import SourceError, SourceUnavailableError

MEBIBYTE = 1024 * 1024


def test_no_more_requests_run_at_once_than_allowed(server, talk):
    server.delay = 0.05
    talk.requests(12, max_concurrency=3)

    assert 1 < server.most_busy <= 3
    assert len(server.seen) == 12


def test_requests_keep_their_distance_from_the_first_on(server, talk):
    talk.requests(6, requests_per_second=25)

    times = sorted(seen.at for seen in server.seen)
    assert times[-1] - times[0] >= 5 / 25 * 0.9


def test_a_wait_leaves_its_place_to_others(server, talk, answering):
    server.answers = [answering(503), answering()]
    talk.requests(4, max_concurrency=1)

    assert talk.counters.requests == 5


def test_an_answer_that_just_fits_is_given(server, talk, answering):
    server.answers = [answering(200, b"x" * 1000)]

    assert len(talk.request(max_response_bytes=1000).content) == 1000


def test_a_larger_answer_is_refused_at_once(server, talk, answering):
    server.answers = [answering(200, b"x" * 1001)]

    with pytest.raises(SourceError, match="larger than 1000 bytes") as caught:
        talk.request("GET", "/memories?api_key=geheim", max_response_bytes=1000)
    assert "/memories?api_key=***" in str(caught.value)
    assert len(server.seen) == 1


def test_an_endless_answer_is_cut_off(server, talk):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answers = [head + b"10000\r\n" + b"x" * 0x10000 + b"\r\n"]

    with pytest.raises(SourceError, match="larger than"):
        talk.request(max_response_bytes=20_000)


def test_a_compressed_answer_is_unpacked(server, talk, answering):
    packed = gzip.compress(b"memory " * 100)
    server.answers = [answering(200, packed, Content_Encoding="gzip")]

    response = talk.request()

    assert response.content == b"memory " * 100
    assert "content-encoding" not in response.headers
    assert talk.counters.bytes == len(packed)
    assert server.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("deflate", zlib.compress(b"memory")),
        ("GZIP", gzip.compress(b"mem") + gzip.compress(b"ory")),
        ("identity", b"memory"),
    ],
    ids=["zlib", "two gzip members", "identity"],
)
def test_what_servers_send_unasked_is_unpacked_too(server, talk, answering, encoding, packed):
    server.answers = [answering(200, packed, Content_Encoding=encoding)]

    assert talk.request().content == b"memory"


def test_a_gzip_bomb_is_stopped_before_it_fills_the_memory(server, talk, answering):
    bomb = gzip.compress(bytes(60 * MEBIBYTE))
    assert len(bomb) < MEBIBYTE
    server.answers = [answering(200, bomb, Content_Encoding="gzip")]
    tracemalloc.start()

    try:
        with pytest.raises(SourceError, match="larger than 1048576 bytes"):
            talk.request(max_response_bytes=MEBIBYTE)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_a_doubly_packed_answer_is_refused(server, talk, answering):
    server.answers = [answering(200, b"...", Content_Encoding="gzip, gzip")]

    with pytest.raises(SourceError, match="'gzip, gzip'"):
        talk.request()


@pytest.mark.parametrize(
    "broken",
    [gzip.compress(b"other")[:-6], b"not gzip at all"],
    ids=["breaks off", "is something else"],
)
def test_a_damaged_compressed_answer_is_asked_for_again(server, talk, answering, broken):
    server.answers = [answering(200, broken, Content_Encoding="gzip"), answering(200, b"memory")]

    assert talk.request().content == b"memory"


def test_a_damaged_answer_that_stays_damaged_is_told(server, talk, answering):
    server.answers = [answering(200, b"not gzip at all", Content_Encoding="gzip")]

    with pytest.raises(SourceUnavailableError, match="asked 2 times"):
        talk.request(max_attempts=2)


def test_the_head_of_a_compressed_answer_keeps_its_length(server, talk, answering):
    server.answers = [answering(200, b"", Content_Encoding="gzip", Content_Length="99999")]

    assert talk.request("HEAD", max_response_bytes=10).headers["content-length"] == "99999"


def test_everything_is_counted(server, talk, answering):
    server.answers = [answering(429, b"12345", Retry_After="2"), None, answering(200, b"123")]
    talk.request()

    counters = talk.counters
    assert (counters.requests, counters.retries, counters.bytes) == (3, 2, 8)
    assert counters.by_status == {429: 1, 200: 1}
    assert counters.waited_seconds == pytest.approx(sum(talk.slept))
