"""Documents that wait to be sent, of which a few are tried before the others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .listing import Pages
from .sampling import Sampling
from .values import Claimed, DocumentState

if TYPE_CHECKING:
    from .database import Connection, Transaction

_PLANNED = f"state = '{DocumentState.PLANNED}'"


class Trials:
    """Which documents are tried before the others."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def choose(self, size: int) -> Iterator[Claimed]:
        """About so many documents that stand for all that wait to be sent, one by one."""
        with self._transaction() as db:
            numbers = sorted(_choose(db, size))
        return claimed(self._transaction, numbers)

    def among(self, numbers: Sequence[int]) -> list[int]:
        """Those of the numbers under which there is a document."""
        with self._transaction() as db:
            return among(db, numbers)


def claimed(transaction: Transaction, numbers: Sequence[int]) -> Iterator[Claimed]:
    """These documents with their records, one by one."""
    pages = Pages(transaction, with_raw=False)
    for number in numbers:
        with transaction() as db:
            document_id, user_id, customer_id, turns = db.execute(
                "SELECT document_id, user_id, customer_id, turns FROM documents WHERE number = ?",
                (number,),
            ).fetchone()
        records = tuple(pages.records_of(number, turns))
        yield Claimed(number, document_id, user_id, customer_id, records)


def _choose(db: Connection, size: int) -> Iterator[int]:
    documents, owners = db.execute(
        "SELECT coalesce(sum(documents), 0), count(*) FROM"  # noqa: S608 - ours
        f" (SELECT count(*) AS documents FROM documents WHERE {_PLANNED}"
        " GROUP BY user_id, customer_id) AS owners"
    ).fetchone()
    sampling = Sampling(documents, owners, size)
    rows = db.stream(
        "SELECT number, dense_rank() OVER (ORDER BY user_id, customer_id) - 1,"  # noqa: S608 - ours
        " row_number() OVER (owner ORDER BY number) - 1, count(*) OVER owner"
        f" FROM documents WHERE {_PLANNED} WINDOW owner AS (PARTITION BY user_id, customer_id)"
    )
    for number, owner, nth, of_owner in rows:
        if sampling.takes(owner, nth, of_owner):
            yield number


def among(db: Connection, numbers: Sequence[int], state: str | None = None) -> list[int]:
    """Those of the numbers that are documents, or documents in this state."""
    rows = db.execute(
        "SELECT number FROM documents WHERE number IN"
        " (SELECT CAST(value AS BIGINT) FROM json_each(?))"
        " AND state = coalesce(?, state) ORDER BY number",
        (json.dumps(numbers), state),
    )
    return [number for (number,) in rows]
