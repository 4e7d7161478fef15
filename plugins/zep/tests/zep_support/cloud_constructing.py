"""Makes the constructed cassettes: our adapter asks through Zep's SDK, the stand-in answers."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import httpx

from synap_import import SourceError
from synap_import.testing import Provenance, Scrubber, read_source
from synap_import.testing.cassettes import cassette_text
from synap_import_zep.config import ZepConfig
from synap_import_zep.source import ZepSource
from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import KEY
from zep_support.cloud_scenarios import SCENARIOS, Scenario

CONSTRUCTED_ON = "2026-11-25"
REMEDY = "the adapter asks otherwise than before: python cassettes/zep/construct_cloud.py"


class Conversation(httpx.AsyncBaseTransport):
    """Keeps what is asked and answered."""

    def __init__(self, server: Answering) -> None:
        self._server = server
        self.exchanges: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = await request.aread()
        target = request.url.raw_path.decode("ascii")
        said = self._server.answer(request.method, target, asked, request.headers)
        self.exchanges.append(
            {
                "request": {
                    "method": request.method,
                    "uri": str(request.url),
                    "body": asked.decode(),
                    "headers": _lists(request.headers),
                },
                "response": {
                    "status": {"code": said.status, "message": HTTPStatus(said.status).phrase},
                    "headers": _lists(httpx.Headers(said.headers)),
                    "body": {"string": said.body.decode()},
                },
            }
        )
        return httpx.Response(said.status, headers=said.headers, content=said.body)


def constructed(name: str) -> str:
    """The text of a cassette."""
    scenario = SCENARIOS[name]
    conversation = Conversation(scenario.server())
    with suppress(SourceError) if scenario.fails else nullcontext():
        anyio.run(_read, ZepConfig(api_key=KEY, **scenario.options), conversation)
    scrubber = Scrubber(public_hosts=["api.getzep.com"])
    return cassette_text(_provenance(name, scenario), scrubber.exchanges(conversation.exchanges))


async def _read(config: ZepConfig, conversation: Conversation) -> None:
    await read_source(ZepSource, config, transport=conversation)


def _lists(headers: httpx.Headers) -> dict[str, list[str]]:
    return {name: [value] for name, value in headers.items()}


def path_of(folder: Path, name: str) -> Path:
    """Where a cassette lies."""
    return folder / f"cloud_{name}.yaml"


def write_all(folder: Path) -> None:
    """Write all cassettes anew."""
    for name in SCENARIOS:
        path_of(folder, name).write_text(constructed(name), "utf-8")


def _provenance(name: str, scenario: Scenario) -> Provenance:
    sdk = "3.30.0" if name.startswith("v3") else "4.0.1"
    validated = f"against the models of that SDK, in a test{_but(scenario)}"
    asked = "by synap-import-zep" if sdk == "3.30.0" else "by zep-cloud 4.0.1 in synap-import-zep"
    return Provenance(
        kind="constructed",
        source="zep",
        version=f"Zep Cloud as zep-cloud {sdk} describes it in its code and models",
        how=f"no live call was made: {scenario.about}; asked {asked}, answered by "
        "zep_support.cloud_answers, written by cassettes/zep/construct_cloud.py",
        validated=validated,
        date=CONSTRUCTED_ON,
    )


def _but(scenario: Scenario) -> str:
    return f", but for {scenario.beyond}" if scenario.beyond else ""
