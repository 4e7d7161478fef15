"""Taking a job back through Synap's SDK and over HTTP, on good days and on bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from support.runs import run_import
from support.sources import FakeSource, record
from support.synap import Reply, ScriptedSynap, deleted, error, ingested, ok
from synap_import.destination import open_synap, whoami
from synap_import.errors import DestinationStoppedError
from synap_import.ledger import Books, Confirmation, Ingested, Ledger
from synap_import.loading.confirming import ConfirmLimits
from synap_import.progress import Progress
from synap_import.rollback import Deleted, Rollback
from synap_import.sandbox import BackgroundSandbox, FaultScript, SandboxSettings
from synap_import.wiping import Wipe

QUICK = ConfirmLimits(
    per_second=5000, first_pause_seconds=0.001, longest_pause_seconds=0.01, patience_seconds=0.3
)


def roll_back(
    url: str,
    ledger: Ledger,
    user_id: str | None = None,
    limits: ConfirmLimits = QUICK,
) -> Deleted:
    async def run() -> Deleted:
        identity = await whoami(url, "synap_test")
        async with open_synap(url, "synap_test", identity) as synap:
            rollback = Rollback(ledger, synap, Progress(), user_id, limits)
            await rollback.run()
            return rollback.deleted

    return anyio.run(run)


def loaded(ledger: Ledger, synap: ScriptedSynap | At, count: int = 10) -> FakeSource:
    source = FakeSource.giving([record(i, user=f"user-{i % 2}") for i in range(count)])
    run_import(source, ledger, synap)
    return source


def remaining(ledger: Ledger) -> dict[str, int]:
    books = ledger.books()
    assert books.unaccounted == 0
    return {
        "loaded": books.loaded,
        "rolled_back": books.rolled_back,
        "unfinished": books.unfinished,
    }


@dataclass(frozen=True)
class At:
    """A Synap of which only the address matters."""

    url: str


@pytest.fixture
def misbehaving(tmp_path: Path) -> Iterator[At]:
    """A sandbox that spoils three of ten deletions."""
    kinds = (
        *("delete-500-before", "delete-500-after"),
        *("delete-close-before", "delete-close-after", "delete-html"),
    )
    faults = FaultScript(seed=5, rate=0.3, kinds=kinds, retry_after_seconds=0.01)
    settings = SandboxSettings(tmp_path / "sandbox.sqlite", isolation="b2c", faults=faults)
    with BackgroundSandbox(settings) as running:
        yield At(running.base_url)


def test_every_memory_of_every_document_is_deleted_once(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap, 50)
    synap.status_script = [lambda one: ingested(one, memory_ids=["a", "b", "c"])]
    assert roll_back(synap.url, ledger) == Deleted(documents=50, memories=52)
    assert len(synap.deletions) == len(set(synap.deletions)) == 52
    assert {"a", "b", "c"} < set(synap.deletions)
    assert remaining(ledger) == {"loaded": 0, "rolled_back": 50, "unfinished": 0}


def test_only_missing_ids_are_asked_for(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap, 20)
    roll_back(synap.url, ledger, "user-0")
    assert len(synap.asked) == len(synap.deletions) == 10
    roll_back(synap.url, ledger)
    assert len(synap.asked) == len(synap.deletions) == 20


def test_what_was_there_before_is_not_touched(ledger: Ledger, synap: ScriptedSynap) -> None:
    there = {"status": "failed", "error_message": "duplicate document_id"}
    synap.script = [lambda documents: ok(documents, **there)]
    loaded(ledger, synap)
    assert roll_back(synap.url, ledger).documents == 9
    assert ledger.books().already_there == 1
    assert len(synap.deletions) == 9


def test_a_memory_that_is_gone_needs_no_deletion(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap)
    synap.delete_script = [lambda _: error(404, {"detail": "memory not found"})] * 4
    assert roll_back(synap.url, ledger) == Deleted(documents=10, memories=6, gone_before=4)


def test_too_many_requests_are_waited_out(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap)
    synap.delete_script = [lambda _: error(429, {}, Retry_After="0.01")] * 5
    assert roll_back(synap.url, ledger).documents == 10
    assert len(synap.deletions) == 15


def test_being_told_to_wait_for_hours_ends_it(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap)
    synap.delete_script = [lambda _: error(429, {}, Retry_After="86400")] * 10
    with pytest.raises(DestinationStoppedError, match="86400 s more"):
        roll_back(synap.url, ledger)
    assert ledger.books().loaded == 10


def test_a_bad_day_of_synap_is_got_over(ledger: Ledger, misbehaving: At) -> None:
    loaded(ledger, misbehaving, 100)
    for _ in range(5):
        roll_back(misbehaving.url, ledger)
        if not ledger.undoing.outlook().documents:
            break
    assert remaining(ledger) == {"loaded": 0, "rolled_back": 100, "unfinished": 0}


def test_a_refused_deletion_is_told_and_the_others_go_on(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap)
    synap.status_script = [lambda one: ingested(one, memory_ids=["bad", "good"])]
    synap.delete_script = [
        lambda one: error(422, {"detail": "locked"}) if one == "bad" else deleted(one)
    ] * 11
    assert roll_back(synap.url, ledger) == Deleted(documents=9, memories=10)
    assert remaining(ledger) == {"loaded": 1, "rolled_back": 9, "unfinished": 0}
    assert [reason for _, reason in ledger.undoing.failures(5)] == ["HTTP 422: locked"]
    roll_back(synap.url, ledger)
    assert synap.deletions[-1] == "bad"
    assert len(synap.deletions) == 12


def test_a_document_without_a_last_answer_is_gone_on_with(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap, 1)
    synap.delete_script = [lambda _: None] * QUICK.tries
    assert roll_back(synap.url, ledger).documents == 0
    assert remaining(ledger) == {"loaded": 0, "rolled_back": 0, "unfinished": 1}
    assert roll_back(synap.url, ledger).documents == 1


def test_a_synap_that_never_answers_ends_it(ledger: Ledger, synap: ScriptedSynap) -> None:
    loaded(ledger, synap, 200)
    synap.delete_script = [lambda _: error(500, {"detail": "out of order"})] * 400
    with pytest.raises(DestinationStoppedError, match="out of order"):
        roll_back(synap.url, ledger)
    assert len(synap.deletions) < 100


@pytest.mark.parametrize("status", [401, 403, 405])
def test_a_refused_key_leaves_everything_as_it_was(
    ledger: Ledger, synap: ScriptedSynap, status: int
) -> None:
    loaded(ledger, synap)
    synap.delete_script = [lambda _: error(status, {"detail": "no"})] * 10
    with pytest.raises(DestinationStoppedError, match="What was deleted stays deleted"):
        roll_back(synap.url, ledger)
    assert remaining(ledger) == {"loaded": 10, "rolled_back": 0, "unfinished": 0}


def test_documents_that_synap_has_not_finished_stay_loaded(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap)
    synap.status_script = [lambda one: ingested(one, status="processing")]
    limits = replace(QUICK, patience_seconds=0)
    assert roll_back(synap.url, ledger, limits=limits).documents == 9
    assert ledger.undoing.outlook().to_ask == 1
    assert roll_back(synap.url, ledger).documents == 1


def test_what_is_known_is_deleted_though_synap_does_not_tell_of_the_rest(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap)
    ledger.confirming.choose(user_id="user-0")
    known = [one.number for one in ledger.confirming.unconfirmed(0, 10)]
    ledger.confirming.confirm(
        [(n, Ingested(Confirmation.COMPLETED, (f"memory-{n}",))) for n in known]
    )
    synap.status_script = [lambda _: error(500, {"detail": "out of order"})] * 100
    with pytest.raises(DestinationStoppedError, match="out of order"):
        roll_back(synap.url, ledger)
    assert remaining(ledger) == {"loaded": 5, "rolled_back": 5, "unfinished": 0}


def test_a_stopped_rollback_keeps_what_is_known_and_touches_no_more(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap, 100)

    async def run() -> None:
        identity = await whoami(synap.url, "synap_test")
        async with open_synap(synap.url, "synap_test", identity) as opened:
            rollback = Rollback(ledger, opened, Progress(), None, QUICK)

            def stop(memory_id: str) -> Reply:
                rollback.stop()
                return deleted(memory_id)

            synap.delete_script = [*[deleted] * 20, stop]
            await rollback.run()

    anyio.run(run)
    gone = len(synap.deletions)
    assert gone < 30
    assert remaining(ledger) == {"loaded": 100 - gone, "rolled_back": gone, "unfinished": 0}


def test_memories_that_synap_does_not_name_stay_loaded(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    loaded(ledger, synap)
    synap.status_script = [lambda one: ingested(one, memories_created=3, memory_ids=["a"])]
    assert roll_back(synap.url, ledger).documents == 9
    assert "a" not in synap.deletions
    assert ledger.undoing.outlook().nameless == 1


def test_a_rolled_back_job_is_imported_again_by_the_same_import(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    source = loaded(ledger, synap)
    first = list(synap.stored)
    roll_back(synap.url, ledger)
    books: Books = run_import(source, ledger, synap)
    assert (books.loaded, books.rolled_back, books.unaccounted) == (10, 0, 0)
    assert synap.stored == first * 2


def test_a_wipe_marks_what_synap_says_is_gone(ledger: Ledger, tmp_path: Path) -> None:
    async def run(url: str) -> Wipe:
        identity = await whoami(url, "synap_test")
        async with open_synap(url, "synap_test", identity) as synap:
            wipe = Wipe(ledger, synap, Progress(), "user-0", QUICK)
            (before,) = await wipe.preview()
            assert before.counts == {"sandbox": {"memories": 5}}
            await wipe.run()
            return wipe

    settings: Any = SandboxSettings(tmp_path / "sandbox.sqlite", isolation="b2c")
    with BackgroundSandbox(settings) as running:
        loaded(ledger, At(running.base_url))
        assert anyio.run(run, running.base_url).still_present_in == set()
    assert remaining(ledger) == {"loaded": 5, "rolled_back": 5, "unfinished": 0}
