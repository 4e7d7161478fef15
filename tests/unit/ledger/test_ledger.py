"""The ledger keeps what it was given, all or nothing."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from support.sources import record
from synap_import.errors import LedgerError
from synap_import.ledger import (
    Answer,
    DocumentState,
    Ledger,
    PlannedDocument,
    SqliteLedger,
    StagedRecord,
)
from synap_import.ledger.schema import MIGRATIONS
from synap_import.ledger.staging import CHANGED_SINCE_SENT, CONFLICTING_ID
from synap_import.records import Kind, MemoryRecord, Scope
from synap_import.sources import Page, Partition, Unreadable

PARTITION = Partition("p", "a partition")


def stage(ledger: Ledger, *records: MemoryRecord, cursor: str | None = None) -> None:
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page(records, cursor))


def plan_all(ledger: Ledger) -> list[StagedRecord]:
    staged = ledger.planning.unplanned(1000)
    documents = [
        PlannedDocument((item.number,), f"doc-{item.record.id}", "ada", None) for item in staged
    ]
    ledger.planning.plan(documents, [])
    return staged


def test_a_page_is_read_back_as_it_was_staged(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    assert [item.record for item in ledger.planning.unplanned(10)] == [record(1), record(2)]


def test_a_ledger_that_is_opened_again_has_the_same_records(
    ledgers: Callable[[], Ledger],
) -> None:
    ledger = ledgers()
    stage(ledger, record(1), record(2), cursor="next")
    ledger.close()
    again = ledgers()
    assert [item.record for item in again.planning.unplanned(10)] == [record(1), record(2)]
    assert again.reading.open_partition(PARTITION).cursor == "next"
    again.close()


def test_a_partition_that_was_read_to_its_end_is_done(ledger: Ledger) -> None:
    stage(ledger, record(1), cursor="next")
    assert not ledger.reading.open_partition(PARTITION).done
    stage(ledger, record(2))
    assert ledger.reading.open_partition(PARTITION).done


def test_a_new_version_of_a_partition_is_read_from_its_beginning(ledger: Ledger) -> None:
    stage(ledger, record(1))
    changed = Partition("p", "a partition", version="2")
    assert ledger.reading.open_partition(changed).cursor is None
    assert not ledger.reading.open_partition(changed).done


def test_a_new_version_forgets_what_was_unreadable_in_the_old_one(ledger: Ledger) -> None:
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page((), None, [Unreadable("p:1", "broken")]))
    ledger.reading.open_partition(Partition("p", "a partition", version="2"))
    assert ledger.books().exported == 0


def test_a_record_seen_twice_is_one_record(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    ledger.reading.stage(PARTITION, Page([record(2), record(3)], None))
    books = ledger.books()
    assert (books.exported, books.seen_again) == (3, 1)


def test_a_record_whose_raw_object_changed_only_is_the_same_record(ledger: Ledger) -> None:
    stage(ledger, record(1, raw={"score": 1}), record(1, raw={"score": 2}))
    assert ledger.books().exported == 1


def test_another_content_under_a_known_id_is_held_not_lost(ledger: Ledger) -> None:
    stage(ledger, record(1), record(1, text="something else"))
    books = ledger.books()
    assert books.exported == 2
    assert books.held == {CONFLICTING_ID: 1}


def test_a_newer_version_replaces_what_was_not_sent(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    (sent,) = ledger.sending.claim(1)
    ledger.sending.answer([Answer(sent.number, DocumentState.LOADED)])
    newer = Partition("p", "a partition", version="2")
    ledger.reading.open_partition(newer)
    ledger.reading.stage(newer, Page([record(1, text="late"), record(2, text="mended")], None))
    assert [item.record.text for item in ledger.planning.unplanned(10)] == ["mended"]
    books = ledger.books()
    assert (books.exported, books.loaded, books.unaccounted) == (3, 1, 0)
    assert books.held == {CHANGED_SINCE_SENT: 1}


def test_the_same_id_of_two_systems_is_two_records(ledger: Ledger) -> None:
    stage(ledger, record(1), record(1, system="other"))
    assert ledger.books().exported == 2
    assert ledger.books().held == {}


def test_a_claimed_document_brings_its_record_and_is_not_claimed_twice(
    ledger: Ledger,
) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    (claimed,) = ledger.sending.claim(10)
    assert claimed.records == (record(1),)
    assert ledger.sending.claim(10) == []


def test_a_released_document_is_claimed_again(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    first, _ = ledger.sending.claim(10)
    ledger.sending.release([first.number])
    assert [claimed.number for claimed in ledger.sending.claim(10)] == [first.number]


def test_what_was_in_flight_when_a_run_died_is_sendable_again(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    plan_all(ledger)
    ledger.sending.claim(1)
    assert ledger.sending.recover() == 1
    assert len(ledger.sending.claim(10)) == 2


def test_an_answered_document_is_not_sent_again(ledger: Ledger) -> None:
    stage(ledger, record(1))
    plan_all(ledger)
    (claimed,) = ledger.sending.claim(1)
    ledger.sending.answer([Answer(claimed.number, DocumentState.LOADED, "i-1")])
    ledger.sending.recover()
    assert ledger.sending.claim(10) == []
    assert ledger.books().loaded == 1


def test_another_plan_decides_anew_about_all_that_was_not_answered(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2), record(3))
    ledger.planning.replan("first")
    one, two, three = ledger.planning.unplanned(10)
    ledger.planning.plan(
        [PlannedDocument((item.number,), "d", "ada", None) for item in (one, two)],
        [(three.number, "unmapped-user")],
    )
    (sent,) = ledger.sending.claim(1)
    ledger.sending.answer([Answer(sent.number, DocumentState.LOADED)])
    assert ledger.planning.replan("second") == 2
    assert [item.number for item in ledger.planning.unplanned(10)] == [two.number, three.number]


def test_the_same_plan_decides_nothing_anew(ledger: Ledger) -> None:
    stage(ledger, record(1))
    ledger.planning.replan("plan")
    plan_all(ledger)
    assert ledger.planning.replan("plan") == 0


def test_records_of_a_conversation_share_the_state_of_their_document(
    ledger: Ledger,
) -> None:
    scope = Scope(user="ada", session="chat")
    stage(ledger, *(record(i, kind=Kind.MESSAGE, scope=scope, position=i) for i in range(3)))
    assert ledger.planning.unplanned(10) == []
    (turns,) = ledger.planning.unplanned_conversations()
    numbers = tuple(turn.number for turn in turns)
    ledger.planning.plan([PlannedDocument(numbers, "backfill:chat:0", "ada", None)], [])
    (claimed,) = ledger.sending.claim(10)
    assert len(claimed.records) == 3
    ledger.sending.answer([Answer(claimed.number, DocumentState.REJECTED, reason="no")])
    assert ledger.books().rejected == {"no": 3}


def test_a_conversation_whose_document_id_is_taken_is_held(ledger: Ledger) -> None:
    scope = Scope(user="ada", session="chat")
    stage(ledger, *(record(i, kind=Kind.MESSAGE, scope=scope) for i in range(2)))
    ledger.planning.plan([PlannedDocument((1,), "backfill:x:0", "ada", None)], [])
    ledger.planning.plan([PlannedDocument((2,), "backfill:x:0", "ada", None)], [])
    assert ledger.books().held == {"document-id-taken": 1}


def test_the_books_add_up_in_every_state(ledger: Ledger) -> None:
    ledger.reading.open_partition(PARTITION)
    records = [record(i) for i in range(6)]
    ledger.reading.stage(PARTITION, Page(records, None, [Unreadable("p:9", "broken")]))
    staged = ledger.planning.unplanned(5)
    documents = [PlannedDocument((s.number,), str(s.number), "ada", None) for s in staged[:4]]
    ledger.planning.plan(documents, [(staged[4].number, "empty-text")])
    first, second, third = ledger.sending.claim(3)
    ledger.sending.answer(
        [
            Answer(first.number, DocumentState.LOADED),
            Answer(second.number, DocumentState.ALREADY_THERE),
            Answer(third.number, DocumentState.REJECTED, reason="bad"),
        ]
    )
    books = ledger.books()
    assert books.exported == 7
    assert (books.loaded, books.already_there, books.unfinished) == (1, 1, 2)
    assert books.held == {"empty-text": 1}
    assert books.rejected == {"bad": 1, "unreadable": 1}
    assert books.unaccounted == 0


def test_what_was_assumed_is_counted(ledger: Ledger) -> None:
    stage(ledger, record(1, assumptions=("naive-time:created_at",)), record(2, created_at=None))
    assert ledger.books().notices == {"naive-time:created_at": 1, "no-time:created_at": 1}


def test_the_file_can_be_read_by_its_owner_only(ledger: Ledger, tmp_path: Path) -> None:
    stage(ledger, record(1))
    for file in tmp_path.glob("ledger.sqlite*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.mark.parametrize("ledgers", ["sqlite"], indirect=True)
def test_memory_texts_are_not_readable_in_the_file_as_they_are(
    ledger: Ledger, tmp_path: Path
) -> None:
    stage(ledger, record(1, text="compressible " * 100))
    ledger.close()
    assert b"compressible compressible" not in (tmp_path / "ledger.sqlite").read_bytes()


def test_a_ledger_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(LedgerError, match="newer synap-import"):
        SqliteLedger(path)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    db.close()


def test_a_file_that_is_no_ledger_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes " * 100)
    with pytest.raises(LedgerError, match="not a ledger"):
        SqliteLedger(path)
    assert path.read_text().startswith("these are my notes")


@pytest.mark.parametrize("ledgers", ["sqlite"], indirect=True)
def test_a_page_is_kept_wholly_or_not_at_all(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.reading.open_partition(PARTITION)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(ledger.reading._pages, "keep", fail)
    with pytest.raises(LedgerError, match="full"):
        ledger.reading.stage(PARTITION, Page([record(1)], "next"))
    assert ledger.books().exported == 0
    assert ledger.reading.open_partition(PARTITION).cursor is None


def test_whoever_opens_a_new_ledger_at_the_same_moment_finds_a_ledger(tmp_path: Path) -> None:
    opened: list[int] = []

    def look(path: Path) -> None:
        ledger = SqliteLedger(path)
        opened.append(ledger.books().exported)
        ledger.close()

    for number in range(10):
        path = tmp_path / f"{number}.sqlite"
        lookers = [Thread(target=look, args=(path,)) for _ in range(2)]
        for looker in lookers:
            looker.start()
        for looker in lookers:
            looker.join(30)
    assert opened == [0] * 20
