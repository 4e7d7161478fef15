"""Makes the constructed cassettes: our adapter asks, the stand-in answers as the Cloud."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import httpx

from letta_support.cloud_scenarios import KEY, SCENARIOS, Scenario
from synap_import import SourceError
from synap_import.testing import Provenance, Scrubber, read_source
from synap_import.testing.cassettes import cassette_text
from synap_import_letta.config import CLOUD_URL, LettaConfig
from synap_import_letta.source import LettaSource

CONSTRUCTED_ON = "2026-11-25"
REMEDY = "the adapter asks otherwise than before: python cassettes/letta/construct.py"


class Exchanges(httpx.AsyncBaseTransport):
    """Keeps what is asked and answered."""

    def __init__(self, server: httpx.AsyncBaseTransport) -> None:
        self._server = server
        self.kept: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = await request.aread()
        response = await self._server.handle_async_request(request)
        answered, status = await response.aread(), response.status_code
        self.kept.append(
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
    exchanges = Exchanges(httpx.ASGITransport(scenario.stand_in().application()))
    with suppress(SourceError) if scenario.fails else nullcontext():
        anyio.run(_read, options(name), exchanges)
    scrubbed = Scrubber([KEY], ["api.letta.com"]).exchanges(exchanges.kept)
    return cassette_text(_provenance(scenario), scrubbed)


def options(name: str) -> dict[str, Any]:
    """What the person gave who reads this account."""
    return {"base_url": CLOUD_URL, "api_key": KEY, **SCENARIOS[name].options}


async def _read(given: dict[str, Any], exchanges: Exchanges) -> None:
    await read_source(LettaSource, LettaConfig(**given), transport=exchanges)


def path_of(folder: Path, name: str) -> Path:
    """Where a cassette of the Cloud lies."""
    return folder / f"cloud_{name}.yaml"


def write_all(folder: Path) -> None:
    """Write the constructed cassettes anew."""
    for name in SCENARIOS:
        path_of(folder, name).write_text(constructed(name), "utf-8")


def _lists(headers: httpx.Headers) -> dict[str, list[str]]:
    return {name: [value] for name, value in headers.items()}


def _provenance(scenario: Scenario) -> Provenance:
    return Provenance(
        kind="constructed",
        source="letta",
        version=f"Letta Cloud as a public issue tells of it: {scenario.issue}",
        how=f"nobody asked api.letta.com: {scenario.about}; asked by synap-import-letta, answered "
        "by letta_support.stand_in, written by cassettes/letta/construct.py",
        validated="by nothing but that issue; what the Cloud shares with the server of one's own, "
        "against recordings of 0.16.8, in tests",
        date=CONSTRUCTED_ON,
    )
