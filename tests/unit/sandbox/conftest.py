from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from synap_import.sandbox import BackgroundSandbox, SandboxSettings


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    # The SDK's clients trust the environment; loopback must not go through a proxy.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    for name in ("SYNAP_API_KEY", "SYNAP_INSTANCE_ID", "SYNAP_CLIENT_ID", "SYNAP_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


class Client:
    """A sandbox and an HTTP client with a key it accepts."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        headers = {"Authorization": "Bearer synap_test"}
        # verify=False: reading the certificate store costs more than starting the sandbox.
        self.http = httpx.Client(base_url=base_url, headers=headers, trust_env=False, verify=False)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(path, **options)

    def post(self, path: str, body: object) -> httpx.Response:
        return self.http.post(path, json=body)

    def batch(self, *documents: dict[str, Any], fail_fast: bool = False) -> httpx.Response:
        return self.post("/api/v1/memories/batch", {"documents": documents, "fail_fast": fail_fast})

    def results(self, *documents: dict[str, Any], fail_fast: bool = False) -> list[dict[str, Any]]:
        answer = self.batch(*documents, fail_fast=fail_fast)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def documents(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.get("/sandbox/documents").text.splitlines()]

    def counters(self) -> dict[str, Any]:
        counted: dict[str, Any] = self.get("/sandbox/counters").json()
        return counted


@pytest.fixture
def settings(tmp_path: Path) -> SandboxSettings:
    return SandboxSettings(db=tmp_path / "sandbox.db", ingestion_delay_seconds=0.0)


@pytest.fixture(scope="session")
def stop() -> Iterator[Callable[[BackgroundSandbox], None]]:
    """Stop sandboxes beside the tests that follow: each takes a fifth of a second to leave."""
    with ThreadPoolExecutor(8) as pool:
        stopping: list[Future[None]] = []
        yield lambda sandbox: stopping.append(pool.submit(sandbox.close))
        for one in stopping:
            one.result()


@pytest.fixture
def start(
    settings: SandboxSettings, stop: Callable[[BackgroundSandbox], None]
) -> Iterator[Callable[..., Client]]:
    """Start sandboxes on the test's database with changed settings; all are stopped at the end."""
    with ExitStack() as stack:

        def run(**changes: Any) -> Client:
            sandbox = BackgroundSandbox(replace(settings, **changes))
            stack.callback(stop, sandbox)
            client = Client(sandbox.base_url)
            stack.callback(client.http.close)
            return client

        yield run


def document(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A document as maximem-synap 0.6.9 sends it: all nine keys, in its order."""
    return {
        "document": f"Memory number {number}",
        "document_type": "document",
        "document_id": f"legacy_mem0_{number}",
        "document_created_at": "2025-06-01T12:00:00Z",
        "user_id": "ana",
        "customer_id": "acme",
        "scope": None,
        "mode": "long-range",
        "metadata": {"source": "migration", "original_system": "mem0"},
        **changes,
    }


@pytest.fixture
def make() -> Callable[..., dict[str, Any]]:
    return document
