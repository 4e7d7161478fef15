"""No answer takes the memory, the time or the screen."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import sleep

import anyio
import httpx
import pytest

from support.commands import run
from support.hostile import ODD_IDENTITY, Hostile, hostile, in_turn, reply
from synap_import.destination import Exchange, Identity, open_synap, whoami
from synap_import.documents import Document
from synap_import.errors import ConfigurationError, DestinationStoppedError, SourceUnavailableError
from synap_import.guarded_client import GuardedClient
from synap_import.loading.verdicts import Unknown, judge
from synap_import.polite_http import Politeness, polite_client

MEBIBYTE = 1024 * 1024
IDENTITY = Identity("cli_0123456789abcdef", "inst_0123456789abcdef")
DOCUMENT = Document(1, "d-1", "text", "document", None, "ada", None, "long-range", {})


def sent_to(server: Hostile) -> Exchange:
    async def send() -> Exchange:
        async with open_synap(server.url, "synap_test", IDENTITY) as synap:
            return await synap.send([DOCUMENT])

    return anyio.run(send)


def test_an_endless_answer_to_a_batch_is_cut_off_as_outcome_unknown() -> None:
    with hostile() as server:
        server.act = server.streaming(b"x" * MEBIBYTE, times=256)
        exchange = sent_to(server)
    assert exchange.status is None
    assert "larger than 16777216 bytes" in exchange.failure
    assert isinstance(judge(exchange, ["d-1"]), Unknown)
    assert server.sent < 64 * MEBIBYTE


def test_a_bomb_as_answer_to_a_batch_counts_as_unpacked() -> None:
    bomb = gzip.compress(bytes(200 * MEBIBYTE), compresslevel=1)
    assert len(bomb) < 2 * MEBIBYTE
    with hostile(reply(body=bomb, Content_Encoding="gzip")) as server:
        tracemalloc.start()
        try:
            exchange = sent_to(server)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert "larger than 16777216 bytes" in exchange.failure
    assert peak < 80 * MEBIBYTE


def test_an_encoding_that_nobody_asked_for_is_not_unpacked() -> None:
    with hostile(reply(body=b"...", Content_Encoding="zstd")) as server:
        exchange = sent_to(server)
    assert "'zstd'" in exchange.failure
    assert server.headers[-1]["Accept-Encoding"] == "gzip"


def test_an_endless_answer_to_who_we_are_is_cut_off() -> None:
    with hostile() as server:
        server.act = server.streaming(b"x" * MEBIBYTE, times=256)
        with pytest.raises(DestinationStoppedError, match="larger than 1048576 bytes"):
            anyio.run(whoami, server.url, "synap_test")
    assert server.sent < 32 * MEBIBYTE


def test_an_endless_answer_to_the_sdk_itself_is_cut_off(tmp_path: Path, file: Path) -> None:
    with hostile() as server:
        endless = server.streaming(b"x" * MEBIBYTE, times=256)
        server.act = in_turn(reply(body=ODD_IDENTITY), endless, reply(403))
        done = run(
            *("json", file, "--user-map", "identity", "--synap-url", server.url),
            *("--workdir", tmp_path / "work"),
            SYNAP_API_KEY="synap_test",
        )
    assert done.code == 3
    assert server.sent < 64 * MEBIBYTE


def drip(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    for _ in range(1000):
        request.wfile.write(b"x")
        sleep(0.02)


def test_a_dripping_answer_ends_at_its_time() -> None:
    async def ask(url: str) -> None:
        client = GuardedClient(secret="", max_bytes=MEBIBYTE, max_seconds=0.2)
        async with client:
            await client.get(url)

    with hostile(drip) as server, pytest.raises(httpx.ReadTimeout, match="no complete answer"):
        anyio.run(ask, server.url)


def test_a_dripping_source_ends_at_its_time() -> None:
    async def ask(url: str) -> None:
        impatient = Politeness(max_attempts=2, max_answer_seconds=0.2, max_wait_seconds=0.01)
        async with polite_client(base_url=url, politeness=impatient) as client:
            await client.get("/memories")

    with hostile(drip) as source, pytest.raises(SourceUnavailableError, match="asked 2 times"):
        anyio.run(ask, source.url)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"client_id": "c", "instance_id": "\\u001b[2J"}',
        b'{"client_id": "c", "instance_id": "../b"}',
        json.dumps({"client_id": "c", "instance_id": "i" * 10_000}).encode(),
        b'{"client_id": {}, "instance_id": []}',
        b"\xff\xfe<html>",
    ],
    ids=["deeply nested", "escape sequence", "a path", "very long", "no text", "no json"],
)
def test_an_identity_that_is_none_gets_a_sentence(body: bytes) -> None:
    with (
        hostile(reply(body=body)) as server,
        pytest.raises(ConfigurationError, match="does not answer like Synap"),
    ):
        anyio.run(whoami, server.url, "synap_test")


@pytest.mark.parametrize("isolation", ["[]", "{}", "7", "null"])
def test_an_odd_isolation_is_an_unknown_one(isolation: str) -> None:
    body = f'{{"client_id": "c", "instance_id": "i", "user_context_isolation": {isolation}}}'
    with hostile(reply(body=body.encode())) as server:
        assert anyio.run(whoami, server.url, "synap_test").audience == "unknown"


def test_an_answer_full_of_escape_sequences_is_shown_inert(tmp_path: Path, file: Path) -> None:
    def act(request: BaseHTTPRequestHandler) -> None:
        body = b'{"client_id": "c", "instance_id": "inst_0123456789abcdef"}'
        evil = b'{"detail": "\\u001b[2J\\u0007\\u202e"}\x1b[2J'
        (reply(body=body) if "whoami" in request.path else reply(403, evil))(request)

    with hostile(act) as server:
        done = run(
            *("json", file, "--user-map", "identity", "--synap-url", server.url),
            *("--workdir", tmp_path / "work"),
            SYNAP_API_KEY="synap_test",
        )
    assert done.code == 3
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out + done.err)


def test_an_address_that_is_not_encrypted_is_said(tmp_path: Path, file: Path) -> None:
    with hostile(reply(401)) as proxy:
        done = run(
            *("json", file, "--user-map", "identity", "--synap-url", "http://synap.invalid"),
            *("--workdir", tmp_path / "work"),
            SYNAP_API_KEY="synap_test",
            HTTP_PROXY=proxy.url,
            NO_PROXY="",
        )
    assert "unencrypted" in done.err
    assert proxy.requests == [("GET", "http://synap.invalid/api/v1/auth/whoami")]
