"""What became of records, counted by whose they are and by what Synap said: for reports."""

from __future__ import annotations

import sqlite3

from .values import DocumentState, OfOwner, Owners

_IN_DOUBT = f"(d.state = '{DocumentState.IN_DOUBT}' OR x.record IS NOT NULL)"


def owners(db: sqlite3.Connection, limit: int) -> Owners:
    """See the interface."""
    rows = db.execute(
        "SELECT s.owner_kind, s.owner_id, count(*),"  # noqa: S608 - ours
        f" total(d.state = '{DocumentState.LOADED}'),"
        f" total(d.state = '{DocumentState.ALREADY_THERE}'),"
        " total(r.hold IS NOT NULL AND x.record IS NULL),"
        f" total(d.state = '{DocumentState.REJECTED}'), total({_IN_DOUBT}),"
        f" total(d.state = '{DocumentState.ROLLED_BACK}'),"
        " min(d.user_id), count(DISTINCT d.user_id), count(*) OVER ()"
        " FROM records r JOIN scopes s ON s.number = r.scope"
        " LEFT JOIN documents d ON d.number = r.document"
        # A doubt about a record that is planned again says nothing about its state of now.
        " LEFT JOIN doubts x ON x.record = r.number AND r.hold IS NOT NULL"
        " GROUP BY s.owner_kind, s.owner_id ORDER BY 3 DESC, 1, 2 LIMIT ?",
        (limit,),
    ).fetchall()
    # total() counts in floating point.
    most = [OfOwner._make((*row[:2], *map(int, row[2:9]), *row[9:11])) for row in rows]
    return Owners(rows[0][-1] if rows else 0, most)


def confirmed_records(db: sqlite3.Connection) -> dict[str, int]:
    """See the interface."""
    return dict(
        db.execute(
            "SELECT iif(ingestion_id IS NULL, '', coalesce(confirmation, '')), sum(turns)"
            " FROM documents WHERE state = ? GROUP BY 1",
            (DocumentState.LOADED,),
        ).fetchall()
    )
