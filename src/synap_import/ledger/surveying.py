"""What the pre-flight asks of the tables, once a source was read: counts and first examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from synap_import.records import MemoryRecord, decode_record

from . import accounting
from .payload import unpack_encoded
from .staging import said_of
from .values import PlannedOwner, Seen, Survey

if TYPE_CHECKING:
    from .database import Connection, Transaction
    from .payload import RecordAt
    from .values import Marking

Fetch = Callable[[int, int], MemoryRecord]
"""The record on a page, at a place."""

_OWNERS_AT_ONCE = 5_000
_REMARKED_AT_ONCE = 1_000

# Copies are looked for by the digest alone first: most texts come once, and need no user then.
_REPEATED = """
    WITH twice AS (
        SELECT said FROM records WHERE said IS NOT NULL AND document IS NOT NULL
        GROUP BY said HAVING count(*) > 1
    ), copies AS (
        SELECT min(r.number) AS first, count(*) - 1 AS more FROM records r
        JOIN documents d ON d.number = r.document
        WHERE r.said IN (SELECT said FROM twice)
        GROUP BY r.said, d.user_id, d.customer_id HAVING count(*) > 1
    )
"""
_COUNT_REPEATED = f"{_REPEATED} SELECT coalesce(sum(more), 0) FROM copies"  # noqa: S608 - ours
_FIRST_REPEATED = (
    f"{_REPEATED} SELECT page, place FROM copies JOIN records ON number = first"  # noqa: S608
    " ORDER BY first LIMIT ?"
)


class Surveying:
    """What the pre-flight asks, and what it saw of each record."""

    def __init__(self, transaction: Transaction, record: RecordAt) -> None:
        self._transaction = transaction
        self._record = record

    def remark(self, mark: Marking) -> None:
        """Say anew of all records what is remarkable about them."""
        _remark(self._transaction, mark)

    def survey(self, bits: Sequence[int], examples: int) -> Survey:
        """Count what is planned and held, and what is remarkable about what is planned."""
        with self._transaction() as db:
            return _survey(db, bits, partial(self._record, db), examples)

    def planned_owners(self) -> Iterator[PlannedOwner]:
        """Every owner of records that are planned or sent, one by one."""
        return _planned_owners(self._transaction)


def _survey(db: Connection, bits: Iterable[int], fetch: Fetch, examples: int) -> Survey:
    """Count what is planned and held; records stand for each as examples."""
    marked = {}
    counts = db.execute(
        "SELECT marks, count(*) FROM records WHERE marks IS NOT NULL AND document IS NOT NULL"
        " GROUP BY marks"
    ).fetchall()
    for bit in bits:
        count = sum(number for marks, number in counts if marks & bit)
        if count:
            where = "(marks & ?) <> 0 AND marks IS NOT NULL AND document IS NOT NULL"
            marked[bit] = Seen(count, _examples(db, where, bit, fetch, examples))
    reasons = db.execute(
        "SELECT hold, count(*) FROM records WHERE hold IS NOT NULL GROUP BY hold ORDER BY 2 DESC"
    ).fetchall()
    return Survey(
        documents=accounting.documents(db),
        seen_again=accounting.seen_again(db),
        unreadable=accounting.unreadable(db),
        notices=accounting.notices(db),
        marked=marked,
        held={
            reason: Seen(count, _examples(db, "hold = ?", reason, fetch, examples))
            for reason, count in reasons
        },
        repeated=_repeated(db, fetch, examples),
        turns=db.execute(
            "SELECT count(*) FROM records WHERE session IS NOT NULL AND document IS NOT NULL"
        ).fetchone()[0],
    )


def _planned_owners(transaction: Transaction) -> Iterator[PlannedOwner]:
    """Every owner of records that are planned or sent, with how many those are."""
    with transaction() as db:
        db.execute("DROP TABLE IF EXISTS planned_owners")
        db.execute(
            "CREATE TEMP TABLE planned_owners AS SELECT"
            " row_number() OVER (ORDER BY owner_kind, owner_id) AS place,"
            " owner_kind, owner_id, sum(planned) AS planned"
            " FROM (SELECT scope, count(*) AS planned FROM records WHERE document IS NOT NULL"
            " GROUP BY scope) AS owned JOIN scopes ON scopes.number = scope"
            " GROUP BY owner_kind, owner_id"
        )
    behind = 0
    while True:
        with transaction() as db:
            rows = db.execute(
                "SELECT place, owner_kind, owner_id, planned FROM planned_owners"
                " WHERE place > ? ORDER BY place LIMIT ?",
                (behind, _OWNERS_AT_ONCE),
            ).fetchall()
        for _, *row in rows:
            yield PlannedOwner._make(row)
        if len(rows) < _OWNERS_AT_ONCE:
            return
        behind = rows[-1][0]


def _examples(
    db: Connection, where: str, value: int | str, fetch: Fetch, limit: int
) -> tuple[MemoryRecord, ...]:
    places = db.execute(
        f"SELECT page, place FROM records WHERE {where} ORDER BY number LIMIT ?",  # noqa: S608
        (value, limit),
    ).fetchall()
    return tuple(fetch(page, place) for page, place in places)


def _repeated(db: Connection, fetch: Fetch, limit: int) -> Seen:
    (count,) = db.execute(_COUNT_REPEATED).fetchone()
    if not count:
        return Seen(0)
    places = db.execute(_FIRST_REPEATED, (limit,)).fetchall()
    return Seen(count, tuple(fetch(page, place) for page, place in places))


def _remark(transaction: Transaction, mark: Marking) -> None:
    """Replace what was seen of each record, a portion at a time."""
    pages: dict[int, list[tuple[bytes, bytes]]] = {}
    behind = 0
    while True:
        with transaction() as db:
            rows = db.execute(
                "SELECT number, page, place, session IS NULL FROM records WHERE number > ?"
                " ORDER BY number LIMIT ?",
                (behind, _REMARKED_AT_ONCE),
            ).fetchall()
            if not rows:
                return
            wanted = {page for _, page, *_ in rows}
            pages = {page: pages.get(page) or _encoded(db, page) for page in wanted}
            encoded = [pages[page][place] for _, page, place, _ in rows]
            records = [decode_record(content) for content, _ in encoded]
            seen = zip(rows, records, mark(records, encoded), strict=True)
            db.executemany(
                "UPDATE records SET said = ?, marks = ? WHERE number = ?",
                [
                    (said_of(record) if is_alone else None, marks, number)
                    for (number, *_, is_alone), record, marks in seen
                ],
            )
        behind = rows[-1][0]


def _encoded(db: Connection, page: int) -> list[tuple[bytes, bytes]]:
    (payload,) = db.execute("SELECT payload FROM pages WHERE number = ?", (page,)).fetchone()
    return unpack_encoded(payload)
