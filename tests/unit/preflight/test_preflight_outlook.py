"""What a load will come to, and what Synap says it costs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import pytest

from synap_import.destination import Identity
from synap_import.destinations import Destination
from synap_import.identity import identity_user_map
from synap_import.ledger import Ledger, PlannedDocument, Sample
from synap_import.planning import PlanRules
from synap_import.preflight import look
from synap_import.preflight.asking_credits import ask_credits
from synap_import.preflight.outlook import Credits, Outlook, credit_findings, estimate
from synap_import.sandbox import BackgroundSandbox, SandboxSettings


@pytest.mark.parametrize(
    ("to_send", "requests", "seconds"),
    [(0, 0, 0.0), (1, 1, 0.1), (100, 1, 0.1), (101, 2, 0.2), (100_000, 1000, 100.0)],
)
def test_requests_are_full_and_as_many_as_the_documented_rate_allows(
    to_send: int, requests: int, seconds: float
) -> None:
    outlook = Outlook.of(to_send, 1, to_send)
    assert (outlook.requests, outlook.seconds) == (requests, pytest.approx(seconds))


def test_a_transcript_is_a_request_and_costs_what_its_exchanges_would() -> None:
    outlook = Outlook.of(350, 1, 350, transcripts=(200, 1_001))
    assert (outlook.requests, outlook.units) == (202, 150 + 501)
    assert "200 of them transcripts, which go one by one" in estimate(outlook).message


def test_a_rate_that_the_job_learned_counts_instead(ledger: Ledger) -> None:
    for pace in (None, 4.0, 0.5, None):
        ledger.samples.keep(Sample(*([0] * (len(Sample._fields) - 1)), pace))
    ledger.planning.plan([PlannedDocument((n,), f"d{n}", "u", None) for n in range(1000)], [])
    outlook = look(ledger, PlanRules(identity_user_map()), {}, scanned=False).outlook
    assert (outlook.requests, outlook.seconds) == (10, 20)


def test_the_estimate_reads_as_a_sentence() -> None:
    outlook = Outlook.of(12_000, 1, 10_000, 1.0)._replace(credits=Credits(10_000.0, 25_000.0))
    assert estimate(outlook).message == (
        "12,000 documents for 1 user; to send: 10,000 in 100 requests, 2 min at least, "
        "about 10,000 credits, a balance of 25,000."
    )


def test_hours_are_told_as_hours() -> None:
    assert "2.8 h at least" in estimate(Outlook.of(1, 1, 1_000_000, 1.0)).message


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (None, []),
        (Credits(10.0, 10.0), []),
        (Credits(11.0, 10.0), ["credits-short"]),
        (Credits(None, 10.0), ["credits-unknown"]),
        (Credits(1.0, None), ["credits-unknown"]),
    ],
)
def test_money_is_a_warning_only_where_it_does_not_suffice(
    said: Credits | None, codes: list[str]
) -> None:
    assert [one.code for one in credit_findings(said)] == codes


def test_the_sandbox_tells_an_estimate_and_a_balance(tmp_path: Path) -> None:
    settings = SandboxSettings(tmp_path / "sandbox.sqlite", api_key="synap_k")
    with BackgroundSandbox(settings) as sandbox:
        assert asked(sandbox.base_url, 42, "synap_k") == Credits(42.0, 5000.0)


def test_a_refused_question_is_no_answer(tmp_path: Path) -> None:
    settings = SandboxSettings(tmp_path / "sandbox.sqlite", api_key="synap_k")
    with BackgroundSandbox(settings) as sandbox:
        assert asked(sandbox.base_url, 42, "synap_other") == Credits(None, None)


@pytest.mark.parametrize(
    "answer",
    [
        (404, {"detail": "not found"}),
        (500, "no JSON at all"),
        (200, {}),
        (200, []),
        (200, {"balance_credits": None, "credits_estimate": "many"}),
        (200, {"balance_credits": "NaN", "credits_estimate": -1}),
        (200, {"balance_credits": 10**400, "credits_estimate": [1]}),
        (307, {}),
    ],
)
def test_an_odd_answer_is_no_answer(answer: tuple[int, Any]) -> None:
    with answering(*answer) as url:
        assert asked(url, 1) == Credits(None, None)


def test_nobody_there_is_no_answer() -> None:
    with answering(200, {}) as url:
        pass
    assert asked(url, 1) == Credits(None, None)


def asked(url: str, documents: int, key: str = "synap_test") -> Credits:
    destination = Destination("inst", url, key, Identity("cli", "inst"))
    return anyio.run(ask_credits, destination, documents, "long-range")


@contextmanager
def answering(status: int, body: Any) -> Iterator[str]:
    """A server that gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply()

        def do_POST(self) -> None:
            self._reply()

        def _reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            text = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
