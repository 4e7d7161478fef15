"""Conversations for tests, and an import that sends them as transcripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx

from synap_import import MemoryRecord
from synap_import.destination import open_synap, whoami
from synap_import.identity import identity_user_map
from synap_import.ledger import Books, Ledger
from synap_import.loading import LoadLimits
from synap_import.pipeline import Import
from synap_import.planning import ConversationsAs, PlanRules
from synap_import.progress import Progress
from synap_import.records import Kind, Scope

from .runs import QUICK
from .sources import FakeSource, record

AS_TRANSCRIPTS = PlanRules(identity_user_map(), conversations_as=ConversationsAs.TRANSCRIPTS)
AS_DOCUMENTS = PlanRules(identity_user_map())

_BEGAN = datetime(2025, 6, 1, 12, tzinfo=UTC)


def said(session: str, position: int, role: str | None = None, **changes: Any) -> MemoryRecord:
    """A message of Ada's: questions in even positions, answers in odd ones."""
    fields: dict[str, Any] = {
        "id": f"{session}-{position}",
        "kind": Kind.MESSAGE,
        "role": role or ("user", "assistant")[position % 2],
        "text": f"said at {position} in {session}",
        "position": position,
        "scope": Scope(user="ada", session=session),
        "created_at": _BEGAN + timedelta(minutes=position),
    }
    return record(position, **{**fields, **changes})


def conversation(session: str, turns: int) -> list[MemoryRecord]:
    """So many messages in turn."""
    return [said(session, position) for position in range(turns)]


def import_as_transcripts(
    records: list[MemoryRecord],
    ledger: Ledger,
    url: str,
    *,
    rules: PlanRules = AS_TRANSCRIPTS,
    limits: LoadLimits = QUICK,
) -> Books:
    """One run over these records."""

    async def run() -> Books:
        identity = await whoami(url, "synap_test")
        async with open_synap(url, "synap_test", identity, read_timeout=5) as synap:
            source = FakeSource.giving(records)
            return await Import(source, ledger, rules, Progress(), synap, limits).run()

    return anyio.run(run)


@dataclass(frozen=True)
class Held:
    """What a sandbox holds."""

    url: str

    def documents(self) -> list[dict[str, Any]]:
        """All of it, in order of arrival."""
        lines = httpx.get(f"{self.url}/sandbox/documents", timeout=30).content.splitlines()
        return [json.loads(line) for line in lines]

    def transcripts(self) -> dict[str, list[dict[str, Any]]]:
        """The turns of each transcript, by the conversation id that it was sent under."""
        found = [document["metadata"] for document in self.documents()]
        sent = [one for one in found if "transcript" in one]
        return {one["external_conversation_id"]: one["transcript"] for one in sent}

    def requests(self, path: str = "/v1/conversations/ingest") -> int:
        """How many requests of this path came."""
        return int(self._counters()["requests"].get(f"POST {path}", 0))

    def faults(self) -> dict[str, int]:
        """How often each fault was acted out."""
        return dict(self._counters()["faults"])

    def _counters(self) -> dict[str, Any]:
        counted: dict[str, Any] = httpx.get(f"{self.url}/sandbox/counters", timeout=30).json()
        return counted
