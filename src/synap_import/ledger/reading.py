"""Reading a source: its partitions, its pages with their cursors, and what came out so far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from synap_import.records import encode_record

from . import restaging, rounds
from .payload import pack
from .scopes import ScopeNumbers, count_scopes, missing_ids
from .staging import INSERT_RECORD, Row, end_page, notices_of, row_of, stage_known
from .values import PartitionProgress, Staged

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord, Scope
    from synap_import.sources import Page, Partition

    from .database import Connection, Transaction
    from .horizon import Horizon
    from .recent_pages import RecentPages
    from .values import Marking


class Reading:
    """Every method is one transaction. What came out is there for the adapter, too.

    See :class:`~synap_import.sources.Exported`.
    """

    def __init__(self, transaction: Transaction, pages: RecentPages, horizon: Horizon) -> None:
        self._transaction = transaction
        self._pages = pages
        self._horizon = horizon
        self._scopes = ScopeNumbers()
        self._round = rounds.Round()

    def begin(self, *, again: bool = False) -> bool:
        """Begin to read what was not read yet, or everything ``again``: a re-sync.

        A re-sync that was not finished goes on, whatever is asked. Returns whether it is one.
        """
        with self._transaction("begin_reading") as db:
            self._round = rounds.begin(db, again=again)
        return self._round.again

    def end(self, *, saw_everything: bool) -> None:
        """A re-sync came to its end; if it ``saw_everything``, the rest is gone."""
        with self._transaction("end_reading") as db:
            self._round = rounds.end(db, self._round, saw_everything=saw_everything)

    def open_partition(self, partition: Partition) -> PartitionProgress:
        """Where to go on reading; from the beginning when the partition's version changed."""
        with self._transaction("open_partition") as db:
            # Where others read as well, it is one of them that began to.
            self._round = rounds.of_now(db)
            row = db.execute(
                "SELECT number, version, cursor, done, round FROM partitions WHERE id = ?",
                (partition.id,),
            ).fetchone()
            if row is None:
                db.execute(
                    "INSERT INTO partitions (id, title, version, round) VALUES (?, ?, ?, ?)",
                    (partition.id, partition.title, partition.version, self._round.number),
                )
                return PartitionProgress()
            number, version, cursor, done, last_read = row
            is_read_again = self._round.again and last_read < self._round.number
            if version == partition.version and not is_read_again:
                return PartitionProgress(cursor, bool(done))
            db.execute("DELETE FROM unreadable WHERE partition = ?", (number,))
            db.execute("DELETE FROM notices WHERE partition = ?", (number,))
            if is_read_again:
                rounds.begin_partition(db, number, self._round)
            elif self._round.again:
                rounds.begin_partition_anew(db, number, self._round)
            db.execute(
                "UPDATE partitions SET version = ?, cursor = NULL, done = 0 WHERE number = ?",
                (partition.version, number),
            )
            return PartitionProgress()

    def stage(self, partition: Partition, page: Page, mark: Marking | None = None) -> Staged:
        """Keep a page's records, its unreadable items and its cursor, all or nothing.

        ``mark`` says what is remarkable about each record.
        """
        if self._round.again:
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
                restaging.remember_new(db, parts, self._round.number)
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
                again, notices = restaging.recognise_unmade(db, parts, self._round.number)
                staged = Staged(seen_again=again, unreadable=len(page.unreadable))
            else:
                known, notices = restaging.recognise(db, parts, self._round.number)
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
        found = restaging.compare(db, records, self._round.number)
        fresh = [records[place] for place in found.fresh]
        encoded = [encode_record(record) for record in fresh]
        marks = mark(fresh, encoded) if mark else [None] * len(fresh)
        rows = list(map(row_of, fresh, encoded, self._scopes.of(db, fresh), marks))
        number = self._keep_page(db, partition, pack(encoded), fresh) if fresh else None
        conflicting = restaging.apply(db, found, rows, number, self._round.number)
        self._horizon.plan_from(min(found.undecided, default=math.inf))
        restaging.remember(db, found, parts, self._round.number)
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
        if self._round.number:
            rounds.mark_new(db, page_number, len(rows), self._round)
        conflicting = 0
        if new < len(rows):
            conflicting, first_replaced = stage_known(db, page_number, rows)
            self._horizon.plan_from(first_replaced)
            if self._round.number:
                contents = [(key, digest) for key, digest, *_ in rows]
                back = rounds.mark_back(db, contents, self._round)
                self._horizon.plan_from(back)
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
        self._pages.keep(number, list(records))
        return int(number)

    def scopes(self) -> Iterator[tuple[Scope, int]]:
        """See :class:`~synap_import.sources.Exported`."""
        return count_scopes(self._transaction, since=self._round.looks_from)

    def missing(self, system: str, ids: Sequence[str]) -> list[str]:
        """See :class:`~synap_import.sources.Exported`."""
        with self._transaction() as db:
            return missing_ids(db, system, ids, since=self._round.looks_from)

    def knows(self, digest: str) -> bool:
        """See :class:`~synap_import.sources.Exported`."""
        if not self._round.again:
            return False
        with self._transaction() as db:
            return restaging.is_known(db, digest, self._round.number)

    @contextmanager
    def _staging(self) -> Iterator[Connection]:
        try:
            with self._transaction("stage") as db:
                yield db
        except BaseException:
            self._scopes.forget()
            raise
