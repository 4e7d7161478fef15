"""Makes the constructed cassettes: our adapter asks, the described Platform answers."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from copy import deepcopy
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import httpx

from mem0_support.described_platform import answer
from mem0_support.platform_scenarios import SCENARIOS, Scenario
from mem0_support.server_stand_in import ADMIN_KEY, StandIn
from mem0_support.server_stand_in import _application as application
from mem0_support.server_store import Store
from synap_import import SourceError, SourceUnavailableError
from synap_import.testing import Provenance, Scrubber, read_source
from synap_import.testing.cassettes import cassette_text
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source

DESCRIPTION = "OpenAPI description of the Mem0 Platform, mem0ai/mem0 docs/openapi.json, 8d5b7865"
CONSTRUCTED_ON = "2026-11-25"
REMEDY = "the adapter asks otherwise than before: python cassettes/mem0/construct.py"


class Conversation(httpx.AsyncBaseTransport):
    """Keeps what is asked and answered."""

    def __init__(self, server: httpx.AsyncBaseTransport) -> None:
        self._server = server
        self.exchanges: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = await request.aread()
        response = await self._server.handle_async_request(request)
        answered, status = await response.aread(), response.status_code
        self.exchanges.append(
            {
                "request": {
                    "method": request.method,
                    "uri": str(request.url),
                    "body": asked.decode(),
                    "headers": _lists(request.headers),
                },
                "response": {
                    "status": {"code": status, "message": HTTPStatus(status).phrase},
                    "headers": _lists(response.headers),
                    "body": {"string": answered.decode()},
                },
            }
        )
        return httpx.Response(status, headers=response.headers, content=answered)


class DescribedPlatform(httpx.AsyncBaseTransport):
    """Answers for the account of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._account = deepcopy(scenario.account)
        self._first = {path: list(answers) for path, answers in scenario.first.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        before, target = self._first.get(request.url.path), request.url.raw_path.decode()
        said = (
            before.pop(0)
            if before
            else answer(self._account, request.method, target, request.content)
        )
        return httpx.Response(said.status, headers=said.headers, content=said.body)


def constructed_platform(name: str) -> str:
    """The text of a cassette of the Platform."""
    scenario = SCENARIOS[name]
    conversation = Conversation(DescribedPlatform(scenario))
    expected = suppress(SourceError, SourceUnavailableError) if scenario.fails else nullcontext()
    with expected:
        anyio.run(_read, Mem0Config(api_key="key-of-the-tests"), conversation)
    return _text(conversation, _platform_provenance(scenario))


def constructed_server() -> str:
    """The text of the cassette of a whole self-hosted server."""
    stand_in = StandIn(store=_small_store())
    conversation = Conversation(httpx.ASGITransport(application(stand_in)))
    config = Mem0Config(base_url="http://127.0.0.1:8888", server_key=ADMIN_KEY)
    anyio.run(_read, config, conversation)
    return _text(conversation, _SERVER_PROVENANCE)


async def _read(config: Mem0Config, conversation: Conversation) -> None:
    await read_source(Mem0Source, config, transport=conversation)


def _small_store() -> Store:
    store = Store()
    store.add("Likes tea", user_id="ada", drink="tea")
    store.add("Trip to Porto", user_id="ada", run_id="trip-1")
    store.add("Answers briefly", agent_id="concierge", role="assistant")
    store.add("Has a ticket", user_id="bob", expiration_date="2020-01-31")
    store.add("Of nobody")
    return store


def _text(conversation: Conversation, provenance: Provenance) -> str:
    scrubber = Scrubber(public_hosts=["api.mem0.ai"])
    return cassette_text(provenance, scrubber.exchanges(conversation.exchanges))


def _lists(headers: httpx.Headers) -> dict[str, list[str]]:
    return {name: [value] for name, value in headers.items()}


def path_of(folder: Path, name: str) -> Path:
    """Where a cassette of the Platform lies."""
    return folder / f"platform_{name}.yaml"


def write_all(folder: Path) -> None:
    """Write all cassettes anew."""
    for name in SCENARIOS:
        path_of(folder, name).write_text(constructed_platform(name), "utf-8")
    (folder / "server_reading.yaml").write_text(constructed_server(), "utf-8")


def _platform_provenance(scenario: Scenario) -> Provenance:
    validated = "against that description, in a test"
    return Provenance(
        kind="constructed",
        source="mem0",
        version=DESCRIPTION,
        how=f"no live call was made: {scenario.about}; asked by synap-import-mem0, answered by "
        "mem0_support.described_platform, written by cassettes/mem0/construct.py",
        validated=f"{validated}, but for {scenario.beyond}" if scenario.beyond else validated,
        date=CONSTRUCTED_ON,
    )


_SERVER_PROVENANCE = Provenance(
    kind="constructed",
    source="mem0",
    version="self-hosted server of Mem0, state of August 2026, as the recorded cassettes show it",
    how="asked by synap-import-mem0, answered by mem0_support.server_stand_in, which behaves as "
    "the recordings show; written by cassettes/mem0/construct.py",
    validated="the stand-in against the recordings, in tests",
    date=CONSTRUCTED_ON,
)
