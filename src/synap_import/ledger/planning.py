"""Planning: records without a decision, and the decisions about them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from . import findings, plans, undoing
from .notes import note, noted
from .staging import OTHER_CONTENT, VERSION
from .values import Origin, StagedRecord

if TYPE_CHECKING:
    from .database import Transaction
    from .horizon import Horizon
    from .recent_pages import RecentPages
    from .values import PlannedDocument


class Planning:
    """Every method is one transaction."""

    def __init__(self, transaction: Transaction, pages: RecentPages, horizon: Horizon) -> None:
        self._transaction = transaction
        self._pages = pages
        self._horizon = horizon

    def replan(self, plan: str) -> int:
        """Forget holds and what did not arrive when ``plan`` is not the plan they came from.

        That is unsent documents, and rejected ones: a rule may have been why; and what the
        pre-flight found. What was rolled back is forgotten under any plan, so that it is sent once
        more. Returns how many records are to be planned again.
        """
        with self._transaction("replan") as db:
            self._horizon.plan_from(1)
            undone = undoing.forget(db)
            if noted(db, "plan") == plan:
                return undone
            note(db, "plan", plan)
            findings.keep(db, (), Origin.PREFLIGHT)
            return undone + plans.forget(db)

    def unplanned(self, limit: int) -> list[StagedRecord]:
        """The next records that are not part of conversations and have no decision yet."""
        with self._transaction() as db:
            rows = db.execute(
                f"SELECT number, page, place, {VERSION} FROM records WHERE number > ?"  # noqa: S608
                " AND session IS NULL"
                " AND document IS NULL AND hold IS NULL ORDER BY number LIMIT ?",
                (self._horizon.planned, limit),
            ).fetchall()
            if rows:
                self._horizon.has_planned(rows[-1][0])
            return [
                StagedRecord(number, self._pages.record(db, page, place), version=version)
                for number, page, place, version in rows
            ]

    def unplanned_conversations(self) -> Iterator[list[StagedRecord]]:
        """Each conversation with undecided messages, one by one, whole, in staged order."""
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
                        number,
                        self._pages.record(db, page, place),
                        bool(planned),
                        bool(held),
                        version,
                    )
                    for number, page, place, planned, held, version in rows
                ]
            yield turns

    def plan(self, documents: Sequence[PlannedDocument], holds: Sequence[tuple[int, str]]) -> None:
        """Write decisions: documents to send, and record numbers held with a reason."""
        with self._transaction("plan") as db:
            documents = plans.write(db, documents, holds)
            # Conversations are planned behind all else, and mended records in their old place.
            self._horizon.claim_from(min((d.number for d in documents), default=math.inf))

    def names_customers(self) -> bool:
        """Whether any document goes to a customer."""
        with self._transaction() as db:
            query = "SELECT 1 FROM documents WHERE customer_id IS NOT NULL LIMIT 1"
            return db.execute(query).fetchone() is not None
