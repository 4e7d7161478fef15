"""A re-sync by workers on a real Ray."""

from __future__ import annotations

from secrets import token_hex

import anyio
import pytest

from support.counting import CountingConfig
from support.ray_runs import ray_run
from support.synap import ScriptedSynap
from synap_import.ledger import Books
from synap_import.resync import Resync, ResyncRules

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("two_workers")]


def test_workers_read_again_and_send_what_is_new_only(
    ledger_database: str, synap: ScriptedSynap
) -> None:
    job = token_hex(6)

    async def run(config: CountingConfig, resync: Resync) -> Books:
        async with ray_run(ledger_database, job, synap.url, config=config, resync=resync) as opened:
            return await opened.job.run()

    anyio.run(run, CountingConfig(partitions=2, pages=1, page_size=10), Resync())
    synap.batches.clear()
    again = Resync(ResyncRules(again=True))
    books = anyio.run(run, CountingConfig(partitions=3, pages=1, page_size=10), again)
    assert (books.exported, books.loaded, books.gone, books.unfinished) == (30, 30, 0, 0)
    assert sum(map(len, synap.batches)) == 10
