"""What became of records, counted by whose they are and by what Synap said: for reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conditions import counts
from .values import DocumentState, OfOwner, Owners

if TYPE_CHECKING:
    from .database import Transaction


class Outcomes:
    """What became of records, for reports. Every method is one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def owners(self, limit: int) -> Owners:
        """How many owners the records have, and what became of those with most records."""
        with self._transaction() as db:
            states = counts(
                f"d.state = '{DocumentState.LOADED}'",
                f"d.state = '{DocumentState.ALREADY_THERE}'",
                "r.hold IS NOT NULL AND x.record IS NULL",
                f"d.state = '{DocumentState.REJECTED}'",
                f"(d.state = '{DocumentState.IN_DOUBT}' OR x.record IS NOT NULL)",
                f"d.state = '{DocumentState.ROLLED_BACK}'",
            )
            rows = db.execute(
                f"SELECT s.owner_kind, s.owner_id, count(*), {states},"  # noqa: S608 - ours
                " min(d.user_id), count(DISTINCT d.user_id), count(*) OVER ()"
                " FROM records r JOIN scopes s ON s.number = r.scope"
                " LEFT JOIN documents d ON d.number = r.document"
                # A doubt about a record that is planned again says nothing about its state of now.
                " LEFT JOIN doubts x ON x.record = r.number AND r.hold IS NOT NULL"
                " GROUP BY s.owner_kind, s.owner_id ORDER BY 3 DESC, 1 NULLS FIRST, 2 LIMIT ?",
                (limit,),
            ).fetchall()
            most = [OfOwner._make(row[:11]) for row in rows]
            return Owners(rows[0][-1] if rows else 0, most)

    def confirmed_records(self) -> dict[str, int]:
        """Loaded records by what Synap said of their document, empty where it was not asked."""
        with self._transaction() as db:
            return dict(
                db.execute(
                    "SELECT CASE WHEN ingestion_id IS NULL THEN ''"
                    " ELSE coalesce(confirmation, '') END, sum(turns)"
                    " FROM documents WHERE state = ? GROUP BY 1",
                    (DocumentState.LOADED,),
                ).fetchall()
            )
