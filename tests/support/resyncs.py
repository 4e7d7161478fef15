"""Runs a re-sync as the command does, without the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import anyio

from synap_import import MemoryRecord, Partition
from synap_import.destination import open_synap, whoami
from synap_import.following import Followed
from synap_import.identity import identity_user_map
from synap_import.ledger import Books, Ledger
from synap_import.loading.confirming import ConfirmChoice, ConfirmLimits
from synap_import.pipeline import Import
from synap_import.planning import PlanRules
from synap_import.progress import Progress
from synap_import.records import Kind, Scope
from synap_import.resync import Resync, Resynced, ResyncRules

from .runs import QUICK
from .sources import FakeSource, Slice, record

QUICKLY = ConfirmLimits(
    per_second=5000, first_pause_seconds=0.001, longest_pause_seconds=0.01, patience_seconds=0.3
)


class AtUrl(Protocol):
    """A Synap of which only the address matters."""

    @property
    def url(self) -> str: ...


def resync(
    source: FakeSource,
    ledger: Ledger,
    synap: AtUrl,
    how: ResyncRules | None = None,
    *,
    rules: PlanRules | None = None,
    confirm: ConfirmChoice = ConfirmChoice.ALL,
    options: str = "{}",
) -> Books:
    """One run that reads everything again, follows what it sent, and removes what it replaced."""

    async def run() -> Books:
        identity = await whoami(synap.url, "synap_test")
        async with open_synap(synap.url, "synap_test", identity) as opened:
            progress, plan = Progress(), rules or PlanRules(identity_user_map())
            kind = Resync(how or ResyncRules(again=True), options)
            loading = Import(source, ledger, plan, progress, opened, QUICK, resync=kind)
            followed = Followed(ledger, progress, opened, confirm, QUICKLY, loading)
            return await Resynced(ledger, progress, opened, followed, kind, QUICKLY).run()

    return anyio.run(run)


def of_pages(*pages: Sequence[MemoryRecord], version: str = "") -> FakeSource:
    """A source with one partition of these pages."""
    return FakeSource([Slice(Partition("one", "one", version), pages)])


def turn(number: int, role: str = "user", **changes: object) -> MemoryRecord:
    """A message of a conversation; its position is its number."""
    fields: dict[str, object] = {
        "kind": Kind.MESSAGE,
        "role": role,
        "position": number,
        "scope": Scope(user="ada", session="chat"),
    }
    return record(number, **{**fields, **changes})


@dataclass(frozen=True)
class At:
    """A Synap of which only the address matters."""

    url: str
