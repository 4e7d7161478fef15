"""Runs the pipeline as the command does, without the command line."""

from __future__ import annotations

from typing import Any

import anyio

from synap_import.destination import open_synap, whoami
from synap_import.identity import identity_user_map
from synap_import.ledger import Books, Ledger
from synap_import.loading import LoadLimits
from synap_import.pipeline import Import
from synap_import.planning import PlanRules
from synap_import.progress import Progress

from .sources import FakeSource
from .synap import ScriptedSynap

QUICK = LoadLimits(first_pause_seconds=0.001, longest_pause_seconds=0.01)


def run_import(
    source: FakeSource,
    ledger: Ledger,
    synap: ScriptedSynap | None,
    *,
    rules: PlanRules | None = None,
    limits: LoadLimits = QUICK,
    limit: int | None = None,
    accepted: frozenset[str] = frozenset(),
) -> Books:
    """One run; a dry one without a Synap."""

    async def run() -> Books:
        job = Import(
            source,
            ledger,
            rules or PlanRules(identity_user_map()),
            Progress(),
            limits=limits,
            limit=limit,
            accepted=accepted,
        )
        if synap is None:
            return await job.run()
        identity = await whoami(synap.url, "synap_test")
        async with open_synap(synap.url, "synap_test", identity) as job.synap:
            return await job.run()

    return anyio.run(run)


def ask_tables(ledger: Ledger, query: str) -> list[Any]:
    """What is in the tables of a ledger, where no question to it tells."""
    with ledger._transaction() as db:
        return db.execute(query).fetchall()
