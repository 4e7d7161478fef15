"""What a load will come to: documents, users, requests, time, and credits where Synap tells.

The size of a batch and the rate are those of Synap's documentation, unless the job learned a rate
from the server's refusals; so the requests and the time are the least that it can take.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from .codes import CATALOG

if TYPE_CHECKING:
    from synap_import.sources import Finding

DOCUMENTS_PER_REQUEST = 100
"""Synap, recipes/replay-history: up to 100 documents per call."""

REQUESTS_PER_MINUTE = 600
"""Synap, resources/performance-limits: ``memories.*``, per instance."""


class Credits(NamedTuple):
    """What Synap says about money: an estimate for the load, and what there is."""

    estimate: float | None = None
    balance: float | None = None


class Outlook(NamedTuple):
    """What there is to send: all of the job, and so much of it not yet sent."""

    documents: int
    users: int
    to_send: int
    requests: int
    seconds: float
    credits: Credits | None = None
    transcripts: int = 0
    units: int = 0

    @classmethod
    def of(
        cls,
        documents: int,
        users: int,
        to_send: int,
        requests_per_second: float | None = None,
        transcripts: tuple[int, int] = (0, 0),
    ) -> Outlook:
        """The least that it takes to send so many documents.

        ``transcripts`` is how many of them go alone, and their turns. For money each counts as
        its exchanges, a question and an answer each, which go as documents otherwise.
        """
        alone, turns = transcripts
        together = to_send - alone
        requests = alone + ceil(together / DOCUMENTS_PER_REQUEST)
        rate = requests_per_second or REQUESTS_PER_MINUTE / 60
        units = together + ceil(turns / 2)
        return cls(documents, users, to_send, requests, requests / rate, None, alone, units)


def estimate(outlook: Outlook) -> Finding:
    """The outlook in a sentence."""
    return CATALOG["estimate"].found(1, message=_sentence(outlook))


def credit_findings(credits_: Credits | None) -> list[Finding]:
    """What there is to say about money, if Synap was asked about it."""
    if credits_ is None:
        return []
    if credits_.estimate is None or credits_.balance is None:
        return [CATALOG["credits-unknown"].found(1)]
    if credits_.estimate <= credits_.balance:
        return []
    message = (
        f"The estimate is {credits_.estimate:,.0f} credits, the balance {credits_.balance:,.0f}: "
        "the load would stop on its way."
    )
    return [CATALOG["credits-short"].found(1, message=message)]


def _sentence(outlook: Outlook) -> str:
    what = f"{_so_many(outlook.documents, 'document')} for {_so_many(outlook.users, 'user')}"
    sending = f"{outlook.to_send:,} in {_so_many(outlook.requests, 'request')}"
    parts = [f"{what}; to send: {sending}, {_span(outlook.seconds)} at least"]
    if outlook.transcripts:
        parts.append(f"{outlook.transcripts:,} of them transcripts, which go one by one")
    credits_ = outlook.credits
    if credits_ and credits_.estimate is not None:
        parts.append(f"about {credits_.estimate:,.0f} credits")
    if credits_ and credits_.balance is not None:
        parts.append(f"a balance of {credits_.balance:,.0f}")
    return ", ".join(parts) + "."


def _so_many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
