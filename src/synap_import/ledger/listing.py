"""Everything of one sort in a ledger, one by one, whatever its number: memory stays flat."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from synap_import.sources import Unreadable

from .payload import unpack, unpack_lines
from .values import DocumentState, Identified, Undelivered

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord

    from .database import Connection, Transaction

NO_REASON = "no reason given"

_ROWS_AT_ONCE = 500
# A page with its raw objects is larger than what loading keeps; documents mostly follow pages.
_PAGES_IN_MEMORY = 2


class Listing:
    """All of one sort, for files that people take away."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def lines(self) -> Iterator[bytes]:
        """Every record as a line of an export file, without the line's end, in staged order."""
        return _list_lines(self._transaction)

    def identified(self) -> Iterator[Identified]:
        """Every record, in staged order, with what it became."""
        return _list_identified(self._transaction)

    def undelivered(self, state: DocumentState) -> Iterator[Undelivered]:
        """Each document in this state, with the raw objects of its records."""
        return _list_undelivered(self._transaction, state)

    def unreadable(self) -> Iterator[Unreadable]:
        """All items that could not become records."""
        return _list_unreadable(self._transaction)


def _list_unreadable(transaction: Transaction) -> Iterator[Unreadable]:
    """All items that could not become records."""
    behind = (0, "")
    while True:
        with transaction() as db:
            rows = db.execute(
                "SELECT partition, place, reason, raw FROM unreadable"
                " WHERE (partition, place) > (?, ?) ORDER BY partition, place LIMIT ?",
                (*behind, _ROWS_AT_ONCE),
            ).fetchall()
        if not rows:
            return
        for _, *item in rows:
            yield Unreadable(*item)
        behind = rows[-1][:2]


def _list_undelivered(transaction: Transaction, state: DocumentState) -> Iterator[Undelivered]:
    """All documents in a state, with their records as they came."""
    pages = Pages(transaction)
    behind = 0
    while True:
        with transaction() as db:
            rows = db.execute(
                "SELECT number, document_id,"
                " coalesce(CASE WHEN state = ? THEN doubt ELSE reason END, ?), attempts,"
                " turns FROM documents WHERE number > ? AND state = ? ORDER BY number LIMIT ?",
                (DocumentState.IN_DOUBT, NO_REASON, behind, state, _ROWS_AT_ONCE),
            ).fetchall()
        if not rows:
            return
        for number, document_id, reason, attempts, turns in rows:
            records = tuple(pages.records_of(number, turns))
            yield Undelivered(document_id, reason, attempts, records)
        behind = rows[-1][0]


def _list_lines(transaction: Transaction) -> Iterator[bytes]:
    """All records as lines of an export file, in the order in which they came."""
    behind, kept_page, lines = 0, None, list[bytes]()
    while True:
        with transaction() as db:
            rows = db.execute(
                "SELECT number, page, place FROM records WHERE number > ? ORDER BY number LIMIT ?",
                (behind, _ROWS_AT_ONCE),
            ).fetchall()
        if not rows:
            return
        for _, page, place in rows:
            if page != kept_page:
                with transaction() as db:
                    lines = unpack_lines(_payload(db, page))
                kept_page = page
            yield lines[place]
        behind = rows[-1][0]


_IDENTIFIED = """
    SELECT r.number, r.page, r.place, r.hold,
        CASE WHEN r.hold IS NOT NULL AND x.record IS NOT NULL THEN 'in_doubt' ELSE d.state END,
        CASE WHEN r.hold IS NOT NULL THEN x.doubt
            WHEN d.state = 'in_doubt' THEN d.doubt ELSE d.reason END,
        coalesce(d.document_id, x.document_id), d.ingestion_id, d.memory_ids
    FROM records r LEFT JOIN documents d ON d.number = r.document
    LEFT JOIN doubts x ON x.record = r.number
    WHERE r.number > ? ORDER BY r.number LIMIT ?
"""


def _list_identified(transaction: Transaction) -> Iterator[Identified]:
    """All records in the order in which they came, with the documents that they are in."""
    pages = Pages(transaction, with_raw=False)
    behind = 0
    while True:
        with transaction() as db:
            rows = db.execute(_IDENTIFIED, (behind, _ROWS_AT_ONCE)).fetchall()
        if not rows:
            return
        for _, page, place, hold, state, reason, document_id, ingestion_id, memory_ids in rows:
            yield Identified(
                pages.page(page)[place],
                hold,
                state or "",
                reason,
                document_id,
                ingestion_id,
                tuple(json.loads(memory_ids or "[]")),
            )
        behind = rows[-1][0]


class Pages:
    """The pages that were read last, with the raw objects where they are wanted."""

    def __init__(self, transaction: Transaction, *, with_raw: bool = True) -> None:
        self._transaction = transaction
        self._with_raw = with_raw
        self._pages: OrderedDict[int, list[MemoryRecord]] = OrderedDict()

    def records_of(self, document: int, turns: int) -> Iterator[MemoryRecord]:
        """The records that a document is made of, in the order in which they were staged."""
        # Records without a session have no index on their document, but they have its number.
        belongs = "document = ? AND session IS NOT NULL" if turns > 1 else "number = ?"
        with self._transaction() as db:
            places = db.execute(
                f"SELECT page, place FROM records WHERE {belongs} ORDER BY number",  # noqa: S608
                (document,),
            ).fetchall()
        for page, place in places:
            yield self.page(page)[place]

    def page(self, number: int) -> list[MemoryRecord]:
        """The records of a page."""
        records = self._pages.get(number)
        if records is None:
            with self._transaction() as db:
                payload = _payload(db, number)
            records = self._pages[number] = unpack(payload, with_raw=self._with_raw)
            if len(self._pages) > _PAGES_IN_MEMORY:
                self._pages.popitem(last=False)
        return records


def _payload(db: Connection, page: int) -> bytes:
    (payload,) = db.execute("SELECT payload FROM pages WHERE number = ?", (page,)).fetchone()
    return bytes(payload)
