"""What became of the items of a job, counted and listed for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import.sources import Unreadable

from . import confirmations, rounds
from .replacing import RETIRED_FROM
from .values import Books, DocumentState

if TYPE_CHECKING:
    from .database import Connection, Transaction

# A record whose document was sent with unknown outcome, and which the plan of today would hold.
_HELD_IN_DOUBT = "FROM doubts WHERE (SELECT hold FROM records WHERE number = record) IS NOT NULL"

# Each of the two tables is gone through once; what is in few jobs is looked for in these alone.
_OF_RECORDS = """
    SELECT count(*), count(hold), count(CASE WHEN document IS NULL AND hold IS NULL THEN 1 END),
        count(CASE WHEN abs(round) < ? THEN 1 END)
    FROM records
"""
_OF_DOCUMENTS = (
    "SELECT state, count(*), sum(turns), count(confirmation) FROM documents GROUP BY state"
)


class Accounting:
    """Counts and first examples, for people. Every method is one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def held_owners(self, reason: str) -> list[tuple[str, str, int]]:
        """Scope kind, id and number of records held for this reason, most records first."""
        with self._transaction() as db:
            return db.execute(
                "SELECT owner_kind, owner_id, count(*) FROM records r"
                " JOIN scopes s ON s.number = r.scope WHERE hold = ?"
                " GROUP BY 1, 2 ORDER BY 3 DESC, 2 NULLS FIRST",
                (reason,),
            ).fetchall()

    def loaded_targets(self) -> list[tuple[str, str, str | None, str | None]]:
        """Scope kind, id, user_id and customer_id under which records were loaded so far."""
        with self._transaction() as db:
            return db.execute(
                "SELECT DISTINCT s.owner_kind, s.owner_id, d.user_id, d.customer_id"
                " FROM documents d JOIN records r ON r.number = d.number"
                " JOIN scopes s ON s.number = r.scope"
                " WHERE d.state IN (?, ?) AND s.owner_id IS NOT NULL",
                (DocumentState.LOADED, DocumentState.ALREADY_THERE),
            ).fetchall()

    def rejections(self, limit: int) -> list[tuple[str, str]]:
        """Document id and reason of the first rejected documents."""
        with self._transaction() as db:
            return db.execute(
                "SELECT document_id, coalesce(reason, '') FROM documents WHERE state = ?"
                " ORDER BY number LIMIT ?",
                (DocumentState.REJECTED, limit),
            ).fetchall()

    def doubts(self, limit: int) -> list[tuple[str, str]]:
        """Document id and reason of the first documents that are in doubt."""
        with self._transaction() as db:
            return db.execute(
                "SELECT document_id, doubt FROM documents WHERE state = ? UNION ALL"  # noqa: S608
                f" SELECT document_id, doubt {_HELD_IN_DOUBT} LIMIT ?",
                (DocumentState.IN_DOUBT, limit),
            ).fetchall()

    def unreadable(self, limit: int) -> list[Unreadable]:
        """The first items that could not become records."""
        with self._transaction() as db:
            rows = db.execute("SELECT place, reason, raw FROM unreadable LIMIT ?", (limit,))
            return [Unreadable(*row) for row in rows]


def books(db: Connection) -> Books:
    """Count everything."""
    records, held, undecided, gone = db.execute(_OF_RECORDS, (rounds.last_full(db),)).fetchone()
    by_state = db.execute(_OF_DOCUMENTS).fetchall()
    states = {state: turns for state, _, turns, _ in by_state}
    replaced = dict(
        db.execute(
            "SELECT state, count(*) FROM documents WHERE number >= ? GROUP BY state",
            (RETIRED_FROM,),
        ).fetchall()
    )
    is_confirmed = any(confirmed for *_, confirmed in by_state)
    return Books(
        exported=records + unreadable(db),
        loaded=states.get(DocumentState.LOADED, 0),
        already_there=states.get(DocumentState.ALREADY_THERE, 0),
        held=_held(db) if held else {},
        rejected=_rejected(db, any_document=DocumentState.REJECTED in states),
        in_doubt=states.get(DocumentState.IN_DOUBT, 0)
        + db.execute(f"SELECT count(*) {_HELD_IN_DOUBT}").fetchone()[0],
        rolled_back=states.get(DocumentState.ROLLED_BACK, 0),
        unfinished=undecided
        + states.get(DocumentState.PLANNED, 0)
        + states.get(DocumentState.IN_FLIGHT, 0)
        + states.get(DocumentState.ROLLING_BACK, 0),
        documents=sum(count for _, count, *_ in by_state) - sum(replaced.values()),
        seen_again=seen_again(db),
        notices=notices(db),
        confirmation=confirmations.count_confirmations(db) if is_confirmed else {},
        gone=gone,
        replaced=replaced,
    )


def documents(db: Connection) -> int:
    """How many documents there are, without those that others took the place of."""
    query = "SELECT count(*) FROM documents WHERE number < ?"
    return int(db.execute(query, (RETIRED_FROM,)).fetchone()[0])


def seen_again(db: Connection) -> int:
    """How often the source gave a record that it had given before."""
    return int(db.execute("SELECT coalesce(sum(seen_again), 0) FROM partitions").fetchone()[0])


def notices(db: Connection) -> dict[str, int]:
    """How often what was assumed."""
    return dict(db.execute("SELECT code, sum(count) FROM notices GROUP BY code ORDER BY code"))


def unreadable(db: Connection) -> int:
    """How many items could not become records."""
    return int(db.execute("SELECT count(*) FROM unreadable").fetchone()[0])


def _held(db: Connection) -> dict[str, int]:
    return dict(
        db.execute(
            "SELECT hold, count(*) FROM records WHERE hold IS NOT NULL"
            " AND number NOT IN (SELECT record FROM doubts)"
            " GROUP BY hold ORDER BY 2 DESC"
        ).fetchall()
    )


def _rejected(db: Connection, *, any_document: bool) -> dict[str, int]:
    rejected = {}
    if any_document:
        query = (
            "SELECT coalesce(reason, 'no reason given'), sum(turns) FROM documents"
            " WHERE state = ? GROUP BY 1 ORDER BY 2 DESC"
        )
        rejected = dict(db.execute(query, (DocumentState.REJECTED,)).fetchall())
    items = unreadable(db)
    return rejected | ({"unreadable": items} if items else {})
