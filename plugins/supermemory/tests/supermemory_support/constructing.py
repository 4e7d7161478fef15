"""Makes the constructed cassettes: our adapter asks, the stand-in answers."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import httpx
from pydantic import SecretStr

from supermemory_support.scenarios import SCENARIOS, Scenario
from supermemory_support.stand_in import KEY
from synap_import import SourceError
from synap_import.testing import Provenance, Scrubber, read_source
from synap_import.testing.cassettes import cassette_text
from synap_import_supermemory.config import SuperMemoryConfig
from synap_import_supermemory.source import SuperMemorySource

V4 = "OpenAPI description of SuperMemory v3 and v4, sdk-ts .speakeasy/out.openapi.yaml, e8ad71a"
V5 = "OpenAPI description of SuperMemory v5, fern/openapi.json of supermemory 5.0.1"
CONSTRUCTED_ON = "2026-11-25"
REMEDY = "the adapter asks otherwise than before: python cassettes/supermemory/construct.py"


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


def constructed(name: str) -> str:
    """The text of a cassette."""
    scenario = SCENARIOS[name]
    conversation = Conversation(scenario.make().transport)

    async def run() -> None:
        config = SuperMemoryConfig(api_key=SecretStr(KEY), **scenario.options)
        await read_source(SuperMemorySource, config, transport=conversation)

    with suppress(*[SourceError] if scenario.fails else []):
        anyio.run(run)
    scrubber = Scrubber(public_hosts=["api.supermemory.ai"])
    return cassette_text(_provenance(name, scenario), scrubber.exchanges(conversation.exchanges))


def write_all(folder: Path) -> None:
    """Write all cassettes anew."""
    for name in SCENARIOS:
        (folder / f"{name}.yaml").write_text(constructed(name), "utf-8")


def _lists(headers: httpx.Headers) -> dict[str, list[str]]:
    return {name: [value] for name, value in headers.items()}


def _provenance(name: str, scenario: Scenario) -> Provenance:
    validated = "against that description, in a test; but for /v3/session, which is not in it"
    return Provenance(
        kind="constructed",
        source="supermemory",
        version=V5 if name.startswith("v5") else V4,
        how=f"no live call was made: {scenario.about}; asked by synap-import-supermemory, "
        "answered by supermemory_support.stand_in, written by cassettes/supermemory/construct.py",
        validated=f"{validated}, and {scenario.beyond}" if scenario.beyond else validated,
        date=CONSTRUCTED_ON,
    )
