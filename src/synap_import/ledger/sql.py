"""The ledger in the tables of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from synap_import.records import MemoryRecord, Scope, encode_record
from synap_import.sources import Finding, Page, Partition, Unreadable

from . import (
    accounting,
    confirmations,
    findings,
    outcomes,
    plans,
    replaced,
    restaging,
    rounds,
    samples,
    surveying,
    trials,
    undoing,
    verifying,
)
from .listing import NO_REASON, list_identified, list_lines, list_undelivered, list_unreadable
from .notes import note, noted
from .payload import pack, unpack
from .recent_pages import RecentPages
from .scopes import ScopeNumbers, count_scopes, missing_ids
from .staging import (
    INSERT_RECORD,
    OTHER_CONTENT,
    VERSION,
    Row,
    end_page,
    notices_of,
    row_of,
    stage_known,
    storable,
)
from .values import (
    Answer,
    Books,
    Claimed,
    Confirmable,
    DocumentState,
    Given,
    Identified,
    Ingested,
    IngestionGap,
    Marking,
    Origin,
    Owners,
    PartitionProgress,
    PlannedDocument,
    PlannedOwner,
    Present,
    RollbackOutlook,
    Sample,
    Staged,
    StagedRecord,
    Survey,
    Undelivered,
    Undoable,
    Undone,
    Verifiable,
)

if TYPE_CHECKING:
    from .database import Connection, Database

INTERRUPTED = "the run ended before the answer came"
"""Doubt: the process was killed while the document was in flight."""

# A document that is sent again after it was refused keeps the reason until there is an answer.
_ON_ITS_WAY = f"state IN ('{DocumentState.PLANNED}', '{DocumentState.IN_FLIGHT}')"
_RETRYABLE = f"(state = '{DocumentState.REJECTED}' OR (reason IS NOT NULL AND {_ON_ITS_WAY}))"


class SqlLedger:
    """A ledger in the tables of ``database``, for one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._transaction = database.transaction
        self._recent_pages = RecentPages()
        self._scopes = ScopeNumbers()
        self._planned_to: float = 0
        self._claimed_to = 0
        self._reading = rounds.Reading()
        self.differences = replaced.SqlDifferences(self._transaction, self._record)

    # -- reading -------------------------------------------------------------------------

    def begin_reading(self, *, again: bool = False) -> bool:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("begin_reading") as db:
            self._reading = rounds.begin(db, again=again)
        return self._reading.again

    def end_reading(self, *, saw_everything: bool) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("end_reading") as db:
            self._reading = rounds.end(db, self._reading, saw_everything=saw_everything)

    def open_partition(self, partition: Partition) -> PartitionProgress:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("open_partition") as db:
            row = db.execute(
                "SELECT number, version, cursor, done, round FROM partitions WHERE id = ?",
                (partition.id,),
            ).fetchone()
            if row is None:
                db.execute(
                    "INSERT INTO partitions (id, title, version, round) VALUES (?, ?, ?, ?)",
                    (partition.id, partition.title, partition.version, self._reading.number),
                )
                return PartitionProgress()
            number, version, cursor, done, last_read = row
            is_read_again = self._reading.again and last_read < self._reading.number
            if version == partition.version and not is_read_again:
                return PartitionProgress(cursor, bool(done))
            db.execute("DELETE FROM unreadable WHERE partition = ?", (number,))
            db.execute("DELETE FROM notices WHERE partition = ?", (number,))
            if is_read_again:
                rounds.begin_partition(db, number, self._reading)
            elif self._reading.again:
                rounds.begin_partition_anew(db, number, self._reading)
            db.execute(
                "UPDATE partitions SET version = ?, cursor = NULL, done = 0 WHERE number = ?",
                (partition.version, number),
            )
            return PartitionProgress()

    def stage(self, partition: Partition, page: Page, mark: Marking | None = None) -> Staged:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        if self._reading.again:
            return self._stage_again(partition, page, mark)
        encoded = [encode_record(record) for record in page.records]
        marks = mark(page.records, encoded) if mark else [None] * len(encoded)
        payload = pack(encoded)
        with self._staging() as db:
            scopes = self._scopes.of(db, page.records)
            rows = list(map(row_of, page.records, encoded, scopes, marks))
            (number,) = db.execute(
                "SELECT number FROM partitions WHERE id = ?", (partition.id,)
            ).fetchone()
            notices = notices_of(page.records)
            staged = self._stage_rows(db, number, payload, rows, page)
            if rows and staged.new == len(rows):
                parts = restaging.parts_of(page, encoded)
                restaging.remember_new(db, parts, self._reading.number)
            end_page(db, number, page, staged.seen_again, notices)
        return staged

    def _stage_again(self, partition: Partition, page: Page, mark: Marking | None) -> Staged:
        """A page of a re-sync: what is as it was is only marked as seen."""
        parts = restaging.parts_of(page)
        with self._staging() as db:
            (number,) = db.execute(
                "SELECT number FROM partitions WHERE id = ?", (partition.id,)
            ).fetchone()
            if restaging.is_unmade(page):
                again, notices = restaging.recognise_unmade(db, parts, self._reading.number)
                staged = Staged(seen_again=again, unreadable=len(page.unreadable))
            else:
                known, notices = restaging.recognise(db, parts, self._reading.number)
                staged = self._restage(db, number, page, parts[known:], mark)
                notices.update(notices_of([one for part in parts[known:] for one in part.records]))
            end_page(db, number, page, staged.seen_again, notices)
        return staged

    def _restage(
        self,
        db: Connection,
        partition: int,
        page: Page,
        parts: Sequence[restaging.Part],
        mark: Marking | None,
    ) -> Staged:
        records = [record for part in parts for record in part.records]
        if not records:
            return Staged(unreadable=len(page.unreadable))
        found = restaging.compare(db, records, self._reading.number)
        fresh = [records[place] for place in found.fresh]
        encoded = [encode_record(record) for record in fresh]
        marks = mark(fresh, encoded) if mark else [None] * len(fresh)
        rows = list(map(row_of, fresh, encoded, self._scopes.of(db, fresh), marks))
        number = self._keep_page(db, partition, pack(encoded), fresh) if fresh else None
        conflicting = restaging.apply(db, found, rows, number, self._reading.number)
        self._planned_to = min([self._planned_to, *(one - 1 for one in found.undecided)])
        restaging.remember(db, found, parts, self._reading.number)
        return Staged(len(found.new), found.seen_again, conflicting, len(page.unreadable))

    def _stage_rows(
        self,
        db: Connection,
        partition: int,
        payload: bytes,
        rows: list[Row],
        page: Page,
    ) -> Staged:
        if not rows:
            return Staged(unreadable=len(page.unreadable))
        page_number = self._keep_page(db, partition, payload, page.records)
        new = db.executemany(
            f"{INSERT_RECORD} VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (key) DO NOTHING",
            [(*row[:2], page_number, place, *row[2:]) for place, row in enumerate(rows)],
        ).rowcount
        if self._reading.number:
            rounds.mark_new(db, page_number, len(rows), self._reading)
        conflicting = 0
        if new < len(rows):
            conflicting, first_replaced = stage_known(db, page_number, rows)
            self._planned_to = min(self._planned_to, first_replaced - 1)
            if self._reading.number:
                contents = [(key, digest) for key, digest, *_ in rows]
                back = rounds.mark_back(db, contents, self._reading)
                self._planned_to = min(self._planned_to, back - 1)
        seen_again = len(rows) - new - conflicting
        return Staged(new, seen_again, conflicting, len(page.unreadable))

    def _keep_page(
        self,
        db: Connection,
        partition: int,
        payload: bytes,
        records: Sequence[MemoryRecord],
    ) -> int:
        (number,) = db.execute(
            "INSERT INTO pages (partition, version, payload)"
            " SELECT number, version, ? FROM partitions WHERE number = ? RETURNING number",
            (payload, partition),
        ).fetchone()
        self._recent_pages.keep(number, list(records))
        return int(number)

    # -- what came out of the source -----------------------------------------------------

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        """See :class:`~synap_import.sources.Exported`."""
        return count_scopes(self._transaction, since=self._reading.looks_from)

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        """See :class:`~synap_import.sources.Exported`."""
        with self._transaction() as db:
            return missing_ids(db, system, ids, since=self._reading.looks_from)

    def knows(self, digest: str) -> bool:
        """See :class:`~synap_import.sources.Exported`."""
        if not self._reading.again:
            return False
        with self._transaction() as db:
            return restaging.is_known(db, digest, self._reading.number)

    def lines(self) -> Iterator[bytes]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return list_lines(self._transaction)

    def keep_findings(self, found: Sequence[Finding], origin: Origin = Origin.RECONCILE) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("keep_findings") as db:
            findings.keep(db, found, origin)

    def findings(self, origin: Origin | None = None) -> list[Finding]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return findings.kept(db, origin)

    # -- the pre-flight ------------------------------------------------------------------

    def remark(self, mark: Marking) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        surveying.remark(self._transaction, mark)

    def survey(self, bits: Sequence[int], examples: int) -> Survey:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return surveying.survey(db, bits, partial(self._record, db), examples)

    def planned_owners(self) -> Iterator[PlannedOwner]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return surveying.planned_owners(self._transaction)

    # -- planning ------------------------------------------------------------------------

    def replan(self, plan: str) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("replan") as db:
            self._planned_to = 0
            undone = undoing.forget(db)
            if noted(db, "plan") == plan:
                return undone
            note(db, "plan", plan)
            findings.keep(db, (), Origin.PREFLIGHT)
            return undone + plans.forget(db)

    def unplanned(self, limit: int) -> list[StagedRecord]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            rows = db.execute(
                f"SELECT number, page, place, {VERSION} FROM records WHERE number > ?"  # noqa: S608
                " AND session IS NULL"
                " AND document IS NULL AND hold IS NULL ORDER BY number LIMIT ?",
                (self._planned_to, limit),
            ).fetchall()
            if rows and not self._database.is_shared:
                self._planned_to = rows[-1][0]
            return [
                StagedRecord(number, self._record(db, page, place), version=version)
                for number, page, place, version in rows
            ]

    def unplanned_conversations(self) -> Iterator[list[StagedRecord]]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            sessions = db.execute(
                "SELECT session, min(number) FROM records WHERE session IS NOT NULL"
                " AND document IS NULL AND hold IS NULL GROUP BY session ORDER BY 2"
            ).fetchall()
        for session, _ in sessions:
            with self._transaction() as db:
                rows = db.execute(
                    f"SELECT number, page, place, document IS NOT NULL, hold IS NOT NULL, {VERSION}"  # noqa: S608
                    " FROM records WHERE session = ? AND (hold IS NULL OR hold NOT IN (?, ?))"
                    " ORDER BY number",
                    (session, *OTHER_CONTENT),
                ).fetchall()
                turns = [
                    StagedRecord(
                        number, self._record(db, page, place), bool(planned), bool(held), version
                    )
                    for number, page, place, planned, held, version in rows
                ]
            yield turns

    def plan(self, documents: Sequence[PlannedDocument], holds: Sequence[tuple[int, str]]) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("plan") as db:
            documents = plans.write(db, documents, holds)
            # Conversations are planned behind all else, and mended records in their old place.
            self._claimed_to = min([self._claimed_to, *(d.number - 1 for d in documents)])

    # -- loading -------------------------------------------------------------------------

    def recover(self, *, hold_doubts: bool = False) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        state = DocumentState.IN_DOUBT if hold_doubts else DocumentState.PLANNED
        with self._transaction("recover") as db:
            self._planned_to = self._claimed_to = 0
            return db.execute(
                "UPDATE documents SET state = ?, doubt = coalesce(doubt, ?) WHERE state IN (?, ?)",
                (state, INTERRUPTED, DocumentState.IN_FLIGHT, DocumentState.IN_DOUBT),
            ).rowcount

    def claim(self, limit: int, among: Sequence[int] | None = None) -> list[Claimed]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        if among is not None:
            return self._claim_among(limit, among)
        with self._transaction("claim") as db:
            rows = self._database.claim(db, limit, self._claimed_to)
            if rows and not self._database.is_shared:
                self._claimed_to = rows[-1][0]
            return [
                Claimed(
                    number,
                    document_id,
                    user_id,
                    customer_id,
                    (self._record(db, page, place),) if turns == 1 else self._turns(db, number),
                )
                for number, document_id, user_id, customer_id, turns, page, place in rows
            ]

    def _claim_among(self, limit: int, numbers: Sequence[int]) -> list[Claimed]:
        with self._transaction("claim") as db:
            taken = trials.among(db, numbers, DocumentState.PLANNED)[:limit]
            db.executemany(
                "UPDATE documents SET state = ?, attempts = attempts + 1 WHERE number = ?",
                [(DocumentState.IN_FLIGHT, number) for number in taken],
            )
        return list(trials.claimed(self._transaction, taken))

    def _turns(self, db: Connection, document: int) -> tuple[MemoryRecord, ...]:
        places = db.execute(
            "SELECT page, place FROM records WHERE document = ? AND session IS NOT NULL"
            " ORDER BY number",
            (document,),
        ).fetchall()
        return tuple(self._record(db, page, place) for page, place in places)

    def release(self, numbers: Sequence[int], *, untouched: bool = False) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("release") as db:
            db.executemany(
                "UPDATE documents SET state = ?, attempts = attempts - ? WHERE number = ?",
                [(DocumentState.PLANNED, int(untouched), number) for number in numbers],
            )
            self._claimed_to = min([self._claimed_to, *(number - 1 for number in numbers)])

    def doubt(self, numbers: Sequence[int], reason: str, *, hold: bool = False) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        state = DocumentState.IN_DOUBT if hold else DocumentState.IN_FLIGHT
        with self._transaction("doubt") as db:
            db.executemany(
                "UPDATE documents SET state = ?, doubt = ? WHERE number = ?",
                [(state, storable(reason), number) for number in numbers],
            )

    def answer(self, answers: Sequence[Answer]) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("answer") as db:
            db.executemany(
                confirmations.ANSWER,
                [(a.number, a.state.value, a.ingestion_id, a.reason) for a in answers],
            )

    def unsent(self) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return self._count_documents(f"reason IS NULL AND {_ON_ITS_WAY}")

    def unsent_of(self, beginning: str) -> tuple[int, int]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return accounting.unsent_of(db, beginning)

    def is_doubted(self, number: int) -> bool:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return accounting.is_doubted(db, number)

    def retryable(self) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return self._count_documents(_RETRYABLE)

    def _count_documents(self, condition: str) -> int:
        with self._transaction() as db:
            query = f"SELECT count(*) FROM documents WHERE {condition}"  # noqa: S608 - ours
            return int(db.execute(query).fetchone()[0])

    def retry_rejected(self) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("retry_rejected") as db:
            self._claimed_to = 0
            db.execute(
                "UPDATE documents SET doubt = coalesce(doubt, ?)"
                " WHERE state = ? AND reason IS NOT NULL",
                (INTERRUPTED, DocumentState.IN_FLIGHT),
            )
            return db.execute(
                "UPDATE documents SET state = ?, reason = coalesce(reason, ?),"  # noqa: S608 - ours
                " ingestion_id = NULL, memory_ids = NULL"
                f" WHERE {_RETRYABLE}",
                (DocumentState.PLANNED, NO_REASON),
            ).rowcount

    def names_customers(self) -> bool:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return self._count_documents("customer_id IS NOT NULL") > 0

    # -- notes ---------------------------------------------------------------------------

    def note(self, key: str, value: str) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("note") as db:
            note(db, key, value)

    def noted(self, key: str) -> str | None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return noted(db, key)

    # -- confirming ----------------------------------------------------------------------

    def confirmable(self, *, only_new: bool = False) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return confirmations.count_confirmable(db, only_new=only_new)

    def choose_to_confirm(
        self, sample: int | None = None, *, only_new: bool = False, user_id: str | None = None
    ) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("choose_to_confirm") as db:
            confirmations.choose(db, sample, only_new=only_new, user_id=user_id)

    def unconfirmed(
        self, behind: int, limit: int, *, user_id: str | None = None
    ) -> list[Confirmable]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return confirmations.unconfirmed(db, behind, limit, user_id)

    def confirm(self, answers: Sequence[tuple[int, Ingested]]) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("confirm") as db:
            confirmations.confirm(db, answers)

    # -- rolling back --------------------------------------------------------------------

    def rollback_outlook(self, user_id: str | None = None) -> RollbackOutlook:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return undoing.outlook(db, user_id)

    def undoable(self, behind: int, limit: int, *, user_id: str | None = None) -> list[Undoable]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return undoing.undoable(db, behind, limit, user_id)

    def begin_undoing(self, numbers: Sequence[int]) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("begin_undoing") as db:
            undoing.begin(db, numbers)

    def end_undoing(self, outcomes: Sequence[Undone]) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("end_undoing") as db:
            undoing.end(db, outcomes)

    def undoing(self) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return self._count_documents(f"state = '{DocumentState.ROLLING_BACK}'")

    def undeleted(self, limit: int) -> list[tuple[str, str]]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return undoing.undeleted(db, limit)

    def customers_of(self, user_id: str) -> list[str | None]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return undoing.customers_of(db, user_id)

    def wiped(self, user_id: str, customer_id: str | None) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("wiped") as db:
            undoing.wiped(db, user_id, customer_id)

    # -- verifying -----------------------------------------------------------------------

    def present(self, user_id: str | None = None) -> Present:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return verifying.present(db, user_id)

    def verifiable(
        self, size: int, *, user_id: str | None = None, among: Sequence[int] | None = None
    ) -> Iterator[Verifiable]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return verifying.sample(self._transaction, size, user_id, among)

    def given(self, names: Sequence[str]) -> dict[str, Given]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return verifying.given(db, names)

    def ingestion_gaps(self, user_id: str | None = None, examples: int = 100) -> list[IngestionGap]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return verifying.gaps(db, user_id, examples)

    def triable(self, size: int) -> Iterator[Claimed]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return trials.triable(self._transaction, size)

    def documents_among(self, numbers: Sequence[int]) -> list[int]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return trials.among(db, numbers)

    def unread_partitions(self) -> int:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return verifying.unread_partitions(db)

    # -- accounting ----------------------------------------------------------------------

    def books(self) -> Books:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return accounting.books(db)

    def held_owners(self, reason: str) -> list[tuple[str, str, int]]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return accounting.held_owners(db, reason)

    def loaded_targets(self) -> list[tuple[str, str, str | None, str | None]]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return accounting.loaded_targets(db)

    def unreadable(self, limit: int) -> list[Unreadable]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            rows = db.execute("SELECT place, reason, raw FROM unreadable LIMIT ?", (limit,))
            return [Unreadable(*row) for row in rows]

    def every_unreadable(self) -> Iterator[Unreadable]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return list_unreadable(self._transaction)

    def undelivered(self, state: DocumentState) -> Iterator[Undelivered]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return list_undelivered(self._transaction, state)

    def identified(self) -> Iterator[Identified]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        return list_identified(self._transaction)

    def rejections(self, limit: int) -> list[tuple[str, str]]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return accounting.rejections(db, limit)

    def doubts(self, limit: int) -> list[tuple[str, str]]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return accounting.doubts(db, limit)

    def owners(self, limit: int) -> Owners:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return outcomes.owners(db, limit)

    def confirmed_records(self) -> dict[str, int]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return outcomes.confirmed_records(db)

    def keep_sample(self, sample: Sample) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction("keep_sample") as db:
            samples.keep(db, sample)

    def samples(self) -> list[Sample]:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        with self._transaction() as db:
            return samples.kept(db)

    def close(self) -> None:
        """See :class:`~synap_import.ledger.interface.Ledger`."""
        self._database.close()

    # -- pages ---------------------------------------------------------------------------

    def _page(self, db: Connection, number: int) -> list[MemoryRecord]:
        records = self._recent_pages.get(number)
        if records is None:
            (payload,) = db.execute(
                "SELECT payload FROM pages WHERE number = ?", (number,)
            ).fetchone()
            records = unpack(payload)
            self._recent_pages.keep(number, records)
        return records

    def _record(self, db: Connection, page: int, place: int) -> MemoryRecord:
        return self._page(db, page)[place]

    @contextmanager
    def _staging(self) -> Iterator[Connection]:
        try:
            with self._transaction("stage") as db:
                yield db
        except BaseException:
            self._scopes.forget()
            raise
