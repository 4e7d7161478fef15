"""Sending: which documents go out next, and what became of those that did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import trials
from .confirmations import ANSWER
from .listing import NO_REASON
from .staging import storable
from .values import Claimed, DocumentState

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord

    from .database import Connection, Database
    from .horizon import Horizon
    from .recent_pages import RecentPages
    from .values import Answer

INTERRUPTED = "the run ended before the answer came"
"""Doubt: the process was killed while the document was in flight."""

# A document that is sent again after it was refused keeps the reason until there is an answer.
_ON_ITS_WAY = f"state IN ('{DocumentState.PLANNED}', '{DocumentState.IN_FLIGHT}')"
_RETRYABLE = f"(state = '{DocumentState.REJECTED}' OR (reason IS NOT NULL AND {_ON_ITS_WAY}))"


class Sending:
    """Every method is one transaction."""

    def __init__(self, database: Database, pages: RecentPages, horizon: Horizon) -> None:
        self._database = database
        self._transaction = database.transaction
        self._pages = pages
        self._horizon = horizon

    def recover(self, *, hold_doubts: bool = False) -> int:
        """Begin a run: what an earlier one had in hand is to be decided or sent again.

        What was in flight has an unknown outcome, and so has what was in doubt before: it is
        sent again, or with ``hold_doubts`` stays in doubt. Returns how many documents that is.
        """
        state = DocumentState.IN_DOUBT if hold_doubts else DocumentState.PLANNED
        with self._transaction("recover") as db:
            self._horizon.plan_from(1)
            self._horizon.claim_from(1)
            return db.execute(
                "UPDATE documents SET state = ?, doubt = coalesce(doubt, ?) WHERE state IN (?, ?)",
                (state, INTERRUPTED, DocumentState.IN_FLIGHT, DocumentState.IN_DOUBT),
            ).rowcount

    def take_back(self, worker: str, *, hold_doubts: bool = False) -> int:
        """As :meth:`recover`, of just what this worker had in hand, which died."""
        state = DocumentState.IN_DOUBT if hold_doubts else DocumentState.PLANNED
        with self._transaction("take_back") as db:
            self._horizon.claim_from(1)
            return self._database.take_back(db, worker, state, INTERRUPTED)

    def claim(self, limit: int, among: Sequence[int] | None = None) -> list[Claimed]:
        """Take the next documents (of those with these numbers) and mark them in flight."""
        if among is not None:
            return self._claim_among(limit, among)
        with self._transaction("claim") as db:
            rows = self._database.claim(db, limit, self._horizon.claimed)
            if rows:
                self._horizon.has_claimed(rows[-1][0])
            return [
                Claimed(
                    number,
                    document_id,
                    user_id,
                    customer_id,
                    (self._pages.record(db, page, place),)
                    if turns == 1
                    else self._turns(db, number),
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
        return tuple(self._pages.record(db, page, place) for page, place in places)

    def release(self, numbers: Sequence[int], *, untouched: bool = False) -> None:
        """Give claimed documents back, to be claimed again; ``untouched``: they were not tried."""
        with self._transaction("release") as db:
            db.executemany(
                "UPDATE documents SET state = ?, attempts = attempts - ?"  # noqa: S608 - ours
                f" WHERE number = ?{self._database.and_ours}",
                [(DocumentState.PLANNED, int(untouched), number) for number in numbers],
            )
            self._horizon.claim_from(min(numbers, default=math.inf))

    def doubt(self, numbers: Sequence[int], reason: str, *, hold: bool = False) -> None:
        """Write down that the outcome of sending these is unknown; ``hold`` ends them so."""
        state = DocumentState.IN_DOUBT if hold else DocumentState.IN_FLIGHT
        with self._transaction("doubt") as db:
            # What was taken back meanwhile is sent by others.
            db.executemany(
                "UPDATE documents SET doubt = ?,"  # noqa: S608 - ours
                f" state = CASE WHEN state = '{DocumentState.PLANNED}' THEN state ELSE ? END"
                f" WHERE number = ?{self._database.and_ours}",
                [(storable(reason), state, number) for number in numbers],
            )

    def answer(self, answers: Sequence[Answer]) -> None:
        """Write what became of documents, but for those that were taken back meanwhile."""
        with self._transaction("answer") as db:
            db.executemany(
                f"{ANSWER}{self._database.and_ours}",
                [(a.number, a.state.value, a.ingestion_id, a.reason) for a in answers],
            )

    def unsent(self) -> int:
        """How many documents wait for an import to send them, and were never refused."""
        return self._count_documents(f"reason IS NULL AND {_ON_ITS_WAY}")

    def unsent_of(self, beginning: str) -> tuple[int, int]:
        """How many of :meth:`unsent` have ids that begin so, and how many records they hold."""
        with self._transaction() as db:
            count, records = db.execute(
                "SELECT count(*), coalesce(sum(turns), 0) FROM documents WHERE reason IS NULL"
                " AND state IN (?, ?) AND substr(document_id, 1, ?) = ?",
                (DocumentState.PLANNED, DocumentState.IN_FLIGHT, len(beginning), beginning),
            ).fetchone()
            return int(count), int(records)

    def is_doubted(self, number: int) -> bool:
        """Whether this document was sent before, and no usable answer came."""
        with self._transaction() as db:
            query = "SELECT doubt IS NOT NULL FROM documents WHERE number = ?"
            return bool(db.execute(query, (number,)).fetchone()[0])

    def retryable(self) -> int:
        """How many documents are rejected, or were and are on their way again."""
        return self._count_documents(_RETRYABLE)

    def retry_rejected(self) -> int:
        """Make rejected documents sendable again, also those an interrupted retry had in hand.

        Returns how many documents that is.
        """
        with self._transaction("retry_rejected") as db:
            self._horizon.claim_from(1)
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

    def _count_documents(self, condition: str) -> int:
        with self._transaction() as db:
            query = f"SELECT count(*) FROM documents WHERE {condition}"  # noqa: S608 - ours
            return int(db.execute(query).fetchone()[0])
