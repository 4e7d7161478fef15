"""What a verification came to: for each user, and as a whole. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from synap_import.errors import ExitCode

from .books import Weight
from .judging import Outcome

if TYPE_CHECKING:
    from .books import Difference
    from .judging import Sought
    from .run import Verified

_NOTHING_TO_FIND = (Outcome.NO_MEMORIES, Outcome.NO_WORDS, Outcome.OUTRANKED)


@dataclass(frozen=True, slots=True)
class UserResult:
    """A user's documents: how many there are, how many were sought, what became of those.

    ``unsure`` could not be verified so far; of ``no_search`` nothing can be said by searching.
    ``foreign`` are documents of others that the user was shown.
    """

    user_id: str
    customer_id: str | None
    documents: int
    sought: int
    found: int
    by_words: int
    missing: int
    unsure: int
    no_search: int
    foreign: int

    @property
    def is_fine(self) -> bool:
        """Whether nothing is wrong or open."""
        return not (self.missing or self.unsure or self.foreign)


def by_user(verified: Verified) -> list[UserResult]:
    """The users of the sample, those with the worst results first."""
    of_users: dict[tuple[str, str | None], list[Sought]] = {}
    for document in verified.sought:
        of_users.setdefault((document.user_id, document.customer_id), []).append(document)
    foreign = Counter((mixup.user_id, mixup.customer_id) for mixup in verified.mixups)
    results = [_result(user, foreign[user], of_users[user]) for user in of_users]
    return sorted(results, key=lambda one: (-one.foreign, -one.missing, -one.unsure, one.user_id))


def _result(user: tuple[str, str | None], foreign: int, documents: Sequence[Sought]) -> UserResult:
    counts = Counter(document.outcome for document in documents)
    found, by_words = counts[Outcome.FOUND], counts[Outcome.FOUND_BY_WORDS]
    missing = sum(counts[one] for one in Outcome if one.is_missing)
    no_search = sum(counts[one] for one in _NOTHING_TO_FIND)
    return UserResult(
        *user,
        documents=documents[0].of_user,
        sought=len(documents),
        found=found,
        by_words=by_words,
        missing=missing,
        # Those that were not reached are as unsure.
        unsure=len(documents) - found - by_words - missing - no_search,
        no_search=no_search,
        foreign=foreign,
    )


def exit_code(verified: Verified, differences: Sequence[Difference]) -> ExitCode:
    """What a verification tells the shell: what is missing is worse than what is open."""
    weights = {difference.weight for difference in differences}
    users = by_user(verified)
    if Weight.MISSING in weights or any(user.missing or user.foreign for user in users):
        return ExitCode.SOMETHING_REJECTED
    if verified.memories_empty:
        return ExitCode.SOMETHING_REJECTED
    if Weight.OPEN in weights or not all(user.is_fine for user in users):
        return ExitCode.STOPPED_RESUMABLE
    return ExitCode.OK


def as_fields(verified: Verified, differences: Sequence[Difference], users: int) -> dict[str, Any]:
    """The result for machines, with at most so many users, the worst ones."""
    outcomes = Counter(document.outcome for document in verified.sought)
    results = by_user(verified)
    return {
        "differences": [one._asdict() for one in differences],
        "documents": {
            "sought": len(verified.sought),
            **{outcome.value: outcomes[outcome] for outcome in Outcome},
            "not_reached": outcomes[None],
        },
        "memories": {
            "asked": verified.memories_asked,
            "there": verified.memories_there,
            "empty": verified.memories_empty,
            "of_another_document": verified.foreign,
        },
        "mixed_up": [
            {"user_id": one.user_id, "customer_id": one.customer_id, **_of(one.document)}
            for one in verified.mixups
        ],
        "missing": [_missing(one) for one in verified.sought if _is_missing(one)],
        "users": [asdict(one) for one in results[:users]],
        "users_sought": len(results),
        "users_fine": sum(one.is_fine for one in results),
        "requests": {"searches": verified.searches, "others": verified.questions},
    }


def _of(document: Any) -> dict[str, Any]:
    return {
        "document_id": document.document_id,
        "given_to_user_id": document.user_id,
        "given_to_customer_id": document.customer_id,
    }


def _is_missing(document: Sought) -> bool:
    return document.outcome is not None and document.outcome.is_missing


def _missing(document: Sought) -> dict[str, Any]:
    return {
        "document_id": document.document_id,
        "user_id": document.user_id,
        "outcome": document.outcome,
        "query": document.query.text if document.query else None,
        "memory_there": document.memory_there,
    }
