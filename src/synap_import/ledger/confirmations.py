"""What Synap made of accepted documents: which ones to ask about, and what it said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .conditions import OF_USER, OPEN
from .notes import note, noted
from .replacing import RETIRED_FROM
from .sampling import Sampling
from .staging import storable
from .values import Confirmable, Confirmation, DocumentState, Ingested

if TYPE_CHECKING:
    from .database import Connection, Transaction

_ACCEPTED = (
    f"ingestion_id IS NOT NULL AND (state IN ('{DocumentState.LOADED}',"
    f" '{DocumentState.ALREADY_THERE}') OR (state = '{DocumentState.REJECTED}'"
    f" AND confirmation = '{Confirmation.FAILED}'))"
)
# Nothing is waiting for these, but who wants to know all, or to delete all, wants them too.
_OR_REPLACED = f" OR (state = '{DocumentState.REPLACED}' AND ingestion_id IS NOT NULL)"
_CONSIDERED_UP_TO = "considered to be confirmed up to"

_FAILED_AND_IS_THERE = (
    f"(confirmation = '{Confirmation.FAILED}' AND ?2 = '{DocumentState.ALREADY_THERE}')"
)

ANSWER = (
    f"UPDATE documents SET state = CASE WHEN {_FAILED_AND_IS_THERE}"  # noqa: S608
    f" THEN '{DocumentState.REJECTED}' ELSE ?2 END,"
    f" reason = CASE WHEN {_FAILED_AND_IS_THERE} THEN reason ELSE ?4 END, ingestion_id = ?3,"
    f" confirmation = CASE WHEN confirmation IS NULL OR {_FAILED_AND_IS_THERE}"
    f" THEN confirmation ELSE '{Confirmation.WAITING}' END WHERE number = ?1"
)
"""Writes an answer to a document; one that was to be followed is followed anew.

A document whose ingestion failed is not well because Synap says, when it is sent again, that
it is there.
"""

# What the ledger says of a document once its ingestion ended so; otherwise it stays as it is.
_STATE_AFTER = {
    Confirmation.FAILED: DocumentState.REJECTED,
    Confirmation.ALREADY_THERE: DocumentState.ALREADY_THERE,
}
_IS_REPLACED = f"number >= {RETIRED_FROM}"


class Confirming:
    """What Synap is to be asked about, and what it said. Every method is one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def confirmable(self, *, only_new: bool = False) -> int:
        """How many documents Synap accepted under an id that it can be asked about.

        With ``only_new`` just those among which nothing was chosen yet.
        """
        with self._transaction() as db:
            (count,) = db.execute(
                f"SELECT count(*) FROM documents WHERE {_population(db, only_new=only_new)}"  # noqa: S608
            ).fetchone()
            return int(count)

    def choose(
        self, sample: int | None = None, *, only_new: bool = False, user_id: str | None = None
    ) -> None:
        """Mark documents to be asked about: all (of a user), or just a sample of about so many.

        A sample has each user in it while that goes, and every document once in doubt. It
        takes the place of what was marked and not finished; with ``only_new`` it adds to that.
        """
        with self._transaction("choose_to_confirm") as db:
            _choose(db, sample, only_new=only_new, user_id=user_id)

    def unconfirmed(
        self, behind: int, limit: int, *, user_id: str | None = None
    ) -> list[Confirmable]:
        """The next marked documents (of a user), behind this number, that are not finished."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT number, ingestion_id, confirmation FROM documents"  # noqa: S608
                f" WHERE number > ? AND confirmation IN ({OPEN}) AND ({_ACCEPTED}{_OR_REPLACED})"
                f" AND {OF_USER} ORDER BY number LIMIT ?",
                (behind, user_id, limit),
            )
            return [
                Confirmable(number, ingestion, Confirmation(was)) for number, ingestion, was in rows
            ]

    def confirm(self, answers: Sequence[tuple[int, Ingested]]) -> None:
        """Write what Synap said about documents; a failed ingestion makes one rejected."""
        with self._transaction("confirm") as db:
            confirm(db, answers)


def _choose(db: Connection, sample: int | None, *, only_new: bool, user_id: str | None) -> None:
    if sample is not None and not only_new:
        db.execute(
            f"UPDATE documents SET confirmation = NULL WHERE confirmation IN ({OPEN})"  # noqa: S608
        )
    population = _population(db, only_new=only_new)
    if sample is None:
        db.execute(
            "UPDATE documents SET confirmation = ?"  # noqa: S608
            f" WHERE confirmation IS NULL AND ({population}{'' if only_new else _OR_REPLACED})"
            f" AND {OF_USER}",
            (Confirmation.WAITING, user_id),
        )
    else:
        db.executemany(
            "UPDATE documents SET confirmation = ? WHERE number = ? AND confirmation IS NULL",
            [(Confirmation.WAITING, number) for number in list(_sample(db, population, sample))],
        )
    # What was not sent yet is new when it was.
    (considered,) = db.execute(
        "SELECT coalesce((SELECT min(number) - 1 FROM documents WHERE state = ?), max(number), 0)"
        " FROM documents WHERE number < ?",
        (DocumentState.PLANNED, RETIRED_FROM),
    ).fetchone()
    note(db, _CONSIDERED_UP_TO, str(considered))


def _population(db: Connection, *, only_new: bool) -> str:
    """The condition for what may be chosen.

    What was in doubt, and what replaces something, is always worth a question.
    """
    if not only_new:
        return _ACCEPTED
    considered = int(noted(db, _CONSIDERED_UP_TO) or 0)
    return (
        f"{_ACCEPTED} AND confirmation IS NULL AND (number > {considered} OR doubt IS NOT NULL"  # noqa: S608
        " OR number IN (SELECT record FROM replaced))"
    )


def _sample(db: Connection, population: str, size: int) -> Iterable[int]:
    documents, owners = db.execute(
        "SELECT coalesce(sum(documents), 0), count(*) FROM"  # noqa: S608
        f" (SELECT count(*) AS documents FROM documents WHERE {population}"
        " GROUP BY user_id, customer_id) AS owners"
    ).fetchone()
    sampling = Sampling(documents, owners, size)
    rows = db.stream(
        "SELECT number, doubt IS NOT NULL, dense_rank() OVER (ORDER BY user_id, customer_id) - 1,"  # noqa: S608
        " row_number() OVER (owner ORDER BY number) - 1, count(*) OVER owner"
        f" FROM documents WHERE {population} WINDOW owner AS (PARTITION BY user_id, customer_id)"
    )
    for number, doubted, owner, nth, of_owner in rows:
        if doubted or sampling.takes(owner, nth, of_owner):
            yield number


def confirm(db: Connection, answers: Sequence[tuple[int, Ingested]]) -> None:
    """Write what Synap said about documents."""
    db.executemany(
        "UPDATE documents SET confirmation = ?2, memory_ids = ?3,"  # noqa: S608 - ours
        f" state = coalesce(CASE WHEN {_IS_REPLACED} THEN ?7 ELSE ?4 END, state),"
        " reason = coalesce(?5, reason), unnamed = ?6 WHERE number = ?1",
        [
            (
                number,
                said.confirmation,
                json.dumps(said.memory_ids) if said.memory_ids else None,
                _STATE_AFTER.get(said.confirmation),
                None if said.message is None else storable(said.message),
                said.unnamed,
                _state_of_replaced(said),
            )
            for number, said in answers
        ],
    )


def _state_of_replaced(said: Ingested) -> DocumentState | None:
    """What a document is then in whose place another came: no record is counted in it."""
    if said.confirmation is Confirmation.ALREADY_THERE:
        return DocumentState.LEFT_BEHIND
    if said.confirmation is Confirmation.FAILED and not (said.memory_ids or said.unnamed):
        return DocumentState.REMOVED
    return None


def consider_again(db: Connection, number: int) -> None:
    """Documents from this number on are new: they may be chosen once more."""
    considered = noted(db, _CONSIDERED_UP_TO)
    if considered is not None:
        note(db, _CONSIDERED_UP_TO, str(min(int(considered), number - 1)))


def count_confirmations(db: Connection) -> dict[str, int]:
    """Documents by what Synap said, their memories, and those that cannot be asked about.

    Empty when nothing was to be confirmed.
    """
    counted = dict(
        db.execute(
            "SELECT confirmation, count(*) FROM documents WHERE confirmation IS NOT NULL"  # noqa: S608
            f" AND {_ACCEPTED} GROUP BY confirmation"
        ).fetchall()
    )
    if not counted:
        return {}
    counts = {str(c): counted[c] for c in Confirmation if c in counted}
    (memories,) = db.execute(
        "SELECT coalesce(sum(json_array_length(memory_ids)), 0) FROM documents"
        " WHERE memory_ids IS NOT NULL AND number < ?",
        (RETIRED_FROM,),
    ).fetchone()
    (without_id,) = db.execute(
        "SELECT count(*) FROM documents WHERE ingestion_id IS NULL AND state IN (?, ?)",
        (DocumentState.LOADED, DocumentState.ALREADY_THERE),
    ).fetchone()
    return {**counts, "not_confirmable": without_id, "memories": memories}
