"""What the server says it holds, listed again, compared with what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from synap_import_letta.making import SYSTEM
from synap_import_letta.people import texts
from synap_import_letta.times import times_of

from . import findings
from .catalog import Catalog, all_agents
from .refusals import NotThereError
from .walking import in_all

if TYPE_CHECKING:
    from synap_import import Exported, Finding

    from .api import LettaApi

_MOST_LOOKED_UP = 50


class Reconciling:
    """Compares ids where the API shows them, and counts where it counts.

    It counts neither messages nor passages: of messages, those that agents have in context are
    compared; each list of both was read to its empty page.
    """

    def __init__(
        self, api: LettaApi, catalog: Catalog, exported: Exported, began: datetime
    ) -> None:
        self._api = api
        self._catalog = catalog
        self._exported = exported
        self._began = began

    async def findings(self) -> list[Finding]:
        """All differences that matter."""
        return [*await self._of_agents(), *await self._of_blocks()]

    async def _of_agents(self) -> list[Finding]:
        known, blocks, messages, listed = list[str](), list[str](), list[str](), 0
        async for item, _ in all_agents(self._api, self._catalog.projects):
            listed += 1
            if item["id"] in self._catalog.agents:
                known += self._missing([item["id"]])
                blocks += self._missing(self._catalog.agents[item["id"]].blocks)
                messages += self._missing(texts(item.get("message_ids")))
        found = [findings.missing("agents", known)] if known else []
        found += [findings.missing("blocks", blocks)] if blocks else []
        lost = [one for one in messages[:_MOST_LOOKED_UP] if await self._is_lost(one)]
        if lost:
            found.append(findings.missing("messages", lost))
        counted = await self._counted("agents", show_hidden_agents=True)
        if counted is not None and counted > listed:
            found.append(findings.fewer_listed("agents", counted, listed))
        return found

    async def _of_blocks(self) -> list[Finding]:
        found_ids = set(self._catalog.agents_of_block)
        for listed in (self._api.blocks, self._api.template_blocks):
            async for item, _ in in_all(listed, self._catalog.projects):
                found_ids.add(item["id"])
        ids = sorted(found_ids)
        missing = self._missing(ids)
        found = [findings.missing("blocks", missing)] if missing else []
        counted = await self._counted("blocks")
        if counted is not None and counted > len(ids):
            found.append(findings.fewer_listed("blocks", counted, len(ids)))
        return found

    def _missing(self, ids: Sequence[str]) -> list[str]:
        return self._exported.missing(SYSTEM, ids)

    async def _counted(self, what: str, **parameters: Any) -> int | None:
        """The server's count, of which only one without projects is of the same things."""
        if tuple(self._catalog.projects) != (None,):
            return None
        return await self._api.count(what, **parameters)

    async def _is_lost(self, message_id: str) -> bool:
        """Whether a message says something, and did so before reading began."""
        try:
            items = await self._api.message(message_id)
        except NotThereError:
            return False
        first = next((item for item in items if isinstance(item, Mapping)), None)
        if first is None:
            return False
        said = times_of(first, "date", "").created_at
        return said is None or said < self._began
