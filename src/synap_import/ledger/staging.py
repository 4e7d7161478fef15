"""How the records of a page become rows, also those whose id is known already."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from synap_import.records import Kind

from .conditions import HEX_OF_FOUR_BYTES
from .values import DocumentState

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord
    from synap_import.sources import Page

    from .database import Connection

CONFLICTING_ID = "conflicting-id"
"""Hold reason: a record with the same id and other content was there first."""

CHANGED_SINCE_SENT = "changed-since-sent"
"""Hold reason: the source has other content under this id than what was sent."""

OTHER_CONTENT = (CONFLICTING_ID, CHANGED_SINCE_SENT)
"""Hold reasons of a second record under an id; no decision of planning can change them."""

VERSION = f"CASE WHEN changed = 1 THEN {HEX_OF_FOUR_BYTES} ELSE '' END"
"""What tells a record from contents of its that went out before; nothing where none did."""

_LONGEST_PLACE = 500

# A member of a class of constants is found slowly, and this is asked of every record.
_MESSAGE = Kind.MESSAGE

Row = tuple[bytes, bytes, int, bytes | None, int | None, int | None]
"""key, digest, scope, session, said, marks"""

INSERT_RECORD = "INSERT INTO records (key, digest, page, place, scope, session, said, marks, hold)"

REPLACE_RECORD = (
    "UPDATE records SET digest = ?, page = ?, place = ?, scope = ?, session = ?,"
    " said = ?, marks = ?, document = NULL, hold = NULL WHERE number = ?"
)


def row_of(
    record: MemoryRecord, encoded: tuple[bytes, bytes], scope: int, marks: int | None = None
) -> Row:
    """What identifies a record, whose it is, and what was seen of it.

    ``scope`` is the number of its scope.
    """
    session = None
    if record.kind is Kind.MESSAGE and record.scope.session is not None:
        owner_kind, owner_id = record.scope.owner() or ("", "")
        session = key_of(owner_kind, owner_id, record.scope.session)
    return (
        key_of(record.system, record.id),
        blake2b(encoded[0], digest_size=16).digest(),
        scope,
        session,
        said_of(record) if session is None else None,
        marks,
    )


def said_of(record: MemoryRecord) -> int | None:
    """A digest of what the record says; None for a message: "yes" is said many times."""
    if record.kind is _MESSAGE:
        return None
    text = record.text.strip().encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def key_of(*parts: str) -> bytes:
    """What identifies a record, by system and id, or a conversation, by owner and session."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(joined, digest_size=16).digest()


def storable(text: str) -> str:
    """The text as SQLite can keep it: lone surrogates escaped."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


_KNOWN = """
    SELECT r.number, r.digest, r.document, d.state, old.partition = new.partition
        AND old.version <> new.version
    FROM records r JOIN pages old ON old.number = r.page JOIN pages new ON new.number = ?
    LEFT JOIN documents d ON d.number = r.document
    WHERE r.key = ?
"""

_REPLACEABLE = (None, DocumentState.PLANNED, DocumentState.REJECTED)


def stage_known(db: Connection, page_number: int, rows: list[Row]) -> tuple[int, float]:
    """Stage the rows whose id is taken by other content.

    A newer version of the same partition (a file that was mended, or read with a mended
    mapping, a list that was read again) replaces what was not sent yet or was rejected; anything
    else is held, under a key of its own.
    Returns how many were held, and the number of the first record that was replaced.
    """
    conflicting, first_replaced = 0, math.inf
    for place, (key, digest, *rest) in enumerate(rows):
        number, known, document, state, is_newer = db.execute(_KNOWN, (page_number, key)).fetchone()
        if known == digest:
            continue
        if is_newer and state in _REPLACEABLE and _unplan(db, document):
            db.execute(REPLACE_RECORD, (digest, page_number, place, *rest, number))
            first_replaced = min(first_replaced, number)
        else:
            own_key = blake2b(key + digest, digest_size=16).digest()
            conflicting += db.execute(
                f"{INSERT_RECORD} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                (own_key, digest, page_number, place, *rest, OTHER_CONTENT[is_newer]),
            ).rowcount
    return conflicting, first_replaced


def end_page(
    db: Connection, partition: int, page: Page, seen_again: int, notices: Mapping[str, int]
) -> None:
    """Keep what there is about a page beside its records, and where reading goes on."""
    db.executemany(
        "INSERT INTO notices (partition, code, count) VALUES (?, ?, ?)"
        " ON CONFLICT (partition, code) DO UPDATE SET count = notices.count + excluded.count",
        [(partition, code, count) for code, count in notices.items()],
    )
    db.executemany(
        "INSERT INTO unreadable (partition, place, reason, raw) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (partition, place)"
        " DO UPDATE SET reason = excluded.reason, raw = excluded.raw",
        [
            (partition, _shortened(storable(item.where)), storable(item.reason), storable(item.raw))
            for item in page.unreadable
        ],
    )
    db.execute(
        "UPDATE partitions SET cursor = ?, done = ?, seen_again = seen_again + ? WHERE number = ?",
        (page.cursor, int(page.cursor is None), seen_again, partition),
    )


def _shortened(place: str) -> str:
    """A place that fits into an index of PostgreSQL, and is another one where the places are."""
    if len(place) <= _LONGEST_PLACE:
        return place
    digest = blake2b(place.encode(), digest_size=8).hexdigest()
    half = _LONGEST_PLACE // 2
    return f"{place[:half]}…{place[-half:]} ({digest})"


_KEEP_DOUBTS = (
    "INSERT INTO doubts (record, document_id, doubt)"  # noqa: S608 - ours
    " SELECT r.number, d.document_id, d.doubt"
    " FROM documents d JOIN records r ON r.document = d.number"
    f" WHERE d.doubt IS NOT NULL AND d.state = '{DocumentState.PLANNED.value}'{{}}"
    " ON CONFLICT DO NOTHING"
)


def keep_doubts(db: Connection) -> None:
    """Before documents are forgotten: which records may be in Synap all the same."""
    db.execute(_KEEP_DOUBTS.format(""))


def _unplan(db: Connection, document: int | None) -> bool:
    """Make the records of an unsent document undecided; False when somebody is sending it now."""
    if document is None:
        return True
    still_there = db.execute(
        "UPDATE documents SET state = state WHERE number = ? AND state IN (?, ?)",
        (document, DocumentState.PLANNED, DocumentState.REJECTED),
    ).rowcount
    if not still_there:
        return False
    db.execute(_KEEP_DOUBTS.format(" AND d.number = ?"), (document,))
    # Records without a session have no index on their document, but they have its number.
    db.execute(
        "UPDATE records SET document = NULL WHERE number = ?1 AND document = ?1", (document,)
    )
    db.execute(
        "UPDATE records SET document = NULL WHERE document = ? AND session IS NOT NULL", (document,)
    )
    db.execute("DELETE FROM documents WHERE number = ?", (document,))
    return True


def notices_of(records: Sequence[MemoryRecord]) -> Counter[str]:
    """How often what was assumed about these records."""
    notices = Counter(code for record in records for code in record.assumptions)
    timeless = sum(record.created_at is None for record in records)
    return notices + Counter({"no-time:created_at": timeless})
