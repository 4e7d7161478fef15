"""What a re-sync must not do to the memories and the books of a job, however odd its days are."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from support.resyncs import of_pages, resync
from support.runs import run_import
from support.sources import FakeSource, Slice, record
from support.synap import ScriptedSynap, ingested
from synap_import import Page, Partition, SourceUnavailableError, Unreadable
from synap_import.ledger import Books, Origin, SqliteLedger
from synap_import.resync import Mirror, ResyncRules

MIRROR = ResyncRules(again=True, mirror=Mirror.FEW)


def is_whole(books: Books) -> bool:
    return (books.unaccounted, books.unfinished) == (0, 0)


def test_a_replaced_document_whose_ingestion_had_failed_is_in_no_book_twice(
    ledger: SqliteLedger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    failed = {"status": "failed", "memory_ids": [], "memories_created": 0, "error_message": "no"}
    synap.status_script = [ingested, lambda one: ingested(one, **failed)]
    books = resync(of_pages([record(1, text="another")]), ledger, synap)
    assert is_whole(books), books
    assert (books.loaded, books.rejected_total) == (1, 0)
    assert ledger.retry_rejected() == 0


def test_a_replaced_document_that_turns_out_to_have_been_there_is_in_no_book_twice(
    ledger: SqliteLedger, synap: ScriptedSynap
) -> None:
    run_import(of_pages([record(1)]), ledger, synap)
    there = {"status": "failed", "memory_ids": ["theirs"], "error_message": "duplicate document"}
    synap.status_script = [ingested, lambda one: ingested(one, **there)]
    books = resync(of_pages([record(1, text="another")]), ledger, synap)
    assert is_whole(books), books
    assert (books.loaded, books.already_there) == (1, 0)
    assert synap.deletions == []


def test_a_memory_that_the_newer_version_names_too_is_not_deleted(
    ledger: SqliteLedger, synap: ScriptedSynap
) -> None:
    synap.status_script = [lambda one: ingested(one, memory_ids=["shared"])]
    resync(of_pages([record(1)]), ledger, synap)
    merged = {"memory_ids": ["shared", "new"], "memories_created": 2}
    synap.status_script = [lambda one: ingested(one, **merged)]
    books = resync(of_pages([record(1, tags=("work",))]), ledger, synap)
    assert synap.deletions == []
    assert is_whole(books)
    assert books.replaced == {"removed": 1}
