"""What a re-sync must not do to the memories and the books of a job, however odd its days are."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from pydantic import BaseModel, SecretStr

from support.resyncs import of_pages, resync, turn
from support.runs import QUICK, run_import
from support.sources import FakeSource, Slice, record
from support.synap import ScriptedSynap, ingested, ok
from synap_import import Page, Partition, SourceUnavailableError, Unreadable
from synap_import.errors import DestinationStoppedError
from synap_import.identity import identity_user_map
from synap_import.importing import options_of
from synap_import.ledger import Books, Ledger, Origin
from synap_import.planning import PlanRules
from synap_import.resync import Mirror, ResyncRules

MIRROR = ResyncRules(again=True, mirror=Mirror.FEW)


def is_whole(books: Books) -> bool:
    return (books.unaccounted, books.unfinished) == (0, 0)


def test_a_replaced_document_whose_ingestion_had_failed_is_in_no_book_twice(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    failed = {"status": "failed", "memory_ids": [], "memories_created": 0, "error_message": "no"}
    synap.status_script = [ingested, lambda one: ingested(one, **failed)]
    books = resync(of_pages([record(1, text="another")]), ledger, synap)
    assert is_whole(books), books
    assert (books.loaded, books.rejected_total) == (1, 0)
    assert ledger.sending.retry_rejected() == 0


def test_a_replaced_document_that_turns_out_to_have_been_there_is_in_no_book_twice(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    there = {"status": "failed", "memory_ids": ["theirs"], "error_message": "duplicate document"}
    synap.status_script = [ingested, lambda one: ingested(one, **there)]
    books = resync(of_pages([record(1, text="another")]), ledger, synap)
    assert is_whole(books), books
    assert (books.loaded, books.already_there) == (1, 0)
    assert synap.deletions == []


def test_a_memory_that_the_newer_version_names_too_is_not_deleted(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.status_script = [lambda one: ingested(one, memory_ids=["shared"])]
    resync(of_pages([record(1)]), ledger, synap)
    merged = {"memory_ids": ["shared", "new"], "memories_created": 2}
    synap.status_script = [lambda one: ingested(one, **merged)]
    books = resync(of_pages([record(1, tags=("work",))]), ledger, synap)
    assert synap.deletions == []
    assert is_whole(books)
    assert books.replaced == {"removed": 1}


def test_the_older_version_stays_when_synap_says_that_the_newer_one_was_there_before(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    there = {"status": "failed", "error_message": "duplicate content", "ingestion_id": None}
    synap.script = [lambda documents: ok(documents, **there)]
    books = resync(of_pages([record(1, tags=("work",))]), ledger, synap)
    assert synap.deletions == []
    assert (books.already_there, books.replaced) == (1, {"replaced": 1})
    assert [one.code for one in ledger.findings.kept(Origin.RESYNC)] == ["replaced-still-there"]


def test_a_record_that_cannot_be_read_any_more_is_not_taken_for_gone(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    resync(of_pages([record(1), record(2)]), ledger, synap)
    damaged = [Unreadable("line 2", "no JSON", "{")]
    source = FakeSource([Slice(Partition("one", "one"), [[record(1)]], damaged)])
    for _ in range(2):
        resync(source, ledger, synap, MIRROR)
        assert synap.deletions == []
        (told,) = ledger.findings.kept(Origin.RESYNC)
        assert told.code == "gone-too-many"
        assert "1 more items than before cannot be read" in told.message
    resync(source, ledger, synap, ResyncRules(again=True, mirror=Mirror.ALL))
    assert len(synap.deletions) == 1


def test_an_item_that_never_could_be_read_keeps_nothing_in_synap(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    flaw = [Unreadable("line 9", "no JSON", "{")]
    for records in ([record(1), record(2), record(3)], [record(1), record(2)], [record(1)]):
        source = FakeSource([Slice(Partition("one", "one"), [records], flaw)])
        resync(source, ledger, synap, MIRROR)
    assert len(synap.deletions) == 2


def test_a_small_source_that_gives_nothing_is_not_mirrored(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    resync(of_pages([record(i) for i in range(50)]), ledger, synap)
    resync(FakeSource([]), ledger, synap, MIRROR)
    assert synap.deletions == []
    assert [one.code for one in ledger.findings.kept(Origin.RESYNC)] == ["gone-too-many"]


def test_what_comes_back_in_an_import_is_loaded(ledger: Ledger, synap: ScriptedSynap) -> None:
    resync(of_pages([record(1), record(2)], version="a"), ledger, synap)
    resync(of_pages([record(1)], version="b"), ledger, synap, MIRROR)
    books = run_import(of_pages([record(1), record(2)], version="c"), ledger, synap)
    assert (books.loaded, books.held, books.gone) == (2, {}, 0)


def test_what_is_gone_and_comes_back_changed_in_an_import_is_not_gone(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    resync(of_pages([record(1), record(2)], version="a"), ledger, synap)
    resync(of_pages([record(1)], version="b"), ledger, synap, MIRROR)
    books = run_import(of_pages([record(1), record(2, text="other")], version="c"), ledger, synap)
    assert (books.loaded, books.held, books.gone) == (2, {}, 0)


class EndsEarly(FakeSource):
    """Fails at the last page of partition b."""

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        async for page in super().pages(partition, cursor):
            if partition.id == "b" and page.cursor is None:
                raise SourceUnavailableError("the source is down")
            yield page


def test_a_record_of_a_file_that_changed_while_it_was_read_is_not_gone_if_another_file_has_it(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    other = Slice(Partition("a", "a", "1"), [[record(2)]])
    before = Slice(Partition("b", "b", "1"), [[record(1), record(2)], [record(3)]])
    after = Slice(Partition("b", "b", "2"), [[record(1)], [record(3)]])
    resync(FakeSource([before]), ledger, synap)
    with pytest.raises(SourceUnavailableError):
        resync(EndsEarly([other, before]), ledger, synap, MIRROR)
    books = resync(FakeSource([other, after]), ledger, synap, MIRROR)
    assert synap.deletions == []
    assert books.gone == 0


def test_turns_that_change_while_their_document_is_in_doubt_and_held_are_one_doubt(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: None] * QUICK.attempts
    with pytest.raises(DestinationStoppedError):
        run_import(of_pages([turn(0), turn(1, "assistant")]), ledger, synap)
    changed = [turn(0, text="other"), turn(1, "assistant", text="words")]
    bob = PlanRules(identity_user_map(), only_user="bob")
    books = resync(of_pages(changed), ledger, synap, rules=bob)
    assert (books.held, books.replaced) == ({"not-the-only-user": 2}, {"left_behind": 1})
    books = resync(of_pages(changed), ledger, synap)
    assert (books.loaded, books.replaced) == (2, {"left_behind": 1})
    assert is_whole(books)


def test_what_other_options_of_the_source_leave_out_is_not_removed(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    everything, part = of_pages([record(1), record(2), record(3)]), of_pages([record(1), record(2)])
    narrow = '{"tags":["a"]}'
    resync(everything, ledger, synap)
    for _ in range(2):
        resync(part, ledger, synap, MIRROR, options=narrow)
        assert synap.deletions == []
    (told,) = ledger.findings.kept(Origin.RESYNC)
    assert "read with other options before" in told.message
    resync(part, ledger, synap, MIRROR)
    assert len(synap.deletions) == 1


def test_a_job_that_was_read_in_parts_is_not_emptied_by_one_of_them(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    again, once = ResyncRules(again=True, mirror=Mirror.FEW), ResyncRules()
    one = FakeSource([Slice(Partition("a", "a"), [[record(1), record(2)]])])
    other = FakeSource([Slice(Partition("b", "b"), [[record(3)]])])
    resync(one, ledger, synap, once, options='{"tags":["a"]}')
    resync(other, ledger, synap, once, options='{"tags":["b"]}')
    resync(one, ledger, synap, again, options='{"tags":["a"]}')
    assert synap.deletions == []


class Options(BaseModel):
    key: SecretStr = SecretStr("")
    tags: tuple[str, ...] = ()


def test_options_differ_by_what_is_read_and_not_by_the_key() -> None:
    assert options_of(Options()) != options_of(Options(tags=("a",)))
    assert options_of(Options(key=SecretStr("one"))) == options_of(Options(key=SecretStr("other")))
