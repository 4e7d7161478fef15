"""Verification against a Synap on a bad day: what is there is never said to be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from support.runs import run_import
from support.sources import FakeSource, record
from synap_import.destination import open_synap, whoami
from synap_import.errors import DestinationStoppedError
from synap_import.ledger import Ledger
from synap_import.loading.confirming import ConfirmLimits
from synap_import.progress import Progress
from synap_import.sandbox import BackgroundSandbox, FaultScript, SandboxSettings
from synap_import.verifying.judging import SEARCH_IS_SILENT, Outcome
from synap_import.verifying.results import by_user
from synap_import.verifying.run import Verification, Verified, VerifyLimits

QUICK = VerifyLimits(
    ConfirmLimits(per_second=5000, first_pause_seconds=0.001, longest_pause_seconds=0.01),
    searches_per_second=5000,
    pauses=(0.01, 0.01),
)
HEADERS = {"Authorization": "Bearer synap_test"}
TEXTS = ("Lives in Lisbon", "Prefers green tea", "Plays the cello", "Has two cats", "Sails boats")


@dataclass(frozen=True)
class Here:
    """A sandbox with a job's documents in it."""

    url: str
    ledger: Ledger

    def load(self, count: int = 10, users: int = 2) -> None:
        records = [
            record(i, user=f"user-{i % users}", text=f"{TEXTS[i % 5]} since {1990 + i}")
            for i in range(count)
        ]
        run_import(FakeSource.giving(records), self.ledger, self)

    def verify(
        self, sample: int = 100, limits: VerifyLimits = QUICK, user_id: str | None = None
    ) -> Verified:
        return self.verification(sample, limits, user_id)[0]

    def verification(
        self, sample: int = 100, limits: VerifyLimits = QUICK, user_id: str | None = None
    ) -> tuple[Verified, Exception | None]:
        """What was found, and what ended it."""

        async def run() -> tuple[Verified, Exception | None]:
            identity = await whoami(self.url, "synap_test")
            async with open_synap(self.url, "synap_test", identity) as synap:
                job = Verification(self.ledger, synap, Progress(), sample, user_id, limits=limits)
                job.choose()
                try:
                    await job.run()
                except DestinationStoppedError as error:
                    return job.found, error
                return job.found, None

        return anyio.run(run)

    def counters(self) -> dict[str, Any]:
        counted: dict[str, Any] = httpx.get(f"{self.url}/sandbox/counters").json()
        return counted

    def memory_of(self, document_id: str) -> str:
        lines = httpx.get(f"{self.url}/sandbox/documents").text.splitlines()
        [line] = [line for line in lines if f'"{document_id}"' in line]
        memory_id: str = httpx.Response(200, content=line).json()["memory_id"]
        return memory_id

    def post(self, path: str, body: dict[str, Any]) -> None:
        httpx.post(f"{self.url}{path}", json=body, headers=HEADERS).raise_for_status()


Start = Callable[..., Here]


@pytest.fixture
def start(tmp_path: Path, ledger: Ledger) -> Iterator[Start]:
    with ExitStack() as stack:

        def run(delay: float = 0.0, **script: Any) -> Here:
            faults = FaultScript(retry_after_seconds=0.01, **script)
            settings = SandboxSettings(
                tmp_path / "sandbox.sqlite",
                isolation="b2c",
                ingestion_delay_seconds=delay,
                faults=faults,
            )
            return Here(stack.enter_context(BackgroundSandbox(settings)).base_url, ledger)

        yield run


def outcomes(found: Verified) -> list[Outcome | None]:
    return sorted({one.outcome for one in found.sought}, key=str)


def test_every_document_of_a_healthy_load_is_found(start: Start) -> None:
    here = start()
    here.load(40, users=4)
    found = here.verify()
    assert outcomes(found) == [Outcome.FOUND]
    assert (len(found.sought), found.searches, found.mixups) == (40, 40, [])
    assert (found.memories_asked, found.memories_there, found.foreign) == (4, 4, 0)


def test_every_search_reaches_synap_and_none_is_answered_by_a_cache(start: Start) -> None:
    here = start()
    here.load()
    here.verify()
    here.verify()
    assert here.counters()["requests"]["POST /v1/context/user/fetch"] == 20
    assert not any("profile" in route for route in here.counters()["requests"])


def test_a_profile_does_not_stand_in_for_memories(start: Start) -> None:
    here = start(profiles="all")
    here.load()
    assert outcomes(here.verify()) == [Outcome.FOUND]
    assert "profile" not in here.counters()["faults"]


def test_what_a_degraded_search_did_not_find_is_searched_for_again(start: Start) -> None:
    here = start(searches=("search-degraded",) * 10)
    here.load()
    found = here.verify()
    assert outcomes(found) == [Outcome.FOUND]
    assert found.searches == 20


def test_a_search_that_stays_degraded_leaves_things_unverified_and_not_lost(start: Start) -> None:
    here = start(rate=1.0, kinds=("search-degraded",))
    here.load()
    found = here.verify()
    assert outcomes(found) == [Outcome.UNVERIFIED]
    assert {one.reason for one in found.sought} == {
        "Synap's search was degraded (failed, unavailable)"
    }


def test_a_search_that_is_silent_at_first_is_asked_again(start: Start) -> None:
    here = start(searches=("search-silent",) * 12)
    here.load()
    assert outcomes(here.verify()) == [Outcome.FOUND]


def test_a_search_that_stays_silent_leaves_things_unverified(start: Start) -> None:
    here = start(rate=1.0, kinds=("search-silent",))
    here.load()
    found = here.verify()
    assert {(one.outcome, one.reason) for one in found.sought} == {
        (Outcome.UNVERIFIED, SEARCH_IS_SILENT)
    }


def test_too_many_requests_are_waited_out(start: Start) -> None:
    here = start(rate=0.4, kinds=("search-429", "search-500", "search-close", "search-html"))
    here.load(30)
    found = here.verify()
    assert Outcome.NOT_FOUND not in outcomes(found)
    assert sum(one.outcome is Outcome.FOUND for one in found.sought) > 20


@pytest.mark.parametrize("kind", ["search-402", "search-429-reason"])
def test_credits_that_are_spent_end_it_with_what_is_known_so_far(start: Start, kind: str) -> None:
    here = start(searches=("ok",) * 4 + (kind,) * 10)
    here.load(60)
    limits = replace(QUICK, asking=replace(QUICK.asking, at_once=1))
    found, error = here.verification(limits=limits)
    assert "no more" in str(error) or "spent" in str(error)
    assert sum(one.outcome is Outcome.FOUND for one in found.sought) == 4
    assert Outcome.NOT_FOUND not in outcomes(found)


def test_a_synap_that_does_not_answer_ends_it(start: Start) -> None:
    here = start(rate=1.0, kinds=("search-500",))
    here.load(40)
    found, error = here.verification()
    assert "does not answer as it should (HTTP 500" in str(error)
    assert set(outcomes(found)) <= {None, Outcome.UNVERIFIED}


def test_a_memory_that_is_gone_is_missing(start: Start) -> None:
    here = start()
    here.load()
    run_confirm(here)
    httpx.delete(
        f"{here.url}/api/v1/memories/{here.memory_of('legacy_fake_3')}", headers=HEADERS
    ).raise_for_status()
    found = here.verify()
    [lost] = [one for one in found.sought if one.outcome is Outcome.NOT_FOUND]
    assert (lost.document_id, lost.memory_there) == ("legacy_fake_3", False)
    assert by_user(found)[0].user_id == "user-1"


def run_confirm(here: Here) -> None:
    here.verify(limits=replace(QUICK, memories=0))


def test_a_document_that_went_to_another_user_is_an_error_for_both(start: Start) -> None:
    here = start()
    here.load()
    moved = {
        "document": "Prefers green tea since 1991, and lives in Lisbon",
        "document_id": "legacy_fake_1",
        "user_id": "user-0",
    }
    here.post("/api/v1/memories/batch", {"documents": [moved]})
    found = here.verify()
    assert {(one.user_id, one.document.document_id) for one in found.mixups} == {
        ("user-0", "legacy_fake_1")
    }
    [lost] = [one for one in found.sought if one.outcome is Outcome.NOT_FOUND]
    assert (lost.document_id, lost.user_id, lost.memory_there) == ("legacy_fake_1", "user-1", True)


def test_a_memory_that_was_reworded_and_whose_id_is_unknown_is_found_by_its_words(
    start: Start,
) -> None:
    here = start(rate=1.0, kinds=("job-unknown",))
    here.load(1, users=1)
    # As if Synap had made a memory of it that names nothing of where it came from.
    httpx.delete(
        f"{here.url}/api/v1/memories/{here.memory_of('legacy_fake_0')}", headers=HEADERS
    ).raise_for_status()
    other = {
        "document": "The user has been living in Lisbon, lives there since 1990",
        "document_id": "reworded",
        "user_id": "user-0",
    }
    here.post("/api/v1/memories/batch", {"documents": [other]})
    [one] = here.verify().sought
    assert one.outcome is Outcome.FOUND_BY_WORDS


def test_what_synap_is_not_finished_with_is_not_searched_for(start: Start) -> None:
    here = start(delay=60.0)
    here.load()
    found = here.verify()
    assert outcomes(found) == [Outcome.UNFINISHED]
    assert found.searches == 0


def test_what_synap_finishes_meanwhile_is_found(start: Start) -> None:
    here = start(delay=0.3)
    here.load()
    found = here.verify(limits=replace(QUICK, pauses=(0.2, 0.4)))
    assert outcomes(found) == [Outcome.FOUND]


def test_a_failed_ingestion_is_missing_with_its_reason(start: Start) -> None:
    here = start(rate=1.0, kinds=("job-failed",))
    here.load(3)
    found = here.verify()
    assert outcomes(found) == [Outcome.FAILED]
    assert "extraction failed" in found.sought[0].reason
    assert here.ledger.books().rejected_total == 3


def test_what_is_made_of_signs_only_is_not_searched_for(start: Start) -> None:
    here = start()
    run_import(FakeSource.giving([record(1, text="👍🎉")]), here.ledger, here)
    found = here.verify()
    assert (outcomes(found), found.searches) == ([Outcome.NO_WORDS], 0)
    assert found.memories_there == 1


def test_only_one_user_is_asked_about(start: Start) -> None:
    here = start()
    here.load(20)
    found = here.verify(user_id="user-1")
    assert {one.user_id for one in found.sought} == {"user-1"}
    assert len(found.sought) == 10
