"""A Letta server or the Cloud: every memory of an organization, or of projects."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

import httpx

from synap_import import (
    Finding,
    HoldReason,
    Page,
    Partition,
    ScopeCount,
    Source,
    SourceCheck,
    SourceContext,
)
from synap_import_letta.config import LettaConfig
from synap_import_letta.findings import doubts_about
from synap_import_letta.holds import HOLDS

from . import findings
from .catalog import Catalog, take_catalog
from .connecting import Reached, reach
from .owning import Owning
from .reading import Reading
from .reconciling import Reconciling
from .refusals import is_cloud
from .slices import Slice, slices

if TYPE_CHECKING:
    from pydantic import BaseModel


class Server(Source[LettaConfig]):
    """Reads over the API. What it must know first, agents above all, it lists once per run."""

    name: ClassVar[str] = "letta"
    Config: ClassVar[type[BaseModel]] = LettaConfig
    holds: ClassVar[Mapping[str, HoldReason]] = HOLDS

    def __init__(self, config: LettaConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._began = datetime.now(UTC).replace(microsecond=0)

    async def check(self) -> SourceCheck:
        """Which Letta it is, and whose its agents are."""
        self._reached = await reach(self.config, self.context)
        chosen = self.config.chosen_users()
        self._catalog = await take_catalog(
            self._reached.api, self._reached.version, self._reached.projects, chosen
        )
        self._owning = Owning(self._reached.api, self._catalog)
        self._reading = Reading(
            self._reached.api, self._catalog, self._owning, lambda: self.context.exported
        )
        return SourceCheck(
            account=_account(self._reached),
            title=_title(self._reached, self._catalog),
            findings=tuple([one async for one in self._seen_at_once()]),
        )

    def partitions(self) -> AsyncIterator[Partition]:
        """Agents and identities, blocks, passages, messages, files."""
        return self._slices()

    async def _slices(self) -> AsyncGenerator[Partition, None]:
        archives = await self._owning.archives()
        async for partition in slices(
            self._reached.api,
            self._catalog,
            archives,
            now=self._began.isoformat(),
            with_files=self.config.with_files,
            with_memory_files=is_cloud(self._reached.address),
        ):
            yield partition

    def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """What a partition holds, from a cursor on."""
        return self._reading.pages(Slice.of(partition), cursor)

    async def scopes(self) -> Sequence[ScopeCount] | None:
        """Everybody whom agents, identities, blocks and archives name, without reading them."""
        return await self._owning.counts()

    async def reconcile(self) -> Sequence[Finding]:
        """What the server shows and counts, against what came out."""
        return await Reconciling(
            self._reached.api, self._catalog, self.context.exported, self._began
        ).findings()

    async def _seen_at_once(self) -> AsyncGenerator[Finding, None]:
        people, reached = self._catalog.people, self._reached
        for doubt in doubts_about(people, self.config.chosen_users()):
            yield doubt
        if not people.agents:
            yield findings.nothing_there(reached.part or "This Letta", reached.others)
        elif reached.others and not is_cloud(reached.address) and not self.config.organization:
            yield findings.other_organizations(reached.others)
        if not reached.version.orders_messages:
            yield findings.old_server(reached.shown_version)
        if not self.config.with_files and (folders := await reached.api.count("folders")):
            yield findings.folders_not_read(folders)


def _account(reached: Reached) -> str:
    """The same server and organization on the next run, wherever its key comes from."""
    netloc = httpx.URL(reached.address).netloc.decode("ascii")
    return f"{netloc}/{reached.part}"


def _title(reached: Reached, catalog: Catalog) -> str:
    what = "Letta Cloud" if is_cloud(reached.address) else f"Letta {reached.shown_version}"
    part = f", {reached.part}" if reached.part else ""
    count = len(catalog.agents)
    return f"{what} at {reached.address}{part}: {count} agent{'' if count == 1 else 's'}"
