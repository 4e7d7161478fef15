"""What the host gives an adapter."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import anyio
import httpx
from pydantic import BaseModel

from support.synap import ScriptedSynap, error
from synap_import import Page, Partition, Source, SourceCheck
from synap_import.host import open_source


class NoConfig(BaseModel):
    pass


class Acme(Source[NoConfig]):
    """Asks its server who it is."""

    name = "acme"
    Config = NoConfig
    url = ""

    async def check(self) -> SourceCheck:
        self.http = self.context.http_client(base_url=self.url, headers={"X-Key": "k"})
        answer = await self.http.get("/v1/whoami")
        return SourceCheck(account=answer.json()["client_id"], title="Acme")

    async def partitions(self) -> AsyncIterator[Partition]:
        yield Partition("all", "all")

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        yield Page((), None)


def test_an_adapters_client_speaks_http_and_is_closed_with_the_run(synap: ScriptedSynap) -> None:
    async def run() -> httpx.AsyncClient:
        Acme.url = synap.url
        async with open_source(Acme, NoConfig()) as source:
            assert isinstance(source, Acme)
            assert (await source.check()).account == "cli_0123456789abcdef"
            return source.http

    assert anyio.run(run).is_closed


def test_a_client_error_reaches_the_adapter_as_an_answer(synap: ScriptedSynap) -> None:
    synap.whoami = error(403, {"detail": "no"})

    async def run() -> int:
        async with open_source(Acme, NoConfig()) as source:
            client = source.context.http_client(base_url=synap.url)
            return (await client.get("/v1/whoami")).status_code

    assert anyio.run(run) == 403
