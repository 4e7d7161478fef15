"""Rolling a job back: which documents are its own, and which of their memories are gone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from synap_import.transcripts import TRANSCRIPT

from . import confirmations
from .conditions import IS_COMPLETED, OF_USER, OPEN, counts
from .replacing import RETIRED_FROM
from .staging import storable
from .values import Confirmation, DocumentState, RollbackOutlook, Undoable, Undone

if TYPE_CHECKING:
    from .database import Connection, Transaction

_LOADED = f"state IN ('{DocumentState.LOADED}', '{DocumentState.REPLACED}')"
_ROLLING_BACK = f"state = '{DocumentState.ROLLING_BACK}'"
_ALREADY_THERE = f"state = '{DocumentState.ALREADY_THERE}'"

# An ingestion that failed may have left memories all the same.
_OURS = (
    f"({_LOADED} OR {_ROLLING_BACK}"
    f" OR (state = '{DocumentState.REJECTED}' AND memory_ids IS NOT NULL))"
)
_NAMED = f"({_OURS} AND unnamed = 0 AND (memory_ids IS NOT NULL OR {IS_COMPLETED}))"
_TO_ASK = (
    f"({_LOADED} AND ingestion_id IS NOT NULL"
    f" AND (confirmation IS NULL OR confirmation IN ({OPEN})))"
)
_FAILED = (
    f"(state = '{DocumentState.REJECTED}' AND coalesce(confirmation, '') = '{Confirmation.FAILED}'"
    " AND memory_ids IS NULL)"
)
_IS_TRANSCRIPT = f"substr(document_id, 1, {len(TRANSCRIPT)}) = '{TRANSCRIPT}'"

# Of a replaced document no record depends: it may be there in part, and nothing waits for it.
_IS_REPLACED = f"number >= {RETIRED_FROM}"
_AFTER = (
    f"CASE WHEN {_IS_REPLACED} THEN '{DocumentState.REMOVED}'"
    f" ELSE '{DocumentState.ROLLED_BACK}' END"
)


class Undoing:
    """What a rollback asks, and what it writes down. Every method is one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def outlook(self, user_id: str | None = None) -> RollbackOutlook:
        """What a rollback of the job, or of what went to this user, can do."""
        with self._transaction() as db:
            columns = counts(
                _TO_ASK,
                f"{_LOADED} AND NOT {_NAMED} AND NOT {_TO_ASK}",
                _ALREADY_THERE,
                f"{_ALREADY_THERE} AND doubt IS NOT NULL",
                f"state IN ('{DocumentState.IN_FLIGHT}', '{DocumentState.IN_DOUBT}')"
                f" OR (state = '{DocumentState.PLANNED}' AND doubt IS NOT NULL)",
                f"({_NAMED} OR {_TO_ASK}) AND doubt IS NOT NULL AND NOT {_IS_TRANSCRIPT}",
                "undeleted IS NOT NULL",
                f"state = '{DocumentState.ROLLED_BACK}'",
                f"({_NAMED} OR {_TO_ASK}) AND {_IS_TRANSCRIPT}",
                _FAILED,
            )
            counted = db.execute(
                f"SELECT count(*) FILTER (WHERE {_NAMED}),"  # noqa: S608 - ours
                " coalesce(sum(json_array_length(memory_ids))"
                f" FILTER (WHERE {_NAMED}), 0), {columns} FROM documents WHERE {OF_USER}",
                (user_id,),
            ).fetchone()
            return RollbackOutlook(*counted)

    def next(self, behind: int, limit: int, *, user_id: str | None = None) -> list[Undoable]:
        """The next documents (of a user), behind this number, whose memories are known."""
        with self._transaction() as db:
            rows = db.execute(
                f"SELECT number, document_id, memory_ids, {_ROLLING_BACK} FROM documents"  # noqa: S608 - ours
                f" WHERE number > ? AND {_NAMED} AND {OF_USER} ORDER BY number LIMIT ?",
                (behind, user_id, limit),
            )
            return [
                Undoable(number, document_id, tuple(json.loads(ids or "[]")), bool(begun))
                for number, document_id, ids, begun in rows
            ]

    def begin(self, numbers: Sequence[int]) -> None:
        """Write down that memories of these are about to be deleted."""
        with self._transaction("begin_undoing") as db:
            db.executemany(
                f"UPDATE documents SET state = CASE WHEN {_IS_REPLACED} THEN state ELSE ? END,"  # noqa: S608
                " undeleted = NULL WHERE number = ?",
                [(DocumentState.ROLLING_BACK, number) for number in numbers],
            )

    def end(self, outcomes: Sequence[Undone]) -> None:
        """Write down which memories are gone; a document without any is rolled back."""
        with self._transaction("end_undoing") as db:
            end(db, outcomes)

    def unfinished(self) -> int:
        """How many documents have lost, or may have lost, a part of their memories."""
        with self._transaction() as db:
            query = f"SELECT count(*) FROM documents WHERE {_ROLLING_BACK}"  # noqa: S608 - ours
            return int(db.execute(query).fetchone()[0])

    def failures(self, limit: int) -> list[tuple[str, str]]:
        """Document id and reason of the first documents whose memories could not be deleted."""
        with self._transaction() as db:
            return db.execute(
                "SELECT document_id, undeleted FROM documents WHERE undeleted IS NOT NULL"
                " ORDER BY number LIMIT ?",
                (limit,),
            ).fetchall()

    def customers_of(self, user_id: str) -> list[str | None]:
        """Under which customers documents of this user were sent."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT DISTINCT customer_id FROM documents WHERE user_id = ?"
                " ORDER BY 1 NULLS FIRST",
                (user_id,),
            )
            return [customer_id for (customer_id,) in rows]

    def wiped(self, user_id: str, customer_id: str | None) -> None:
        """Write down that nothing of this user is left in Synap, whoever brought it."""
        with self._transaction("wiped") as db:
            db.execute(
                f"UPDATE documents SET state = {_AFTER}, memory_ids = NULL, undeleted = NULL"  # noqa: S608
                " WHERE user_id = ? AND coalesce(customer_id, '') = coalesce(?, '')"
                f" AND ({_OURS} OR {_ALREADY_THERE}"
                f" OR state = '{DocumentState.LEFT_BEHIND}')",
                (user_id, customer_id),
            )


def end(db: Connection, outcomes: Sequence[Undone]) -> None:
    """Keep which memories remain. Documents of failed ingestions go back to where they were."""
    before = (
        f"CASE WHEN confirmation = '{Confirmation.FAILED}' THEN '{DocumentState.REJECTED}'"
        f" ELSE '{DocumentState.LOADED}' END"
    )
    db.executemany(
        "UPDATE documents SET memory_ids = ?2, undeleted = ?3, state = CASE"  # noqa: S608 - ours
        f" WHEN CAST(?2 AS TEXT) IS NULL THEN {_AFTER}"
        f" WHEN {_IS_REPLACED} THEN '{DocumentState.REPLACED}'"
        " WHEN CAST(?3 AS TEXT) IS NULL AND ?4 = 1"
        f" THEN '{DocumentState.ROLLING_BACK}' ELSE {before} END WHERE number = ?1",
        [
            (
                one.number,
                json.dumps(one.remaining) if one.remaining else None,
                storable(one.reason) if one.remaining and one.reason else None,
                int(one.begun),
            )
            for one in outcomes
        ],
    )


def forget(db: Connection) -> int:
    """Make undecided what was rolled back; returns how many records that is."""
    (first,) = db.execute(
        "SELECT min(number) FROM documents WHERE state = ?", (DocumentState.ROLLED_BACK,)
    ).fetchone()
    if first is None:
        return 0
    confirmations.consider_again(db, first)
    records = db.execute(
        "UPDATE records SET document = NULL WHERE document IN"
        " (SELECT number FROM documents WHERE state = ?)",
        (DocumentState.ROLLED_BACK,),
    ).rowcount
    db.execute("DELETE FROM documents WHERE state = ?", (DocumentState.ROLLED_BACK,))
    return records
