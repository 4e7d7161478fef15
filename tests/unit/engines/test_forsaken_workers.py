"""A worker that hears nothing more of its import ends, and says that this is why."""

from __future__ import annotations

from secrets import token_hex

import anyio
import pytest

from support.counting import CountingConfig
from support.ray_runs import ray_run
from synap_import.engines.on_ray.keys import LEDGER_PASSWORD, Keys
from synap_import.engines.on_ray.order import Ended
from synap_import.engines.on_ray.worker import Worker
from synap_import.ledger.postgres.address import read_address

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("two_workers")]


def test_a_forsaken_worker_is_none_whose_work_is_done(
    ledger_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synap_import.engines.on_ray.worker._FORSAKEN_SECONDS", 0)
    keys = {LEDGER_PASSWORD: str(read_address(ledger_database)["password"]), "key": "a key"}
    for name, value in Keys(keys).as_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(LEDGER_PASSWORD, keys[LEDGER_PASSWORD])

    async def run() -> Ended:
        config = CountingConfig(key="a key")
        async with ray_run(ledger_database, token_hex(6), None, config=config) as opened:
            with anyio.fail_after(60):
                return await Worker("w1.1", None).work(opened.engine.crew.order)

    ended = anyio.run(run)
    assert ended.failure is not None
    assert ended.failure.error == "EngineError"
    assert "heard nothing" in ended.failure.message
