"""Transcripts on bad days: sent until they are answered, stored once, and every turn accounted for.

The real SDK sends them to the sandbox, which acts out what goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from support.chaos import crash_at, is_crash, is_quick
from support.conversations import (
    AS_DOCUMENTS,
    AS_TRANSCRIPTS,
    Held,
    conversation,
    import_as_transcripts,
    said,
)
from support.resyncs import of_pages, resync
from support.runs import QUICK
from support.sources import record
from synap_import import MemoryRecord, fault_points
from synap_import.errors import DestinationStoppedError
from synap_import.ledger import Books, DocumentState, Ledger, SqliteLedger
from synap_import.loading.transcript_sending import CONFLICT
from synap_import.resync import ResyncRules
from synap_import.sandbox import BackgroundSandbox, FaultScript, SandboxSettings
from synap_import.sandbox.fault_acts import GROUPS, TRANSCRIPTS

QUICK_FAULTS = [
    kind
    for group in ("unknown", "throttle")
    for kind in GROUPS[group]
    if kind in TRANSCRIPTS and is_quick(kind)
]
THREE = [*conversation("a", 4), *conversation("b", 3), *conversation("c", 1)]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Held]]:
    """Start a sandbox with a fault script; all of a test's are one instance."""
    with ExitStack() as stack:

        def run(**script: object) -> Held:
            settings = SandboxSettings(
                tmp_path / "sandbox.sqlite",
                isolation="b2c",
                ingestion_delay_seconds=0.0,
                faults=FaultScript.model_validate({"retry_after_seconds": 0.01, **script}),
            )
            return Held(stack.enter_context(BackgroundSandbox(settings)).base_url)

        yield run


def live_until(point: str, ledger: Ledger, here: Held) -> None:
    """An import that is killed there: nothing is written from then on."""
    fault_points.on_reaching(crash_at(point, 1))
    try:
        import_as_transcripts(THREE, ledger, here.url)
    except BaseException as error:
        if not is_crash(error):
            raise
    finally:
        fault_points.on_reaching(None)


def is_whole(books: Books) -> bool:
    return (books.unaccounted, books.unfinished) == (0, 0)


def test_each_conversation_is_one_request_and_holds_its_turns_in_order(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    here = start()
    books = import_as_transcripts(THREE, ledger, here.url)
    assert is_whole(books)
    assert (books.loaded, books.documents) == (8, 3)
    assert here.requests() == 3
    texts = [[turn["content"] for turn in turns] for turns in here.transcripts().values()]
    sent = [THREE[:4], THREE[4:7], THREE[7:]]
    # They are under way at once, so any may arrive first.
    assert sorted(texts) == sorted([one.text for one in turns] for turns in sent)


@pytest.mark.parametrize("kind", QUICK_FAULTS)
def test_a_transcript_that_met_a_fault_is_loaded_once(
    ledger: Ledger, start: Callable[..., Held], kind: str
) -> None:
    here = start(transcripts=[kind])
    books = import_as_transcripts(THREE, ledger, here.url)
    assert is_whole(books)
    assert (books.loaded, books.already_there, books.rejected) == (8, 0, {})
    assert here.faults() == {kind: 1}
    assert [document["received"] for document in here.documents()] == [1, 1, 1]
    assert ledger.confirming.confirmable() == 3


def test_a_transcript_that_two_lives_sent_is_loaded_and_not_stored_twice(
    tmp_path: Path, start: Callable[..., Held]
) -> None:
    here = start()
    path = tmp_path / "killed.sqlite"
    with closing(SqliteLedger(path)) as ledger:
        live_until("ledger.answer.before_begin", ledger, here)
    stored = len(here.documents())
    with closing(SqliteLedger(path)) as ledger:
        books = import_as_transcripts(THREE, ledger, here.url)
    assert stored > 0
    assert here.requests() > len(here.documents())
    assert (books.loaded, books.already_there) == (8, 0)
    assert is_whole(books)
    assert [document["received"] for document in here.documents()] == [1, 1, 1]


def test_what_another_job_loaded_before_is_already_there(
    ledger: Ledger, tmp_path: Path, start: Callable[..., Held]
) -> None:
    here = start()
    import_as_transcripts(THREE, ledger, here.url)
    with closing(SqliteLedger(tmp_path / "other.sqlite")) as other:
        books = import_as_transcripts(THREE, other, here.url)
    assert (books.loaded, books.already_there) == (0, 8)
    assert len(here.documents()) == 3


def test_another_transcript_of_a_conversation_is_rejected_and_a_namespace_helps(
    ledger: Ledger, tmp_path: Path, start: Callable[..., Held]
) -> None:
    here = start()
    import_as_transcripts(conversation("a", 2), ledger, here.url)
    with closing(SqliteLedger(tmp_path / "other.sqlite")) as other:
        books = import_as_transcripts(THREE, other, here.url)
        assert books.loaded == 4
        assert [reason.startswith(CONFLICT) for reason in books.rejected] == [True]
        rules = replace(AS_TRANSCRIPTS, namespace="again")
        books = import_as_transcripts(THREE, other, here.url, rules=rules)
    assert (books.loaded, books.rejected) == (8, {})
    assert len(here.transcripts()) == 4


@pytest.mark.parametrize("kind", ["409-conflict", "413", "422"])
def test_a_refused_transcript_takes_no_other_with_it(
    ledger: Ledger, start: Callable[..., Held], kind: str
) -> None:
    books = import_as_transcripts(THREE, ledger, start(transcripts=[kind]).url)
    assert is_whole(books)
    assert sum(books.rejected.values()) + books.loaded == 8
    assert len(books.rejected) == 1


def test_a_transcript_that_waited_behind_others_was_not_tried_meanwhile(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    import_as_transcripts(THREE, ledger, start(transcripts=["ok", "ok", "422"]).url)
    assert [one.attempts for one in ledger.listing.undelivered(DocumentState.REJECTED)] == [1]


def test_a_rejected_conversation_can_go_as_documents(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    here = start(max_body_bytes=10_000)
    long = [said("long", number, text="word " * 300) for number in range(20)]
    books = import_as_transcripts([*THREE, *long], ledger, here.url)
    assert books.rejected == {"too large for Synap (HTTP 413)": 20}
    books = import_as_transcripts([*THREE, *long], ledger, here.url, rules=AS_DOCUMENTS)
    assert (books.loaded, books.rejected) == (28, {})
    assert len(here.transcripts()) == 3


@pytest.mark.parametrize("kind", ["401", "402", "403", "404", "429-reason", "409-build-failed"])
def test_what_ends_a_run_leaves_the_rest_for_the_next(
    ledger: Ledger, start: Callable[..., Held], kind: str
) -> None:
    here = start(transcripts=[kind])
    with pytest.raises(DestinationStoppedError):
        import_as_transcripts(THREE, ledger, here.url)
    books = import_as_transcripts(THREE, ledger, here.url)
    assert (books.loaded, books.already_there) == (8, 0)


def test_doubts_are_held_for_who_asks_for_that(ledger: Ledger, start: Callable[..., Held]) -> None:
    here = start(transcripts=["500-after"])
    limits = replace(QUICK, hold_doubts=True)
    books = import_as_transcripts(conversation("a", 4), ledger, here.url, limits=limits)
    assert (books.in_doubt, books.loaded) == (4, 0)
    assert import_as_transcripts(conversation("a", 4), ledger, here.url).loaded == 4
    assert len(here.documents()) == 1


def test_any_faults_at_any_rate_end_with_each_transcript_once(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    here = start(seed=5, rate=0.4, kinds=QUICK_FAULTS)
    records = [turn for number in range(20) for turn in conversation(f"chat-{number}", 3)]
    books = import_as_transcripts(records, ledger, here.url)
    assert is_whole(books)
    assert (books.loaded, books.already_there) == (60, 0)
    assert sum(here.faults().values()) > 5
    assert [document["received"] for document in here.documents()] == [1] * 20


def test_documents_among_transcripts_still_share_requests(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    here = start()
    mixed: list[MemoryRecord] = []
    for number in range(150):
        mixed += [*conversation(f"chat-{number}", 2), record(1000 + number)]
    books = import_as_transcripts(mixed, ledger, here.url)
    assert (books.loaded, books.documents) == (450, 300)
    assert here.requests() == 150
    assert here.requests("/api/v1/memories/batch") <= 15


# -- a source that goes on --------------------------------------------------------------------


def test_a_conversation_that_grew_sends_what_is_new_under_an_id_of_its_own(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    here = start()
    again = ResyncRules(again=True)
    resync(of_pages(conversation("a", 4)), ledger, here, again, rules=AS_TRANSCRIPTS)
    grown = of_pages(conversation("a", 6))
    books = resync(grown, ledger, here, again, rules=AS_TRANSCRIPTS)
    assert is_whole(books)
    assert (books.loaded, books.rejected) == (6, {})
    first, second = here.transcripts().items()
    assert second[0].startswith(f"{first[0]}~")
    assert [len(first[1]), len(second[1])] == [4, 2]
    resync(grown, ledger, here, again, rules=AS_TRANSCRIPTS)
    assert here.requests() == 2


def test_a_conversation_that_changed_goes_anew_and_the_old_one_is_removed(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    here = start()
    again = ResyncRules(again=True)
    turns = conversation("a", 4)
    resync(of_pages(turns), ledger, here, again, rules=AS_TRANSCRIPTS)
    edited = [turns[0], said("a", 1, text="said otherwise"), *turns[2:]]
    books = resync(of_pages(edited), ledger, here, again, rules=AS_TRANSCRIPTS)
    assert is_whole(books)
    assert books.loaded == 4
    ((conversation_id, sent),) = here.transcripts().items()
    assert "~" in conversation_id
    assert [turn["content"] for turn in sent] == [one.text for one in edited]


def test_what_went_as_documents_does_not_go_again_as_a_transcript(
    ledger: Ledger, start: Callable[..., Held]
) -> None:
    here = start()
    import_as_transcripts(THREE, ledger, here.url, rules=AS_DOCUMENTS)
    held = here.documents()
    books = import_as_transcripts(THREE, ledger, here.url)
    assert (books.loaded, here.documents(), here.requests()) == (8, held, 0)
