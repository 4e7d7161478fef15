"""Imports on a Ray of the tests' own, without the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synap_import.destination import open_synap, whoami
from synap_import.destinations import Destination
from synap_import.engines import Commission, EngineChoice, EngineName
from synap_import.engines.on_ray.keys import LEDGER_PASSWORD, SYNAP_KEY, Keys
from synap_import.engines.on_ray.session import ray_session
from synap_import.host import open_source
from synap_import.identity import identity_user_map
from synap_import.ledger.postgres import PostgresLedger
from synap_import.ledger.postgres.address import read_address
from synap_import.loading import LoadLimits
from synap_import.pipeline import Import
from synap_import.planning import PlanRules
from synap_import.preflight import Marker
from synap_import.progress import Progress

from .counting import CountingConfig, CountingSource
from .runs import QUICK

KEY = "synap_test"


@contextmanager
def ray_of(workers: int, database: str) -> Iterator[None]:
    """A Ray with room for so many workers, which know the keys of the tests."""
    keys = {
        SYNAP_KEY: KEY,
        LEDGER_PASSWORD: str(read_address(database)["password"]),
        "key": "a key of the source",
    }
    path = {"PYTHONPATH": str(Path(__file__).parents[1])}
    with ray_session(None, workers, {**path, **Keys(keys).as_environment()}):
        yield


@dataclass
class OnRayRun:
    """What a test looks at."""

    job: Import
    ledger: PostgresLedger
    engine: Any
    progress: Progress = field(default_factory=Progress)


@asynccontextmanager
async def ray_run(
    database: str,
    job: str,
    url: str | None,
    *,
    config: CountingConfig | None = None,
    limits: LoadLimits = QUICK,
    workers: int = 2,
    **given: Any,
) -> AsyncIterator[OnRayRun]:
    """An import of what counts into a Synap at this address, ready to run; a dry one without."""
    config, rules, marker = config or CountingConfig(), PlanRules(identity_user_map()), Marker()
    ledger, progress = PostgresLedger(database, job), Progress()
    identity = None if url is None else await whoami(url, KEY)
    destination = None if url is None else Destination("a test", url, KEY, identity)
    try:
        async with open_source(CountingSource, config) as source:
            check = await source.check()
            commission = Commission(
                CountingSource,
                source,
                check.account,
                job,
                ledger,
                database,
                destination,
                rules.form,
                limits,
                marker,
                None,
                progress,
            )
            async with AsyncExitStack() as stack:
                engine = EngineChoice(EngineName.RAY, None, workers).opened(stack, commission)
                run = Import(
                    source,
                    ledger,
                    rules,
                    progress,
                    limits=limits,
                    marker=marker,
                    engine=engine,
                    **given,
                )
                if url is None or identity is None:
                    yield OnRayRun(run, ledger, engine, progress)
                    return
                async with open_synap(url, KEY, identity) as run.synap:
                    yield OnRayRun(run, ledger, engine, progress)
    finally:
        ledger.close()
