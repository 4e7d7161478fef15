"""What the answers say about a document: found by its user, or by somebody else's. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from synap_import.destination import MOST_RESULTS
from synap_import.ledger import Confirmation
from synap_import.transcripts import is_transcript

from .queries import query_of

if TYPE_CHECKING:
    from datetime import datetime

    from synap_import.ledger import Given, Verifiable

    from .answers import Searched
    from .queries import Query


_EXCERPT = 1_000

SEARCH_IS_SILENT = "Synap's search returned nothing to anybody, though memories are there"


class Outcome(StrEnum):
    """What became known of a document of the sample."""

    FOUND = "found"
    FOUND_BY_WORDS = "found_by_words"
    OUTRANKED = "outranked"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    UNFINISHED = "unfinished"
    NO_MEMORIES = "no_memories"
    NO_WORDS = "no_words"

    @property
    def is_missing(self) -> bool:
        """Whether its user does not have it."""
        return self in (Outcome.NOT_FOUND, Outcome.FAILED)

    @property
    def is_open(self) -> bool:
        """Whether a later run may say more."""
        return self in (Outcome.UNVERIFIED, Outcome.UNFINISHED)


@dataclass(slots=True)
class Sought:
    """A document of the sample, and what is known of it so far.

    ``outcome`` is None before there is any; ``memory_there`` before a memory of it was asked for
    by its id. ``nothing_at_all`` says that the search returned nothing whatever for the user;
    ``contents`` are texts of memories of it, ``text`` how its own begins.
    """

    number: int
    document_id: str
    user_id: str
    customer_id: str | None
    of_user: int
    query: Query | None
    ingestion_id: str | None = None
    confirmation: Confirmation | None = None
    memory_ids: tuple[str, ...] = ()
    unnamed: int = 0
    outcome: Outcome | None = None
    reason: str = ""
    memory_there: bool | None = None
    nothing_at_all: bool = False
    contents: list[str] = field(default_factory=list)
    text: str = ""
    kind: str = ""
    created_at: datetime | None = None

    @classmethod
    def of(cls, document: Verifiable) -> Sought:
        """The document, with the question that should find it."""
        text = "\n".join(record.text for record in document.records)
        return cls(
            document.number,
            document.document_id,
            document.user_id,
            document.customer_id,
            document.of_user,
            query_of(text),
            document.ingestion_id,
            document.confirmation,
            document.memory_ids,
            document.unnamed,
            text=text[:_EXCERPT],
            kind=str(document.records[0].kind),
            created_at=document.records[0].created_at,
        )

    @property
    def is_to_be_confirmed(self) -> bool:
        """Whether Synap must be asked first what it made of it."""
        known = self.confirmation is not None and not self.confirmation.is_open
        return self.ingestion_id is not None and not known

    @property
    def is_to_be_asked_again(self) -> bool:
        """Whether a later answer may be a better one."""
        return self.outcome is Outcome.NOT_FOUND or (
            self.outcome is not None and self.outcome.is_open
        )

    @property
    def was_searched(self) -> bool:
        """Whether an answer to a search decided."""
        return self.outcome in (
            Outcome.FOUND,
            Outcome.FOUND_BY_WORDS,
            Outcome.OUTRANKED,
            Outcome.NOT_FOUND,
        )

    def conclude(self, outcome: Outcome, reason: str = "") -> None:
        """Keep what became known."""
        self.outcome, self.reason = outcome, reason


class Mixup(NamedTuple):
    """A user was shown a document that belongs to another user."""

    user_id: str
    customer_id: str | None
    document: Given


def judge_ingestion(document: Sought) -> bool:
    """Whether there is something to search for; concludes where there is not."""
    match document.confirmation:
        case Confirmation.FAILED:
            document.conclude(Outcome.FAILED, document.reason)
        case Confirmation.COMPLETED if not document.memory_ids and not document.unnamed:
            document.conclude(Outcome.NO_MEMORIES)
        case Confirmation.PROCESSING | Confirmation.MISSING | Confirmation.WAITING:
            document.conclude(Outcome.UNFINISHED)
        case _ if document.query is None:
            document.conclude(Outcome.NO_WORDS)
        case _:
            return document.outcome is None or document.is_to_be_asked_again
    return False


def judge_search(document: Sought, searched: Searched, given: Mapping[str, Given]) -> None:
    """Conclude from what a search for the document returned."""
    ours = {document.document_id, *document.memory_ids}
    document.nothing_at_all = not searched.items
    if any(item.names & ours for item in searched.items):
        document.conclude(Outcome.FOUND)
    elif any(
        item.answers and not _is_another(item.names, document, given) for item in searched.items
    ):
        document.conclude(Outcome.FOUND_BY_WORDS)
    elif searched.degraded:
        document.conclude(Outcome.UNVERIFIED, searched.degraded)
    elif len(searched.items) >= MOST_RESULTS:
        document.conclude(Outcome.OUTRANKED)
    else:
        document.conclude(Outcome.NOT_FOUND)


def settle(sought: Sequence[Sought]) -> None:
    """Conclude from what is known of all, once memories were asked for by their ids.

    Synap's search has been seen to fail without saying so. Where it returns nothing to any user,
    and memories are there by their ids, the search is in question and not the load.
    """
    for document in sought:
        if document.outcome is Outcome.OUTRANKED and document.memory_there is False:
            document.conclude(Outcome.NOT_FOUND)
    searched = [document for document in sought if document.was_searched]
    if any(document.memory_there for document in searched) and all(
        document.outcome is Outcome.NOT_FOUND and document.nothing_at_all for document in searched
    ):
        for document in searched:
            if document.memory_there is not False:
                document.conclude(Outcome.UNVERIFIED, SEARCH_IS_SILENT)


def _is_another(names: frozenset[str], document: Sought, given: Mapping[str, Given]) -> bool:
    """Whether an item is known to come from another document of the job."""
    return any(given[name].number != document.number for name in names if name in given)


def is_foreign(said: str | None, document_id: str) -> bool:
    """Whether Synap names another document as the source of a memory.

    What it names there for a transcript is not documented.
    """
    return said not in (None, document_id) and not is_transcript(document_id)


def mixups(document: Sought, searched: Searched, given: Mapping[str, Given]) -> Iterator[Mixup]:
    """The documents that the user was shown and that are not for this user's eyes.

    What was given to all of a customer, or to everybody, is for the user's, too.
    """
    for item in searched.items:
        for owner in {given[name] for name in item.names if name in given}:
            same_user = owner.user_id in (None, document.user_id)
            same_customer = owner.customer_id in (None, document.customer_id)
            if not (same_user and same_customer):
                yield Mixup(document.user_id, document.customer_id, owner)
