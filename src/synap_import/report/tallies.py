"""Counts of what became of records, while they go by one by one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from synap_import.ledger import DocumentState

from .facts import Outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synap_import.ledger import Books, Identified, OfOwner

Tally = Counter[str]
"""How many records came to which outcome, by the names of :class:`Outcomes`."""

_OF_STATE = {
    DocumentState.LOADED: "loaded",
    DocumentState.ALREADY_THERE: "already_there",
    DocumentState.REJECTED: "rejected",
    DocumentState.IN_DOUBT: "in_doubt",
    DocumentState.ROLLED_BACK: "rolled_back",
}
_STATES: dict[str, str] = {state.value: name for state, name in _OF_STATE.items()}


def outcome_of(one: Identified) -> str:
    """The name of what became of a record."""
    name = _STATES.get(one.state, "unfinished")
    return "held" if one.hold is not None and name != "in_doubt" else name


def outcomes(tally: Mapping[str, int]) -> Outcomes:
    """The finished count."""
    return Outcomes(**tally)


def of_books(books: Books) -> Outcomes:
    """The account of the whole job."""
    return Outcomes(
        loaded=books.loaded,
        already_there=books.already_there,
        held=books.held_total,
        rejected=books.rejected_total,
        in_doubt=books.in_doubt,
        rolled_back=books.rolled_back,
        unfinished=books.unfinished,
    )


def of_owner(owner: OfOwner) -> Outcomes:
    """What became of the records of an owner."""
    states = (
        owner.loaded,
        owner.already_there,
        owner.held,
        owner.rejected,
        owner.in_doubt,
        owner.rolled_back,
    )
    return Outcomes(*states, unfinished=owner.records - sum(states))


def minus(whole: Outcomes, *parts: Outcomes) -> Outcomes:
    """What is left of the whole without the parts, which may have been counted a little later."""
    return Outcomes(
        *(
            max(0, getattr(whole, name) - sum(getattr(part, name) for part in parts))
            for name in Outcomes.__slots__
        )
    )
