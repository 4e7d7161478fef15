"""What the owner of the data should know before a server is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import import Finding, Severity

from .entities import LIST_LIMIT, SCAN_LIMIT
from .survey import Survey, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTED_WHOLE = (None, "pgvector")


def findings_of(survey: Survey) -> Iterator[Finding]:
    """The findings of a server that is not refused."""
    if not survey.entities and not survey.unscoped.items:
        yield _NO_MEMORIES
    if survey.store.provider not in _LISTED_WHOLE:
        yield _other_store(survey.store.provider)
    if survey.oversized:
        yield _long_lists(survey)
    if not survey.unscoped.visible:
        yield _NOT_AN_ADMIN
    elif not survey.shows_everything:
        yield _UNSCOPED_LIST_ENDS
    if not survey.shows_everything and not survey.dialect.has_show_expired:
        yield _EXPIRED_HIDDEN
    if survey.has_doubtful_totals:
        yield _DOUBTFUL_TOTALS


_NO_MEMORIES = Finding(
    Severity.WARNING,
    "no-memories",
    "The server shows no memories at all.",
    "Check that it is the right server and collection, and that its store is up.",
)
_NOT_AN_ADMIN = Finding(
    Severity.WARNING,
    "not-an-admin",
    "The key is not an admin's: memories without user, agent and run stay unseen.",
    "Use the server's ADMIN_API_KEY to see whether there are any.",
)
_UNSCOPED_LIST_ENDS = Finding(
    Severity.INFO,
    "unscoped-list-ends",
    f"The list of all memories ends at {LIST_LIMIT}. None of these is without user, agent and "
    "run; of the others the server does not tell.",
)
_EXPIRED_HIDDEN = Finding(
    Severity.WARNING,
    "expired-hidden",
    "The server is from before 2026-06-25 and may hide memories that have expired.",
    "What is missing of its totals is reported at the end.",
)
_DOUBTFUL_TOTALS = Finding(
    Severity.WARNING,
    "doubtful-totals",
    f"The server counts {SCAN_LIMIT} rows at most and may have reached that.",
    "It is clear at the end; if so, it is an error then.",
)


def _other_store(provider: str | None) -> Finding:
    return Finding(
        Severity.WARNING,
        "other-store",
        f"The server keeps its memories in {provider}. Some drivers end lists early, or answer "
        "with an empty one when the store is down.",
        "Compare the counts with the store's own.",
    )


def _long_lists(survey: Survey) -> Finding:
    return Finding(
        Severity.INFO,
        "long-lists",
        f"More than {LIST_LIMIT} memories have: {names_of(survey.oversized)}. Their lists are "
        "split by further ids; before anything is loaded it is clear whether that shows all.",
        count=len(survey.oversized),
    )
