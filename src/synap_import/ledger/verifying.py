"""What is to be found in Synap after a load: a sample of it, whose it is, and what is uncertain."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from .conditions import OF_USER, OPEN
from .listing import Pages
from .sampling import Sampling
from .values import Confirmation, DocumentState, Given, IngestionGap, Present, Verifiable

if TYPE_CHECKING:
    from .database import Connection, Transaction

_PRESENT = f"state IN ('{DocumentState.LOADED}', '{DocumentState.ALREADY_THERE}')"

# What became of a loaded document, by the name that a gap has.
_GAP = (
    "CASE WHEN ingestion_id IS NULL THEN 'no_id' WHEN confirmation IS NULL THEN 'not_asked'"
    f" WHEN confirmation IN ({OPEN}) THEN 'unfinished'"
    f" WHEN confirmation = '{Confirmation.COMPLETED}' AND memory_ids IS NULL AND unnamed = 0"
    " THEN 'no_memories' ELSE confirmation END"
)


class Verifying:
    """What is to be found in Synap. Every method is one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def present(self, user_id: str | None = None) -> Present:
        """How much (of a user) the job knows to be in Synap."""
        with self._transaction() as db:
            return _present(db, user_id)

    def sample(
        self, size: int, *, user_id: str | None = None, among: Sequence[int] | None = None
    ) -> Iterator[Verifiable]:
        """About so many documents that stand for all that are in Synap (of a user), one by one.

        Every user has one while that goes; always the same for the same documents. With
        ``among`` it is just those of these numbers that are there.
        """
        return _sample(self._transaction, size, user_id, among)

    def given(self, names: Sequence[str]) -> dict[str, Given]:
        """The documents that have these ids, or memories that have them, by the id."""
        with self._transaction() as db:
            db.execute("CREATE TEMP TABLE IF NOT EXISTS names (name TEXT)")
            db.execute("DELETE FROM names")
            db.executemany("INSERT INTO names (name) VALUES (?)", [(name,) for name in {*names}])
            columns = "number, document_id, user_id, customer_id"
            rows = db.execute(
                f"SELECT document_id, {columns} FROM documents"  # noqa: S608 - ours
                " WHERE document_id IN (SELECT name FROM names) UNION ALL"
                f" SELECT value, {columns} FROM documents, json_each(memory_ids)"
                " WHERE memory_ids IS NOT NULL AND value IN (SELECT name FROM names)"
            )
            return {name: Given(*document) for name, *document in rows}

    def gaps(self, user_id: str | None = None, examples: int = 100) -> list[IngestionGap]:
        """Loaded documents (of a user) by what was heard of their ingestion, with examples."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT gap, documents, document_id FROM"  # noqa: S608 - ours
                f" (SELECT {_GAP} AS gap, document_id, count(*) OVER alike AS documents,"
                " row_number() OVER (alike ORDER BY number) AS nth"
                f" FROM documents WHERE state = '{DocumentState.LOADED}' AND {OF_USER}"
                f" WINDOW alike AS (PARTITION BY {_GAP})) AS gaps WHERE nth <= ? ORDER BY gap, nth",
                (user_id, examples),
            )
            return [
                IngestionGap(gap, count, tuple(document_id for *_, document_id in alike))
                for (gap, count), alike in groupby(rows, key=itemgetter(0, 1))
            ]

    def unread_partitions(self) -> int:
        """How many slices of the source were not read to their end."""
        with self._transaction() as db:
            (count,) = db.execute("SELECT count(*) FROM partitions WHERE done = 0").fetchone()
            return int(count)


def _present(db: Connection, user_id: str | None) -> Present:
    """How much there is to be found."""
    documents, owners, of_nobody = db.execute(
        "SELECT count(user_id), (SELECT count(*) FROM (SELECT 1 FROM documents"  # noqa: S608 - ours
        f" WHERE {_PRESENT} AND user_id IS NOT NULL AND {OF_USER}"
        " GROUP BY user_id, customer_id) AS owners), count(*) - count(user_id)"
        f" FROM documents WHERE {_PRESENT} AND {OF_USER}",
        (user_id, user_id),
    ).fetchone()
    return Present(documents, owners, of_nobody)


def _sample(
    transaction: Transaction, size: int, user_id: str | None, among: Sequence[int] | None
) -> Iterator[Verifiable]:
    """The documents that stand for all that is present, one by one."""
    pages = Pages(transaction, with_raw=False)
    with transaction() as db:
        there = _present(db, user_id)
        if among is None:
            chosen = list(_choose(db, Sampling(there.documents, there.users, size), user_id))
        else:
            chosen = [(number, 0) for number in _present_among(db, among)]
    for number, of_user in chosen:
        with transaction() as db:
            document_id, user, customer, turns, *heard = db.execute(
                "SELECT document_id, user_id, customer_id, turns, ingestion_id, confirmation,"
                " memory_ids, unnamed FROM documents WHERE number = ?",
                (number,),
            ).fetchone()
        ingestion_id, confirmation, memory_ids, unnamed = heard
        yield Verifiable(
            number,
            document_id,
            user,
            customer,
            of_user,
            ingestion_id,
            Confirmation(confirmation) if confirmation else None,
            tuple(json.loads(memory_ids or "[]")),
            unnamed,
            tuple(pages.records_of(number, turns)),
        )


def _choose(db: Connection, sampling: Sampling, user_id: str | None) -> Iterator[tuple[int, int]]:
    rows = db.stream(
        "SELECT number, dense_rank() OVER (ORDER BY user_id, customer_id) - 1,"  # noqa: S608 - ours
        " row_number() OVER (owner ORDER BY number) - 1, count(*) OVER owner"
        f" FROM documents WHERE {_PRESENT} AND user_id IS NOT NULL AND {OF_USER}"
        " WINDOW owner AS (PARTITION BY user_id, customer_id)",
        (user_id,),
    )
    for number, owner, nth, of_owner in rows:
        if sampling.takes(owner, nth, of_owner):
            yield number, of_owner


def _present_among(db: Connection, numbers: Sequence[int]) -> list[int]:
    rows = db.execute(
        "SELECT number FROM documents WHERE number IN"  # noqa: S608 - ours
        " (SELECT CAST(value AS BIGINT) FROM json_each(?))"
        f" AND {_PRESENT} AND user_id IS NOT NULL ORDER BY number",
        (json.dumps(numbers),),
    )
    return [number for (number,) in rows]
