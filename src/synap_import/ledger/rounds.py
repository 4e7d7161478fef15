"""Readings of a source, one after another: a re-sync reads everything once more.

Each has a number. A record carries that of the reading that saw it last, so that what a
finished reading did not see is no longer in the source.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import replacing
from .notes import note, noted
from .staging import OTHER_CONTENT
from .values import DocumentState

if TYPE_CHECKING:
    from .database import Connection

GONE = "gone-from-source"
"""Hold reason: a re-sync did not find the record in the source any more."""

_ROUND = "number of the reading"
_IS_OPEN = "the reading is a re-sync that is not finished"
_FULL = "last reading that saw everything"


class Round(NamedTuple):
    """The number of a reading, whether it is a re-sync, and the last one that saw everything."""

    number: int = 0
    again: bool = False
    full: int = 0

    @property
    def looks_from(self) -> int:
        """The first reading whose records count as what came out of the source."""
        return self.number if self.again else self.full


def begin(db: Connection, *, again: bool) -> Round:
    """The reading to go on with, which is a new one when everything is to be read ``again``.

    A re-sync that was not finished goes on, whatever is asked. The first reading is none.
    """
    now = of_now(db)
    is_first = db.execute("SELECT 1 FROM partitions").fetchone() is None
    if now.again or is_first or not again:
        return now
    _keep(db, _ROUND, now.number + 1)
    _keep(db, _IS_OPEN, 1)
    return of_now(db)


def of_now(db: Connection) -> Round:
    """The reading that was begun last, by whomever."""
    return Round(current(db), bool(_number(db, _IS_OPEN)), last_full(db))


def begin_partition(db: Connection, partition: int, reading: Round) -> None:
    """Read a slice once more in this reading."""
    db.execute(
        "UPDATE partitions SET round = ?, seen_again = 0 WHERE number = ?",
        (reading.number, partition),
    )


def begin_partition_anew(db: Connection, partition: int, reading: Round) -> None:
    """A slice changed while it was read: what was seen of it in this reading is seen anew.

    Until then it has the number of the reading below zero: another slice may have shown it, too.
    """
    db.execute(
        "UPDATE records SET round = -round WHERE round = ?"
        " AND page IN (SELECT number FROM pages WHERE partition = ?)",
        (reading.number, partition),
    )


def mark_back(db: Connection, contents: Sequence[tuple[bytes, bytes]], reading: Round) -> float:
    """An import gave records, by key and digest, that a re-sync before it may not have found.

    Returns the number of the first one that is to be planned again.
    """
    first = math.inf
    for key, digest in contents:
        for number, hold in db.execute(
            "SELECT number, hold FROM records WHERE key = ? AND digest = ? AND round < ?",
            (key, digest, reading.number),
        ).fetchall():
            is_gone = hold == GONE
            db.execute(
                "UPDATE records SET round = ?, hold = ? WHERE number = ?",
                (reading.number, None if is_gone else hold, number),
            )
            first = min(first, number) if is_gone else first
    return first


def mark_new(db: Connection, page: int, most: int, reading: Round) -> None:
    """The records of a page that were just made, ``most`` at most, were seen in this reading."""
    db.execute(
        "UPDATE records SET round = ? WHERE page = ?"
        " AND number > (SELECT max(number) FROM records) - ?",
        (reading.number, page, most),
    )


def end(db: Connection, reading: Round, *, saw_everything: bool) -> Round:
    """Close a re-sync; what it did not see is gone when it ``saw_everything``.

    Records that were not sent are held then; documents in Synap stay as they are.
    """
    _keep(db, _IS_OPEN, 0)
    _decide_unseen(db, reading.number, saw_everything=saw_everything)
    if not saw_everything:
        return reading._replace(again=False)
    _keep(db, _FULL, reading.number)
    for table in ("unreadable", "notices"):
        db.execute(
            f"DELETE FROM {table} WHERE partition IN"  # noqa: S608 - ours
            " (SELECT number FROM partitions WHERE round < ?)",
            (reading.number,),
        )
    db.execute("DELETE FROM known_pages WHERE round < ?", (reading.number,))
    # Other contents under a known id were never sent, and are no records of their own.
    db.execute(
        "DELETE FROM records WHERE round < ? AND hold IN (?, ?)", (reading.number, *OTHER_CONTENT)
    )
    hold_gone(db, reading.number, (DocumentState.PLANNED, DocumentState.REJECTED))
    return Round(reading.number, False, reading.number)


def _decide_unseen(db: Connection, number: int, *, saw_everything: bool) -> None:
    """What a slice gave before it changed, and not after, is gone if no other can have given it."""
    (slices,) = db.execute("SELECT count(*) FROM partitions WHERE round = ?", (number,)).fetchone()
    is_gone = saw_everything and slices == 1
    db.execute("UPDATE records SET round = ? WHERE round = ?", (number - is_gone, -number))


def hold_gone(db: Connection, number: int, states: tuple[DocumentState, ...]) -> int:
    """Give up documents in these states of which a record is gone, and hold such records.

    Turns of a conversation that were in these documents are to be planned again. Returns how
    many documents that is.
    """
    marks = ",".join("?" * len(states))
    gone = db.execute(
        "SELECT min(r.number) FROM records r JOIN documents d ON d.number = r.document"  # noqa: S608
        f" WHERE r.round < ? AND d.state IN ({marks}) GROUP BY d.number",
        (number, *states),
    ).fetchall()
    for (record,) in gone:
        replacing.retire(db, record)
    db.execute("UPDATE records SET hold = ? WHERE round < ? AND document IS NULL", (GONE, number))
    return len(gone)


def current(db: Connection) -> int:
    """The number of the last reading that was begun; 0 for that of the first import."""
    return _number(db, _ROUND)


def last_full(db: Connection) -> int:
    """The number of the last re-sync that saw everything."""
    return _number(db, _FULL)


def _number(db: Connection, key: str) -> int:
    return int(noted(db, key) or 0)


def _keep(db: Connection, key: str, value: int) -> None:
    note(db, key, str(value))
