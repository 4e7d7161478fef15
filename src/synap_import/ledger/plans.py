"""What planning decided, written into the tables, and forgotten when the plan is another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import replacing, rounds
from .staging import OTHER_CONTENT, keep_doubts
from .values import DocumentState, PlannedDocument

if TYPE_CHECKING:
    from .database import Connection

DOCUMENT_ID_TAKEN = "document-id-taken"
"""Hold reason: another conversation was there first with the same document id."""

# A document that is planned anew is as doubtful as the one before it.
_DOUBT_AGAIN = (
    "UPDATE documents SET doubt = (SELECT x.doubt FROM doubts x WHERE x.record = number)"
    " WHERE doubt IS NULL AND number IN (SELECT record FROM doubts)"
)


def forget(db: Connection) -> int:
    """Make undecided what was held, not sent or rejected; returns how many records that is."""
    keep_doubts(db)
    planned = db.execute(
        "UPDATE records SET document = NULL WHERE document IN"
        " (SELECT number FROM documents WHERE state IN (?, ?))",
        (DocumentState.PLANNED, DocumentState.REJECTED),
    ).rowcount
    db.execute(
        "DELETE FROM documents WHERE state IN (?, ?)",
        (DocumentState.PLANNED, DocumentState.REJECTED),
    )
    held = db.execute(
        "UPDATE records SET hold = NULL WHERE hold IS NOT NULL AND hold NOT IN (?, ?, ?)",
        (*OTHER_CONTENT, rounds.GONE),
    ).rowcount
    return planned + held


def write(
    db: Connection,
    documents: Sequence[PlannedDocument],
    holds: Sequence[tuple[int, str]],
) -> Sequence[PlannedDocument]:
    """Keep documents and holds; returns the documents whose id was not taken."""
    if rounds.current(db):
        documents = replacing.under_unused_ids(db, documents)
    written = db.executemany(
        "INSERT INTO documents (number, document_id, user_id, customer_id, turns, state)"
        " VALUES (?, ?, ?, ?, ?, 'planned') ON CONFLICT DO NOTHING",
        [(d.number, d.document_id, d.user_id, d.customer_id, len(d.records)) for d in documents],
    ).rowcount
    if written < len(documents):
        documents, taken = _separate_taken(db, documents)
        holds = [*holds, *taken]
    _join_records(db, documents)
    db.executemany(
        "UPDATE records SET hold = ? WHERE number = ?",
        [(reason, number) for number, reason in holds],
    )
    if db.execute("SELECT 1 FROM doubts LIMIT 1").fetchone():
        db.execute(_DOUBT_AGAIN)
    return documents


def _join_records(db: Connection, documents: Sequence[PlannedDocument]) -> None:
    """Note with each record which document it is in; most are documents of their own."""
    own = [d.number for d in documents if len(d.records) == 1]
    between = (min(own, default=0), max(own, default=0))
    if between[1] - between[0] == len(own) - 1:
        db.execute("UPDATE records SET document = number WHERE number BETWEEN ? AND ?", between)
        documents = [d for d in documents if len(d.records) > 1]
    db.executemany(
        "UPDATE records SET document = ? WHERE number = ?",
        [(d.number, number) for d in documents for number in d.records],
    )


def _separate_taken(
    db: Connection, documents: Sequence[PlannedDocument]
) -> tuple[list[PlannedDocument], list[tuple[int, str]]]:
    """The documents that are in the table, and holds for the records of the others."""
    kept, holds = [], []
    for document in documents:
        known = db.execute("SELECT 1 FROM documents WHERE number = ?", (document.number,))
        if known.fetchone():
            kept.append(document)
        else:
            holds += [(number, DOCUMENT_ID_TAKEN) for number in document.records]
    return kept, holds
