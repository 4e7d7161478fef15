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
from synap_import import SourceError, SourceUnavailableError
from synap_import.testing import Provenance, Scrubber, read_source
from synap_import.testing.cassettes import cassette_text
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source

DESCRIPTION = "OpenAPI description of the Mem0 Platform, mem0ai/mem0 docs/openapi.json, 8d5b7865"
CONSTRUCTED_ON = "2026-11-25"


class Conversation(httpx.AsyncBaseTransport):
    """Answers for an account, and keeps what was said."""

    def __init__(self, scenario: Scenario) -> None:
        self._account = deepcopy(scenario.account)
        self._first = {path: list(answers) for path, answers in scenario.first.items()}
        self.exchanges: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        before = self._first.get(request.url.path)
        said = (
            before.pop(0)
            if before
            else answer(self._account, request.method, request.url.raw_path.decode(), body)
        )
        self.exchanges.append(
            {
                "request": {
                    "method": request.method,
                    "uri": str(request.url),
                    "body": body.decode(),
                    "headers": {name: [value] for name, value in request.headers.items()},
                },
                "response": {
                    "status": {"code": said.status, "message": HTTPStatus(said.status).phrase},
                    "headers": {name: [value] for name, value in said.headers.items()},
                    "body": {"string": said.body},
                },
            }
        )
        return httpx.Response(said.status, headers=said.headers, content=said.body)


def constructed(name: str) -> str:
    """The text of a cassette."""
    scenario = SCENARIOS[name]
    conversation = Conversation(scenario)
    expected = suppress(SourceError, SourceUnavailableError) if scenario.fails else nullcontext()
    with expected:
        anyio.run(_read, conversation)
    exchanges = Scrubber(public_hosts=["api.mem0.ai"]).exchanges(conversation.exchanges)
    return cassette_text(_provenance(scenario), exchanges)


async def _read(conversation: Conversation) -> None:
    config = Mem0Config(api_key="key-of-the-tests")
    await read_source(Mem0Source, config, transport=conversation)


def path_of(folder: Path, name: str) -> Path:
    """Where a cassette lies."""
    return folder / f"platform_{name}.yaml"


def write_all(folder: Path) -> None:
    """Write all cassettes anew."""
    for name in SCENARIOS:
        path_of(folder, name).write_text(constructed(name), "utf-8")


def _provenance(scenario: Scenario) -> Provenance:
    validated = "against that description, in a test"
    return Provenance(
        kind="constructed",
        source="mem0",
        version=DESCRIPTION,
        how=f"no live call was made: {scenario.about}; asked by synap-import-mem0, answered by "
        "mem0_support.described_platform, written by cassettes/mem0/construct_platform.py",
        validated=f"{validated}, but for {scenario.beyond}" if scenario.beyond else validated,
        date=CONSTRUCTED_ON,
    )
