"""A source that is read again: what is new and what changed is loaded, and only that."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from support.resyncs import At, of_pages, resync, turn
from support.runs import ask_tables, run_import
from support.sources import FakeSource, Slice, record
from support.synap import ScriptedSynap, error, ingested, ok
from synap_import import (
    Finding,
    MemoryRecord,
    Page,
    Partition,
    Run,
    Severity,
    SourceUnavailableError,
    Unreadable,
)
from synap_import.identity import identity_user_map
from synap_import.ledger import Books, Ledger, Origin, SqliteLedger
from synap_import.ledger.rounds import GONE
from synap_import.loading.confirming import ConfirmChoice
from synap_import.planning import PlanRules
from synap_import.records import State
from synap_import.resync import Mirror, ResyncRules
from synap_import.sandbox import BackgroundSandbox, SandboxSettings

MIRROR = ResyncRules(again=True, mirror=Mirror.FEW)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[At]:
    settings = SandboxSettings(tmp_path / "sandbox.sqlite", isolation="b2c")
    with BackgroundSandbox(settings) as running:
        yield At(running.base_url)


def base(document_id: str) -> str:
    return document_id.partition("~")[0]


def found(ledger: Ledger) -> list[Finding]:
    return [*ledger.findings.kept(Origin.RECONCILE), *ledger.findings.kept(Origin.RESYNC)]


def codes(ledger: Ledger) -> list[str]:
    return [one.code for one in found(ledger)]


def is_whole(books: Books) -> bool:
    return (books.unaccounted, books.unfinished) == (0, 0)


def test_a_source_that_did_not_change_sends_nothing_and_stores_no_page(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    source = FakeSource.giving([record(i) for i in range(300)])
    resync(source, ledger, synap)
    sent, pages = len(synap.stored), count(ledger, "pages")
    source.pages_read.clear()
    books = resync(source, ledger, synap)
    assert len(source.pages_read) == 3
    assert len(synap.stored) == sent
    assert count(ledger, "pages") == pages
    assert (books.exported, books.loaded, books.seen_again, books.gone) == (300, 300, 0, 0)


class Digested(FakeSource):
    """Tells its pages by a digest, and leaves the records out where the host knows it."""

    made = 0

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        async for page in super().pages(partition, cursor):
            digest = str([one.text for one in page.records])
            if self.context.exported.knows(digest):
                yield Page((), page.cursor, runs=[Run(digest, None)])
            else:
                self.made += 1
                yield Page(page.records, page.cursor, runs=[Run(digest, len(page.records))])


def test_records_that_the_host_knows_by_their_page_may_be_left_out(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    def source(changed: int) -> Digested:
        records = [record(i, text=f"{i}" * (1 + (i == changed))) for i in range(300)]
        return Digested(FakeSource.giving(records).slices)

    resync(source(0), ledger, synap)
    for changed, made in ((0, 0), (150, 2), (150, 0), (0, 2), (250, 2)):
        again = source(changed)
        books = resync(again, ledger, synap)
        assert again.made == made
        assert (books.exported, books.loaded, books.gone, books.seen_again) == (300, 300, 0, 0)


def count(ledger: Ledger, table: str) -> int:
    [(number,)] = ask_tables(ledger, f"SELECT count(*) FROM {table}")
    return number


def test_what_is_new_and_what_changed_is_sent_and_nothing_else(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(FakeSource.giving([record(i) for i in range(300)]), ledger, synap)
    sent = len(synap.stored)
    changed = [record(i, text=f"memory {i}{' changed' * (i in (7, 150))}") for i in range(305)]
    books = resync(FakeSource.giving(changed), ledger, synap)
    assert sorted(map(base, synap.stored[sent:])) == sorted(
        f"legacy_fake_{i}" for i in (7, 150, *range(300, 305))
    )
    assert (books.exported, books.loaded, books.documents) == (305, 305, 305)
    assert is_whole(books)


def test_a_changed_record_has_an_id_of_its_own_that_its_content_gives(
    ledger: Ledger, synap: ScriptedSynap, tmp_path: Path
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    resync(of_pages([record(1, text="another")]), ledger, synap)
    other = SqliteLedger(tmp_path / "other.sqlite")
    run_import(of_pages([record(1, text="something else")]), other, synap)
    resync(of_pages([record(1, text="another")]), other, synap)
    other.close()
    first, changed, _, again = synap.stored
    assert first == "legacy_fake_1"
    assert changed == again
    assert changed.startswith("legacy_fake_1~")


def test_the_memories_of_the_older_version_are_deleted_when_the_newer_one_is_well(
    ledger: Ledger, sandbox: At
) -> None:
    run_import(of_pages([record(1), record(2)]), ledger, sandbox)
    books = resync(of_pages([record(1, text="another"), record(2)]), ledger, sandbox)
    assert texts(sandbox) == ["another", "memory 2"]
    assert books.replaced == {"removed": 1}
    assert codes(ledger) == []


def texts(sandbox: At) -> list[str]:
    lines = httpx.get(f"{sandbox.url}/sandbox/documents", trust_env=False).content.splitlines()
    return sorted(json.loads(line)["document"] for line in lines)


def test_the_older_version_stays_as_long_as_the_newer_one_is_not_taken(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    synap.script = [lambda documents: ok(documents, status="failed", error_message="no")]
    books = resync(of_pages([record(1, text="another")]), ledger, synap)
    assert synap.deletions == []
    assert (books.rejected_total, books.replaced) == (1, {"replaced": 1})
    books = resync(of_pages([record(1, text="better")]), ledger, synap)
    assert len(synap.deletions) == 1
    assert (books.loaded, books.replaced) == (1, {"removed": 1})


def test_a_newer_version_that_came_to_nothing_does_not_cost_the_older_one(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    failed = {"status": "failed", "memory_ids": [], "memories_created": 0}
    synap.status_script = [lambda one: ingested(one, **failed, error_message="out of order")]
    books = resync(of_pages([record(1, text="another")]), ledger, synap)
    assert synap.deletions == []
    assert (books.rejected_total, books.replaced) == (1, {"replaced": 1})


def test_newer_versions_are_followed_though_their_records_are_old(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    source = of_pages([record(1), record(2)])
    resync(source, ledger, synap, confirm=ConfirmChoice.AUTO)
    asked = len(synap.asked)
    changed = of_pages([record(1, text="another"), record(2)])
    resync(changed, ledger, synap, confirm=ConfirmChoice.AUTO)
    assert len(synap.asked) == asked + 1


def test_replaced_documents_are_kept_when_that_is_wanted(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    resync(
        of_pages([record(1, text="another")]),
        ledger,
        synap,
        ResyncRules(again=True, keep_replaced=True),
    )
    assert synap.deletions == []
    assert ledger.books().replaced == {"replaced": 1}


def test_a_memory_that_synap_does_not_name_stays_and_is_told(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    synap.status_script = [ingested, lambda one: ingested(one, memories_created=3)]
    resync(of_pages([record(1, text="another")]), ledger, synap)
    assert synap.deletions == []
    assert codes(ledger) == ["replaced-still-there"]


def test_what_was_there_before_the_job_is_not_deleted_but_told(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    there = {"status": "failed", "error_message": "duplicate document_id"}
    synap.script = [lambda documents: ok(documents, **there)]
    run_import(of_pages([record(1)]), ledger, synap)
    books = resync(of_pages([record(1, text="another")]), ledger, synap)
    assert synap.deletions == []
    assert books.replaced == {"left_behind": 1}
    assert codes(ledger) == ["replaced-still-there"]


def test_what_was_changed_back_goes_out_under_an_id_that_was_never_used(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    one, other = record(1), record(1, text="another")
    run_import(of_pages([one]), ledger, synap)
    for version in (other, one, other, one):
        books = resync(of_pages([version]), ledger, synap)
        assert is_whole(books)
    assert len(set(synap.stored)) == len(synap.stored) == 5
    assert len(synap.deletions) == 4


def test_a_record_that_went_before_it_was_sent_is_not_sent(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1), record(2)]), ledger, synap, limit=1)
    books = resync(of_pages([record(1)]), ledger, synap)
    assert synap.stored == ["legacy_fake_1"]
    assert books.held == {GONE: 1}


def test_what_is_gone_is_counted_and_told_and_stays(ledger: Ledger, synap: ScriptedSynap) -> None:
    run_import(of_pages([record(1), record(2)]), ledger, synap)
    books = resync(of_pages([record(1)]), ledger, synap)
    assert (books.exported, books.loaded, books.gone) == (2, 2, 1)
    (finding,) = found(ledger)
    assert (finding.code, finding.count, finding.examples) == ("gone-still-loaded", 1, ("2",))
    assert synap.deletions == []


def test_what_is_gone_is_removed_when_that_is_wanted(ledger: Ledger, synap: ScriptedSynap) -> None:
    run_import(of_pages([record(1), record(2)]), ledger, synap)
    books = resync(of_pages([record(1)]), ledger, synap, MIRROR)
    assert len(synap.deletions) == 1
    assert (books.loaded, books.held, books.gone) == (1, {GONE: 1}, 1)
    assert is_whole(books)
    assert codes(ledger) == []


def test_what_comes_back_is_loaded_again_under_another_id(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    both, one = of_pages([record(1), record(2)]), of_pages([record(1)])
    run_import(both, ledger, synap)
    for _ in range(2):
        resync(one, ledger, synap, replace(MIRROR))
        books = resync(both, ledger, synap)
        assert (books.loaded, books.held, books.gone) == (2, {}, 0)
    assert len(set(synap.stored)) == len(synap.stored) == 4


def test_what_comes_back_and_was_not_removed_is_not_sent_again(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    both, one = of_pages([record(1), record(2)]), of_pages([record(1)])
    for source in (both, one, both):
        books = resync(source, ledger, synap)
    assert (len(synap.stored), books.loaded, books.gone) == (2, 2, 0)


def test_too_much_that_is_gone_is_not_removed_until_that_is_said(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(FakeSource.giving([record(i) for i in range(300)]), ledger, synap)
    half = FakeSource.giving([record(i) for i in range(150)])
    resync(half, ledger, synap, replace(MIRROR))
    assert synap.deletions == []
    (finding,) = found(ledger)
    assert (finding.severity, finding.code) == (Severity.ERROR, "gone-too-many")
    resync(half, ledger, synap, ResyncRules(again=True, mirror=Mirror.ALL))
    assert len(synap.deletions) == 150
    assert codes(ledger) == []


def test_nothing_is_removed_when_whoever_is_asked_says_no(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    async def no(_: object) -> bool:
        return False

    run_import(of_pages([record(1), record(2)]), ledger, synap)
    resync(of_pages([record(1)]), ledger, synap, replace(MIRROR, may_remove=no))
    assert synap.deletions == []
    assert codes(ledger) == ["gone-still-loaded"]


class WithHole(FakeSource):
    """Says that it holds more than came out."""

    async def reconcile(self) -> list[Finding]:
        missing = self.context.exported.missing("fake", ["2"])
        return [Finding(Severity.ERROR, "hole", "Something is missing.")] if missing else []


def test_nothing_counts_as_gone_when_the_source_holds_more_than_it_gave(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1), record(2)]), ledger, synap)
    books = resync(WithHole(of_pages([record(1)]).slices), ledger, synap, MIRROR)
    assert synap.deletions == []
    assert books.gone == 0
    assert codes(ledger) == ["hole", "gone-unknown"]


class Unplugged(FakeSource):
    """Fails before its second page."""

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        async for page in super().pages(partition, cursor):
            if self.pages_read[-1][1] == 1:
                raise SourceUnavailableError("gone", remedy="try again")
            yield page


def test_a_re_sync_that_ends_early_goes_on_where_it_was_and_removes_nothing_before(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(FakeSource.giving([record(i) for i in range(300)]), ledger, synap)
    changed = FakeSource.giving([record(i, text=f"new {i}") for i in range(250)], page_size=50)
    with pytest.raises(SourceUnavailableError):
        resync(Unplugged(changed.slices), ledger, synap, replace(MIRROR, mirror=Mirror.ALL))
    assert (len(synap.stored), synap.deletions) == (300, [])
    books = resync(changed, ledger, synap, replace(MIRROR, mirror=Mirror.ALL))
    assert [page for _, page in changed.pages_read] == [1, 2, 3, 4]
    assert (books.loaded, books.held) == (250, {GONE: 50})
    assert len(synap.deletions) == 300


def test_an_import_without_the_option_finishes_a_re_sync(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(FakeSource.giving([record(i) for i in range(300)]), ledger, synap)
    changed = FakeSource.giving([record(i, text=f"new {i}") for i in range(300)], page_size=50)
    with pytest.raises(SourceUnavailableError):
        resync(Unplugged(changed.slices), ledger, synap)
    assert run_import(changed, ledger, synap).loaded == 300
    assert len(synap.stored) == 600


def test_only_the_changed_exchange_of_a_conversation_goes_out_again(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    turns = [turn(i, ("user", "assistant")[i % 2]) for i in range(8)]
    run_import(of_pages(turns), ledger, synap)
    turns[3] = turn(3, "assistant", text="another answer")
    turns += [turn(8), turn(9, "assistant")]
    sent = len(synap.batches)
    books = resync(of_pages(turns), ledger, synap)
    documents = [one["document"] for batch in synap.batches[sent:] for one in batch]
    assert documents == [
        "User: memory 2\nAssistant: another answer",
        "User: memory 8\nAssistant: memory 9",
    ]
    assert (books.exported, books.loaded, books.documents) == (10, 10, 5)
    assert books.replaced == {"removed": 1}


def test_a_turn_that_is_gone_leaves_an_exchange_without_it(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    turns = [turn(i, ("user", "assistant")[i % 2]) for i in range(4)]
    run_import(of_pages(turns), ledger, synap)
    sent = len(synap.batches)
    books = resync(of_pages(turns[:3]), ledger, synap, MIRROR)
    assert [d["document"] for batch in synap.batches[sent:] for d in batch] == ["User: memory 2"]
    assert (books.loaded, books.held) == (3, {GONE: 1})
    assert len(synap.deletions) == 1


def test_a_turn_that_comes_into_the_middle_is_sent_though_later_ones_have_its_place(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    def spoken(number: int, second: int) -> MemoryRecord:
        role = ("user", "assistant")[number % 2]
        return turn(
            number, role, position=None, created_at=datetime(2025, 6, 1, 12, 0, second, tzinfo=UTC)
        )

    turns = [spoken(number, 10 * number) for number in range(4)]
    run_import(of_pages(turns), ledger, synap)
    between = [spoken(number, 10 + number) for number in (4, 5)]
    books = resync(of_pages([*turns, *between]), ledger, synap)
    assert (books.loaded, books.held) == (6, {})
    assert len(set(synap.stored)) == len(synap.stored) == 3


def test_a_record_that_the_source_now_calls_deleted_is_removed_from_synap(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1), record(2)]), ledger, synap)
    books = resync(of_pages([record(1, state=State.DELETED), record(2)]), ledger, synap)
    assert books.held == {"state-deleted": 1}
    assert len(synap.deletions) == 1


def test_a_record_that_the_options_now_hold_keeps_its_memories(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    rules = PlanRules(identity_user_map(), only_user="bob")
    books = resync(of_pages([record(1, text="another")]), ledger, synap, rules=rules)
    assert books.held == {"not-the-only-user": 1}
    assert (synap.deletions, books.replaced) == ([], {"replaced": 1})


def test_a_held_record_whose_content_changed_is_decided_anew(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1, text="")]), ledger, synap)
    resync(of_pages([record(1, text="now it says something")]), ledger, synap)
    assert synap.stored == ["legacy_fake_1"]


def test_what_was_held_as_changed_since_sent_is_loaded(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)], version="1"), ledger, synap)
    changed = of_pages([record(1, text="another")], version="2")
    assert run_import(changed, ledger, synap).held == {"changed-since-sent": 1}
    books = resync(changed, ledger, synap)
    assert (books.exported, books.loaded, books.held) == (1, 1, {})


def test_two_records_with_one_id_stay_what_they_are(ledger: Ledger, synap: ScriptedSynap) -> None:
    source = of_pages([record(1), record(1, text="another")])
    for _ in range(3):
        books = resync(source, ledger, synap)
    assert (books.exported, books.loaded, books.held) == (2, 1, {"conflicting-id": 1})
    assert (len(synap.stored), books.gone) == (1, 0)


def test_unreadable_items_and_notices_are_those_of_the_last_reading(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    odd = record(1, created_at=None, assumptions=("naive-time:created_at",))
    broken = [Unreadable("f:2", "not JSON", "{")]
    run_import(FakeSource([Slice(Partition("f", "f"), [[odd]], broken)]), ledger, synap)
    books = resync(FakeSource([Slice(Partition("f", "f"), [[odd]])]), ledger, synap)
    assert (books.exported, books.rejected) == (1, {})
    assert books.notices == {"naive-time:created_at": 1, "no-time:created_at": 1}


def test_a_partition_that_is_gone_takes_its_records_and_what_was_unreadable_with_it(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    two = [
        Slice(Partition("a", "a"), [[record(1)]]),
        Slice(Partition("b", "b"), [[record(2)]], [Unreadable("b:2", "not JSON", "{")]),
    ]
    run_import(FakeSource(two), ledger, synap)
    books = resync(FakeSource(two[:1]), ledger, synap)
    assert (books.exported, books.gone, books.rejected) == (2, 1, {})


def test_a_file_that_changes_during_the_re_sync_is_read_from_its_beginning(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)], [record(2)], version="1"), ledger, synap)
    changing = Unplugged(of_pages([record(1, text="b")], [record(2)], version="2").slices)
    with pytest.raises(SourceUnavailableError):
        resync(changing, ledger, synap)
    last = of_pages([record(1, text="c")], [record(2)], version="3")
    books = resync(last, ledger, synap)
    assert (books.exported, books.loaded, books.held, books.gone) == (2, 2, {}, 0)
    assert synap.batches[-1][0]["document"] == "c"


def test_documents_are_followed_or_not_as_ever(ledger: Ledger, synap: ScriptedSynap) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    source = of_pages([record(1, text="another")])
    books = resync(source, ledger, synap, confirm=ConfirmChoice.NONE)
    assert (len(synap.asked), len(synap.deletions)) == (1, 1)
    assert books.replaced == {"removed": 1}


def test_a_synap_that_does_not_delete_is_asked_again_next_time(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    source = of_pages([record(1, text="another")])
    synap.delete_script = [lambda _: error(422, {"detail": "locked"})]
    resync(source, ledger, synap)
    assert codes(ledger) == ["replaced-still-there"]
    resync(source, ledger, synap)
    assert len(synap.deletions) == 2
    assert codes(ledger) == []


def test_a_rollback_takes_older_versions_that_were_kept_with_it(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    resync(
        of_pages([record(1, text="another")]),
        ledger,
        synap,
        ResyncRules(again=True, keep_replaced=True),
    )
    assert ledger.undoing.outlook().documents == 2
