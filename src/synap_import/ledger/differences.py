"""What a re-sync found to differ from what was loaded: documents replaced, and records gone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import confirmations, rounds, undoing
from .conditions import IS_COMPLETED, OF_USER, OPEN, counts
from .replacing import RETIRED_FROM
from .values import (
    Confirmable,
    Confirmation,
    DocumentState,
    Gone,
    Ingested,
    Replaced,
    Undoable,
    Undone,
)

if TYPE_CHECKING:
    from .database import Connection, Transaction
    from .payload import RecordAt

# Only the source itself decides that a record is no memory any more, not options of a run.
_NO_MEMORY = f"(r.hold IN ('{rounds.GONE}', 'empty-text') OR r.hold LIKE 'state-%')"

# An id that comes from new content cannot be there unless it was sent without an answer, so Synap
# may mean the memory that it has of the older version.
_IS_OLDER_ONE = (
    f"(n.state = '{DocumentState.ALREADY_THERE}' AND n.doubt IS NULL AND n.memory_ids IS NULL)"
)
_SUCCESSOR_IS_WELL = (
    f"n.state IN ('{DocumentState.LOADED}', '{DocumentState.ALREADY_THERE}')"
    f" AND coalesce(n.confirmation, '') NOT IN ({OPEN}) AND NOT {_IS_OLDER_ONE}"
)

# Every record of the document is in another one that Synap took, or is no memory any more.
_DUE = (
    f"d.number >= {RETIRED_FROM} AND d.state = '{DocumentState.REPLACED}' AND NOT EXISTS ("  # noqa: S608
    " SELECT 1 FROM replaced p JOIN records r ON r.number = p.record"
    " LEFT JOIN documents n ON n.number = r.document"
    f" WHERE p.document = d.number AND ({_SUCCESSOR_IS_WELL} OR {_NO_MEMORY}) IS NOT TRUE)"
)
_IS_PERHAPS_NEEDED = (
    f"(d.state = '{DocumentState.REPLACED}' AND EXISTS (SELECT 1 FROM replaced p"  # noqa: S608
    " JOIN records r ON r.number = p.record JOIN documents n ON n.number = r.document"
    f" WHERE p.document = d.number AND {_IS_OLDER_ONE}))"
)
_NAMED = f"(d.unnamed = 0 AND (d.memory_ids IS NOT NULL OR {IS_COMPLETED}))"
_TO_ASK = (
    "(d.ingestion_id IS NOT NULL AND d.memory_ids IS NULL"
    f" AND (d.confirmation IS NULL OR d.confirmation IN ({OPEN})))"
)
_ASKED = f"{_DUE} AND {_TO_ASK} AND d.confirmation IS NOT NULL"


class Differences:
    """What a re-sync found, and what is to be done about it. Every method is one transaction."""

    def __init__(self, transaction: Transaction, record: RecordAt) -> None:
        self._transaction = transaction
        self._record = record

    def gone(self, examples: int = 5) -> Gone:
        """What the source does not have any more."""
        with self._transaction("read") as db:
            return _gone(db, self._record, examples)

    def mirror(self) -> int:
        """Give up the documents whose records are gone; their other records are planned anew.

        Returns how many documents that is.
        """
        there = (DocumentState.LOADED, DocumentState.ALREADY_THERE, DocumentState.IN_DOUBT)
        with self._transaction("mirror") as db:
            return rounds.hold_gone(db, rounds.last_full(db), there)

    def replaced(self, examples: int = 5) -> Replaced:
        """What is to be removed from Synap, and what is not."""
        with self._transaction("read") as db:
            return _replaced(db, examples)

    def ask_about_replaced(self) -> int:
        """Mark what can be removed and whose memories are not known; returns how many."""
        with self._transaction("ask_about_replaced") as db:
            return db.execute(
                "UPDATE documents AS d SET confirmation = coalesce(confirmation, ?)"  # noqa: S608
                f" WHERE {_DUE} AND {_TO_ASK}",
                (Confirmation.WAITING,),
            ).rowcount

    def unconfirmed(
        self, behind: int, limit: int, *, user_id: str | None = None
    ) -> list[Confirmable]:
        """The next marked documents behind this number, that are not finished."""
        with self._transaction("read") as db:
            rows = db.execute(
                "SELECT number, ingestion_id, confirmation FROM documents d"  # noqa: S608 - ours
                f" WHERE number > ? AND {_ASKED} AND {OF_USER}"
                " ORDER BY number LIMIT ?",
                (behind, user_id, limit),
            )
            return [Confirmable(number, one, Confirmation(was)) for number, one, was in rows]

    def confirm(self, answers: Sequence[tuple[int, Ingested]]) -> None:
        """Write what Synap said about documents."""
        with self._transaction("confirm") as db:
            confirmations.confirm(db, answers)

    def removable(self, behind: int, limit: int) -> list[Undoable]:
        """The next documents, behind this number, that can be removed."""
        with self._transaction("read") as db:
            rows = db.execute(
                "SELECT number, document_id, memory_ids FROM documents d"  # noqa: S608 - ours
                f" WHERE number > ? AND {_DUE} AND {_NAMED} ORDER BY number LIMIT ?",
                (behind, limit),
            )
            return _sparing_others(
                db,
                [
                    Undoable(number, document_id, tuple(json.loads(ids or "[]")))
                    for number, document_id, ids in rows
                ],
            )

    def end_removing(self, outcomes: Sequence[Undone]) -> None:
        """Write down which memories are gone."""
        with self._transaction("end_removing") as db:
            undoing.end(db, outcomes)


def _sparing_others(db: Connection, documents: Sequence[Undoable]) -> list[Undoable]:
    """Without memories that Synap also names for a document of now: it may have merged them."""
    names = [name for document in documents for name in document.memory_ids]
    rows = db.execute(
        "SELECT DISTINCT m.value FROM documents d, json_each(d.memory_ids) m"  # noqa: S608 - ours
        f" WHERE d.number < {RETIRED_FROM} AND d.memory_ids IS NOT NULL AND d.state IN"
        f" ('{DocumentState.LOADED}', '{DocumentState.ALREADY_THERE}')"
        " AND m.value IN (SELECT value FROM json_each(?))",
        (json.dumps(names),),
    )
    shared = {name for (name,) in rows}
    return [
        one._replace(memory_ids=tuple(name for name in one.memory_ids if name not in shared))
        for one in documents
    ]


def _gone(db: Connection, record: RecordAt, examples: int) -> Gone:
    full = rounds.last_full(db)
    records, known = db.execute(
        "SELECT count(*) FILTER (WHERE round < ?), count(*) FROM records", (full,)
    ).fetchone()
    there = (
        "FROM records r JOIN documents d ON d.number = r.document"
        f" WHERE r.round < ? AND d.state IN ('{DocumentState.LOADED}',"
        f" '{DocumentState.ALREADY_THERE}', '{DocumentState.IN_DOUBT}')"
    )
    (in_synap,) = db.execute(f"SELECT count(*) {there}", (full,)).fetchone()
    places = db.execute(
        f"SELECT r.page, r.place {there} ORDER BY r.number LIMIT ?",
        (full, examples),
    ).fetchall()
    ids = tuple(record(db, page, place).id for page, place in places)
    return Gone(records, in_synap, known, ids)


def _replaced(db: Connection, examples: int) -> Replaced:
    kept = (
        f"({_DUE} AND NOT {_NAMED} AND NOT {_TO_ASK} OR d.undeleted IS NOT NULL"
        f" OR {_IS_PERHAPS_NEEDED})"
    )
    columns = counts(
        _DUE,
        f"{_DUE} AND {_TO_ASK}",
        f"d.state = '{DocumentState.REPLACED}' AND NOT ({_DUE})",
        kept,
        f"d.state = '{DocumentState.LEFT_BEHIND}'",
    )
    to_remove, to_ask, waiting, kept_there, not_ours = db.execute(
        f"SELECT {columns} FROM documents d WHERE d.number >= {RETIRED_FROM}"  # noqa: S608 - ours
    ).fetchone()
    ids = db.execute(
        f"SELECT document_id FROM documents d WHERE d.number >= {RETIRED_FROM}"  # noqa: S608 - ours
        f" AND (d.state = '{DocumentState.LEFT_BEHIND}' OR {kept}) ORDER BY number LIMIT ?",
        (examples,),
    )
    examples_of_both = tuple(one for (one,) in ids)
    return Replaced(to_remove, to_ask, waiting, kept_there, not_ours, examples_of_both)
