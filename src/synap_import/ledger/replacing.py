"""Documents that were sent and that no record points to any more: a newer version took their place.

They stay in the table of documents, under numbers that no record has, until their memories
are deleted in Synap; and after that, so that no id is used twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .conditions import HEX_OF_FOUR_BYTES
from .values import DocumentState, PlannedDocument

if TYPE_CHECKING:
    from .database import Connection

RETIRED_FROM = 1 << 40
"""The numbers of replaced documents begin here, behind those of all records."""

_CONVERSATION = "backfill:"
_BEGINNING = 400
"""So many characters of a document's id fit into an index of PostgreSQL."""

_FOUND_BY = f"substr(document_id, 1, {_BEGINNING})"


def retire(db: Connection, record: int) -> None:
    """Make all records of this record's document undecided, because one of them changed or went.

    A document that is, or may be, in Synap is kept aside; its records go out under other ids.
    """
    row = db.execute(
        "SELECT d.number, d.document_id, d.state, d.doubt, d.memory_ids IS NOT NULL"
        " FROM records r JOIN documents d ON d.number = r.document WHERE r.number = ?",
        (record,),
    ).fetchone()
    if row is None:
        _keep_doubt(db, record)
        return
    document, _, state, doubt, has_memories = row
    members = _members(db, document)
    after = _after(DocumentState(state), doubt=doubt is not None, has_memories=has_memories)
    if after is None:
        db.execute("DELETE FROM documents WHERE number = ?", (document,))
    else:
        _set_aside(db, document, members, after)
    db.executemany(
        "UPDATE records SET document = NULL, changed = CASE WHEN ? = 1 THEN 1 ELSE changed END"
        " WHERE number = ?",
        [(int(after is not None), member) for member in members],
    )
    db.executemany("DELETE FROM doubts WHERE record = ?", [(member,) for member in members])


def _after(state: DocumentState, *, doubt: bool, has_memories: bool) -> DocumentState | None:
    """What becomes of a document that is replaced; None when nothing of it is in Synap."""
    match state:
        case DocumentState.LOADED:
            return DocumentState.REPLACED
        case DocumentState.REJECTED if has_memories:
            return DocumentState.REPLACED
        case DocumentState.ALREADY_THERE | DocumentState.IN_DOUBT | DocumentState.IN_FLIGHT:
            return DocumentState.LEFT_BEHIND
    return DocumentState.LEFT_BEHIND if doubt else None


def _set_aside(db: Connection, document: int, members: Sequence[int], state: DocumentState) -> None:
    number = _next_number(db)
    db.executemany(
        "INSERT INTO replaced (document, record) VALUES (?, ?)",
        [(number, member) for member in members],
    )
    db.execute(
        "UPDATE documents SET number = ?, state = ? WHERE number = ?", (number, state, document)
    )


def _keep_doubt(db: Connection, record: int) -> None:
    """A record without a document may have been sent under a plan that is void."""
    row = db.execute("SELECT document_id, doubt FROM doubts WHERE record = ?", (record,)).fetchone()
    if row is None:
        return
    number = _next_number(db)
    is_new = db.execute(
        "INSERT INTO documents (number, document_id, turns, state, doubt) VALUES (?, ?, 1, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (number, row[0], DocumentState.LEFT_BEHIND, row[1]),
    ).rowcount
    if is_new:
        db.execute("INSERT INTO replaced (document, record) VALUES (?, ?)", (number, record))
    else:
        # Another turn of the same document came here first, or a later plan has its id again.
        db.execute(
            "UPDATE documents SET doubt = coalesce(doubt, ?) WHERE document_id = ?",
            (row[1], row[0]),
        )
    db.execute("UPDATE records SET changed = 1 WHERE number = ?", (record,))
    db.execute("DELETE FROM doubts WHERE record = ?", (record,))


def _members(db: Connection, document: int) -> list[int]:
    # Records without a session have no index on their document, but they have its number.
    rows = db.execute(
        "SELECT number FROM records WHERE number = ?1 AND document = ?1 UNION"
        " SELECT number FROM records WHERE document = ?1 AND session IS NOT NULL ORDER BY 1",
        (document,),
    )
    return [number for (number,) in rows]


def _next_number(db: Connection) -> int:
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM documents").fetchone()
    return max(RETIRED_FROM, int(last) + 1)


def under_unused_ids(
    db: Connection, documents: Sequence[PlannedDocument]
) -> Sequence[PlannedDocument]:
    """The documents, under ids that no replaced document had.

    What came back, or changed back, would else be called a duplicate of what was deleted. And
    where a turn came into the middle of a conversation, later ones count from another place
    than they did.
    """
    return [one._replace(document_id=_unused(db, one)) for one in documents]


def _unused(db: Connection, document: PlannedDocument) -> str:
    document_id = document.document_id
    if document_id.startswith(_CONVERSATION) and _is_of_same_conversation(db, document):
        document_id = f"{document_id}~{_version(db, document.number)}"
    (used,) = db.execute(
        "SELECT count(*) FROM documents WHERE number >= ? AND (document_id = ?"  # noqa: S608 - ours
        " OR (document_id > ? AND document_id < ?))"
        f" AND {_FOUND_BY} >= ? AND {_FOUND_BY} < ?",
        (
            RETIRED_FROM,
            document_id,
            f"{document_id}.",
            f"{document_id}/",
            document_id[:_BEGINNING],
            f"{document_id[:_BEGINNING]}/",
        ),
    ).fetchone()
    return f"{document_id}.{used + 1}" if used else document_id


def _is_of_same_conversation(db: Connection, document: PlannedDocument) -> bool:
    """Whether a document of now has this id already, and other turns of the conversation."""
    taken = db.execute(
        "SELECT 1 FROM documents d JOIN records other ON other.number = d.number"
        " JOIN records own ON own.number = ?1 AND own.session = other.session"
        " WHERE d.document_id = ?2 AND d.number <> ?1",
        (document.number, document.document_id),
    )
    return taken.fetchone() is not None


def _version(db: Connection, record: int) -> str:
    (version,) = db.execute(
        f"SELECT {HEX_OF_FOUR_BYTES} FROM records WHERE number = ?",  # noqa: S608 - ours
        (record,),
    ).fetchone()
    return str(version)
