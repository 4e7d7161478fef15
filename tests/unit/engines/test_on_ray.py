"""Imports by two workers on a real Ray, with a real PostgreSQL between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex
from typing import Any

import anyio
import pytest
import ray

from support.counting import CountingConfig
from support.ray_runs import OnRayRun, ray_run
from support.synap import Reply, ScriptedSynap, error, ok
from synap_import.errors import (
    ConfigurationError,
    DestinationStoppedError,
    EngineError,
    SourceUnavailableError,
)
from synap_import.ledger import Books
from synap_import.trying import Trial

pytestmark = pytest.mark.usefixtures("two_workers")

SMALL = CountingConfig(partitions=4, pages=3, page_size=10)
RECORDS = 120


@pytest.fixture
def run(ledger_database: str) -> Callable[..., Books]:
    """Runs the import of one job, again and again; ``begin`` has a look at it before."""
    job = token_hex(6)

    def run(
        url: str | None,
        begin: Callable[[OnRayRun], None] = lambda _: None,
        **given: Any,
    ) -> Books:
        async def once() -> Books:
            async with ray_run(ledger_database, job, url, **{"config": SMALL, **given}) as opened:
                begin(opened)
                return await opened.job.run()

        return anyio.run(once)

    return run


def with_config(**changes: Any) -> Callable[[OnRayRun], None]:
    """Workers are told this of the source, whatever the command sees."""

    def begin(opened: OnRayRun) -> None:
        crew = opened.engine.crew
        told = crew.order.config.model_copy(update=changes)
        crew.order = replace(crew.order, config=told)

    return begin


def test_every_record_is_read_and_sent_once(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    books = run(synap.url)
    assert (books.exported, books.loaded, books.unaccounted) == (RECORDS, RECORDS, 0)
    assert sorted(synap.stored) == sorted({*synap.stored})
    assert len(synap.stored) == RECORDS


@pytest.mark.thorough
def test_a_second_run_sends_nothing(run: Callable[..., Books], synap: ScriptedSynap) -> None:
    run(synap.url)
    synap.batches.clear()
    assert run(synap.url).loaded == RECORDS
    assert synap.batches == []


@pytest.mark.thorough
def test_a_dry_run_reads_and_plans_everything(run: Callable[..., Books]) -> None:
    books = run(None)
    assert (books.exported, books.unfinished) == (RECORDS, RECORDS)


@pytest.mark.thorough
def test_progress_is_that_of_all_workers(run: Callable[..., Books], synap: ScriptedSynap) -> None:
    seen: list[OnRayRun] = []
    run(synap.url, seen.append)
    progress = seen[0].progress
    assert (progress.exported, progress.planned, progress.loaded) == (RECORDS,) * 3
    assert progress.in_flight == 0


@pytest.mark.thorough
def test_a_limit_is_that_of_the_whole_run(run: Callable[..., Books], synap: ScriptedSynap) -> None:
    run(synap.url, limit=15)
    assert len(synap.stored) == 15
    assert run(synap.url).loaded == RECORDS


@pytest.mark.thorough
def test_a_trial_sends_what_was_chosen_and_nothing_else(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    def begin(opened: OnRayRun) -> None:
        opened.job.trial = Trial(opened.ledger, 7)

    run(synap.url, begin)
    assert len(synap.stored) == 7


def hired(opened: OnRayRun) -> list[Any]:
    """The actors of the workers, as they are hired."""
    actors: list[Any] = []
    hire = opened.engine.crew.hire

    def hire_and_tell(name: str) -> Any:
        actors.append(hire(name))
        return actors[-1]

    opened.engine.crew.hire = hire_and_tell
    return actors


def test_what_a_worker_had_in_hand_that_died_is_done_by_another(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    crews: list[list[Any]] = []

    def kill_both(documents: list[dict[str, Any]]) -> Reply:
        for actor in crews[0][:2]:
            ray.kill(actor)
        return ok(documents)

    synap.script = [kill_both]
    books = run(synap.url, lambda opened: crews.append(hired(opened)))
    assert (books.exported, books.loaded, books.unaccounted) == (RECORDS, RECORDS, 0)
    assert len({*synap.stored}) == RECORDS
    assert len(crews[0]) >= 4


@pytest.mark.thorough
def test_what_the_last_worker_had_in_hand_that_died_at_the_end_is_done_by_another(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    crews: list[list[Any]] = []

    def kill_at_the_end(documents: list[dict[str, Any]]) -> Reply:
        if len(synap.stored) == RECORDS:
            ray.kill(crews[0][0])
        return ok(documents)

    synap.script = [kill_at_the_end] * RECORDS
    books = run(synap.url, lambda opened: crews.append(hired(opened)), workers=1)
    assert (books.loaded, books.unfinished) == (RECORDS, 0)


@pytest.mark.thorough
def test_workers_that_die_again_and_again_end_the_run_and_lose_nothing(
    run: Callable[..., Books], synap: ScriptedSynap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synap_import.engines.on_ray.crew._MOST_DEATHS", 1)

    def begin(opened: OnRayRun) -> None:
        hire = opened.engine.crew.hire

        def doomed(name: str) -> Any:
            actor = hire(name)
            ray.kill(actor)
            return actor

        opened.engine.crew.hire = doomed

    with pytest.raises(EngineError, match="died 2 times"):
        run(synap.url, begin)
    assert run(synap.url).loaded == RECORDS


@pytest.mark.thorough
def test_a_pace_that_died_is_begun_anew(run: Callable[..., Books], synap: ScriptedSynap) -> None:
    paces: list[Any] = []

    def begin(opened: OnRayRun) -> None:
        paces.append(opened.engine.crew.pace)

    def kill_pace(documents: list[dict[str, Any]]) -> Reply:
        ray.kill(paces[0], no_restart=False)
        return ok(documents)

    synap.script = [kill_pace]
    assert run(synap.url, begin).loaded == RECORDS


@pytest.mark.thorough
def test_when_synap_takes_no_more_all_workers_stop_and_the_same_run_resumes(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    no_credits = error(402, {"detail": {"error": "insufficient_credits"}})
    synap.script = [ok, *[lambda _: no_credits] * 20]
    with pytest.raises(DestinationStoppedError):
        run(synap.url)
    synap.script.clear()
    assert run(synap.url).loaded == RECORDS


@pytest.mark.thorough
def test_what_a_source_raises_on_a_worker_is_raised_here(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    with pytest.raises(SourceUnavailableError, match="broke"):
        run(synap.url, with_config(breaks_at=2))
    assert run(synap.url).loaded == RECORDS


@pytest.mark.thorough
def test_stopping_finishes_what_is_in_flight_and_the_same_run_resumes(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    stops: list[Callable[[], object]] = []

    def begin(opened: OnRayRun) -> None:
        loop = asyncio.get_running_loop()
        stops.append(lambda: loop.call_soon_threadsafe(opened.job.stop))

    def stop(documents: list[dict[str, Any]]) -> Reply:
        stops[0]()
        return ok(documents)

    synap.script = [stop]
    slow = CountingConfig(partitions=30, pages=2, page_size=10, seconds=0.05)
    books = run(synap.url, begin, config=slow)
    assert 0 < books.loaded == len(synap.stored) < 600
    assert run(synap.url, config=slow).loaded == 600
    assert len(synap.stored) == 600


@pytest.mark.thorough
def test_a_worker_that_sees_another_source_sends_nothing(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    with pytest.raises(ConfigurationError, match="sees another source"):
        run(synap.url, with_config(account="another"))
    assert synap.batches == []


def test_a_worker_with_the_key_of_another_instance_sends_nothing(
    run: Callable[..., Books], synap: ScriptedSynap
) -> None:
    def begin(_: OnRayRun) -> None:
        status, headers, body = synap.whoami
        synap.whoami = status, headers, body.replace(b"inst_0123", b"inst_9876")

    with pytest.raises(ConfigurationError, match="inst_987645"):
        run(synap.url, begin)
    assert synap.batches == []
