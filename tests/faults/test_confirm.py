"""Following documents until Synap has made memories of them, through its SDK and over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from support.runs import QUICK as LOAD_LIMITS
from support.runs import ask_tables, run_import
from support.sources import FakeSource, record
from support.synap import Reply, ScriptedSynap, error, ingested, ok
from synap_import.destination import open_synap, whoami
from synap_import.errors import DestinationStoppedError
from synap_import.following import Followed
from synap_import.identity import identity_user_map
from synap_import.ledger import Books, Ledger
from synap_import.loading.confirming import ConfirmChoice, Confirmed, ConfirmLimits, confirm
from synap_import.pipeline import Import
from synap_import.planning import PlanRules
from synap_import.progress import Progress
from synap_import.sandbox import BackgroundSandbox, SandboxSettings

QUICK = ConfirmLimits(
    per_second=5000, first_pause_seconds=0.001, longest_pause_seconds=0.01, patience_seconds=0.3
)


def confirm_at(
    url: str,
    ledger: Ledger,
    choice: ConfirmChoice = ConfirmChoice.AUTO,
    limits: ConfirmLimits = QUICK,
    **options: Any,
) -> Confirmed:
    async def run() -> Confirmed:
        identity = await whoami(url, "synap_test")
        async with open_synap(url, "synap_test", identity) as synap:
            return await confirm(ledger, synap, choice, Progress(), limits, **options)

    return anyio.run(run)


def loaded(ledger: Ledger, synap: ScriptedSynap | At, count: int = 10) -> list[str]:
    """So many documents in Synap; returns their ingestion ids, in order."""
    run_import(FakeSource.giving([record(i) for i in range(count)]), ledger, synap)
    ledger.confirming.choose()
    return [document.ingestion_id for document in ledger.confirming.unconfirmed(0, count)]


def memory_ids(ledger: Ledger) -> list[list[str]]:
    rows = ask_tables(ledger, "SELECT memory_ids FROM documents ORDER BY number")
    return [json.loads(ids or "[]") for (ids,) in rows]


@dataclass(frozen=True)
class At:
    """A Synap of which only the address matters."""

    url: str


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[At]:
    """A sandbox that takes a moment to ingest."""
    settings = SandboxSettings(
        tmp_path / "sandbox.sqlite", isolation="b2c", ingestion_delay_seconds=2
    )
    with BackgroundSandbox(settings) as running:
        yield At(running.base_url)


def test_documents_are_followed_until_the_sandbox_has_memories_of_them(
    ledger: Ledger, sandbox: At
) -> None:
    loaded(ledger, sandbox, 20)
    first = confirm_at(sandbox.url, ledger, limits=replace(QUICK, patience_seconds=0))
    assert first == Confirmed(20, 20)
    done = confirm_at(sandbox.url, ledger, limits=replace(QUICK, patience_seconds=20))
    assert done == Confirmed(20, 0)
    assert ledger.books().confirmation == {"completed": 20, "not_confirmable": 0, "memories": 20}
    assert all(len(ids) == 1 for ids in memory_ids(ledger))


def test_each_document_is_asked_about_once_when_it_is_completed(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    ids = loaded(ledger, synap)
    confirm_at(synap.url, ledger)
    confirm_at(synap.url, ledger)
    assert sorted(synap.asked) == sorted(ids)


def test_memory_ids_stay_with_their_documents(ledger: Ledger, synap: ScriptedSynap) -> None:
    ids = loaded(ledger, synap, 100)
    confirm_at(synap.url, ledger)
    assert memory_ids(ledger) == [[f"memory of {one}"] for one in ids]


def test_none_asks_nothing(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap)
    assert confirm_at(synap.url, ledger, ConfirmChoice.NONE) == Confirmed(0, 0)
    assert synap.asked == []


def test_many_documents_are_sampled_unless_all_are_asked_for(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(FakeSource.giving([record(i) for i in range(50)]), ledger, synap)
    few = replace(QUICK, all_up_to=20)
    assert confirm_at(synap.url, ledger, limits=few) == Confirmed(20, 0)
    assert confirm_at(synap.url, ledger, limits=few) == Confirmed(20, 0)
    assert len(synap.asked) == 20
    assert confirm_at(synap.url, ledger, ConfirmChoice.ALL, few) == Confirmed(50, 0)
    assert len(synap.asked) == len(set(synap.asked)) == 50


def test_a_failed_ingestion_is_a_rejection(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap)
    synap.status_script = [lambda one: ingested(one, status="failed", error_message="no words")]
    assert confirm_at(synap.url, ledger) == Confirmed(10, 0)
    books = ledger.books()
    assert (books.loaded, books.rejected) == (9, {"ingestion failed: no words": 1})
    assert books.unaccounted == 0


def test_a_partial_success_stays_loaded_and_is_counted(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap)
    synap.status_script = [lambda one: ingested(one, status="partial_success")]
    confirm_at(synap.url, ledger)
    books = ledger.books()
    assert books.loaded == 10
    assert books.confirmation["partial_success"] == 1


def test_an_id_that_synap_does_not_know_is_counted_and_no_error(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap, 1)
    synap.status_script = [lambda _: error(404, {"detail": "unknown ingestion_id"})] * 2
    assert confirm_at(synap.url, ledger) == Confirmed(1, 0)
    assert ledger.books().confirmation["unknown"] == 1
    assert ledger.books().loaded == 1


def test_an_id_that_synap_does_not_know_yet_is_asked_about_again(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap, 1)
    synap.status_script = [lambda _: error(404, {"detail": "unknown ingestion_id"})]
    confirm_at(synap.url, ledger)
    assert ledger.books().confirmation["completed"] == 1


@pytest.mark.parametrize(
    "odd",
    [
        lambda _: (200, {}, b"<html>welcome to the hotel wifi</html>"),
        lambda _: (200, {}, b"{}"),
        lambda _: (200, {}, b"null"),
        lambda _: ingested("somebody else's"),
        lambda _: error(500, {"detail": "?"}),
        lambda _: error(503, {"detail": "?"}),
        lambda _: error(408, {"detail": "?"}),
        lambda _: error(429, {}, Retry_After="0"),
        lambda _: error(429, {}, Retry_After="0.001"),
        lambda _: None,
    ],
)
def test_an_answer_that_tells_nothing_is_asked_for_again(
    ledger: Ledger, synap: ScriptedSynap, odd: Any
) -> None:
    loaded(ledger, synap)
    synap.status_script = [odd, odd]
    assert confirm_at(synap.url, ledger) == Confirmed(10, 0)
    assert len(synap.asked) == 12


def test_odd_memory_ids_do_not_hurt(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap)
    synap.status_script = [lambda one: ingested(one, memory_ids={"not": "a list"})]
    confirm_at(synap.url, ledger)
    assert ledger.books().confirmation["memories"] == 9


def test_one_document_that_synap_never_tells_about_does_not_hold_up_the_others(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    bad = loaded(ledger, synap)[0]
    synap.status_script = [
        lambda one: (200, {}, b"{}") if one == bad else ingested(one) for _ in range(40)
    ]
    assert confirm_at(synap.url, ledger) == Confirmed(10, 1)
    assert synap.asked.count(bad) == QUICK.tries


def test_a_synap_that_tells_nothing_at_all_ends_it_after_a_few_tries(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap, 500)
    synap.status_script = [lambda _: error(500, {"detail": "out of order"})] * 500
    with pytest.raises(DestinationStoppedError, match="out of order"):
        confirm_at(synap.url, ledger)
    assert len(synap.asked) < 200
    assert ledger.books().unconfirmed == 500


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"detail": "bad key"}),
        (403, {"detail": "not yours"}),
        (402, {"detail": {"error": "insufficient_credits", "message": "no credits"}}),
        (429, {"detail": {"error": "trial_limit_reached", "message": "trial is over"}}),
    ],
)
def test_a_refusal_ends_it_and_what_was_heard_before_is_kept(
    ledger: Ledger, synap: ScriptedSynap, status: int, body: dict[str, Any]
) -> None:
    loaded(ledger, synap, 50)
    synap.status_script = [ingested] * 20 + [lambda _: error(status, body)] * 30
    with pytest.raises(DestinationStoppedError):
        confirm_at(synap.url, ledger)
    assert ledger.books().confirmation["completed"] == 20
    synap.status_script = []
    assert confirm_at(synap.url, ledger) == Confirmed(50, 0)


def test_being_told_to_wait_for_hours_ends_it(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap)
    synap.status_script = [lambda _: error(429, {}, Retry_After="86400")] * 10
    with pytest.raises(DestinationStoppedError, match="86400 s more for Synap's rate limit"):
        confirm_at(synap.url, ledger)


def test_what_is_not_finished_is_left_for_later(ledger: Ledger, synap: ScriptedSynap) -> None:
    ids = loaded(ledger, synap)
    slow = set(ids[:3])
    synap.status_script = [
        lambda one: ingested(one, status="processing" if one in slow else "completed")
        for _ in range(1000)
    ]
    assert confirm_at(synap.url, ledger) == Confirmed(10, 3)
    assert ledger.books().confirmation["processing"] == 3
    synap.status_script = []
    assert confirm_at(synap.url, ledger) == Confirmed(10, 0)


def test_without_patience_each_document_is_asked_about_once(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap, 100)
    synap.status_script = [lambda one: ingested(one, status="processing")] * 1000
    done = confirm_at(synap.url, ledger, limits=replace(QUICK, patience_seconds=0))
    assert done == Confirmed(100, 100)
    assert len(synap.asked) == 100


def test_stopping_keeps_what_was_heard(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap, 100)

    async def run() -> Confirmed:
        stopped = anyio.Event()
        loop = asyncio.get_running_loop()

        def stop_now(ingestion_id: str) -> Reply:
            loop.call_soon_threadsafe(stopped.set)
            return ingested(ingestion_id)

        synap.status_script = [*[ingested] * 20, stop_now]
        identity = await whoami(synap.url, "synap_test")
        async with open_synap(synap.url, "synap_test", identity) as opened:
            return await confirm(
                ledger, opened, ConfirmChoice.ALL, Progress(), QUICK, stopped=stopped
            )

    done = anyio.run(run)
    assert 0 < done.unfinished < 80
    assert len(synap.asked) == 100 - done.unfinished
    assert confirm_at(synap.url, ledger) == Confirmed(100, 0)
    assert len(synap.asked) == 100


def test_an_ingestion_id_that_looks_like_a_path_stays_one_id(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    hostile = "../../create?x=1#y é"
    synap.script = [lambda documents: ok(documents, ingestion_id=hostile)]
    loaded(ledger, synap, 1)
    confirm_at(synap.url, ledger)
    assert synap.asked == [hostile]
    assert ledger.books().confirmation["completed"] == 1


def test_a_run_is_followed_by_what_became_of_its_documents(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    async def run() -> Books:
        source = FakeSource.giving([record(i) for i in range(10)])
        progress = Progress()
        identity = await whoami(synap.url, "synap_test")
        async with open_synap(synap.url, "synap_test", identity) as opened:
            load = Import(
                source, ledger, PlanRules(identity_user_map()), progress, opened, LOAD_LIMITS
            )
            return await Followed(ledger, progress, opened, ConfirmChoice.AUTO, QUICK, load).run()

    books = anyio.run(run)
    assert (books.loaded, books.confirmation["completed"]) == (10, 10)


def test_books_of_a_job_that_was_never_confirmed_say_nothing_about_it(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    assert run_import(FakeSource.giving([record(1)]), ledger, synap).confirmation == {}
