"""A trial: a few documents are loaded first, which show what becomes of all kinds of them.

They are chosen once everything was read and planned, so nothing is sent before. A job has one
trial: the same command, run again, tries the same documents.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .ledger import Claimed, Ledger

_KEY = "trial"
_CANDIDATES_FOR_EACH = 8


@dataclass(slots=True)
class Trial:
    """The trial of a job, of about ``size`` documents."""

    ledger: Ledger
    size: int
    numbers: list[int] = field(default_factory=list)

    def choose(self) -> None:
        """Take those that were tried before, and as many more as are wanted."""
        before = tried(self.ledger)
        missing = self.size - len(before)
        if missing > 0:
            candidates = [
                one
                for one in self.ledger.trials.choose(self.size * _CANDIDATES_FOR_EACH)
                if one.number not in before
            ]
            before = sorted([*before, *(one.number for one in telling(candidates, missing))])
            self.ledger.note(_KEY, json.dumps(before))
        self.numbers = before

    def claim(self, limit: int) -> list[Claimed]:
        """Take the next of them for sending."""
        return self.ledger.sending.claim(limit, among=self.numbers)


def tried(ledger: Ledger) -> list[int]:
    """The numbers of the documents of the job's trial, as far as they are still documents."""
    noted = ledger.noted(_KEY)
    return [] if noted is None else ledger.trials.among(json.loads(noted))


def telling(candidates: Sequence[Claimed], size: int) -> list[Claimed]:
    """So many documents that differ most: in user, kind, length and age.

    Each one chosen is the one that has most of what no other chosen one has; of those that have as
    much, it is one far from the others. No chance in it.
    """
    traits = _traits(candidates)
    left = _far_apart(len(candidates))
    seen: set[tuple[str, object]] = set()
    chosen: list[int] = []
    while left and len(chosen) < size:
        best = max(left, key=lambda place: len(traits[place] - seen))
        if not traits[best] - seen and chosen:
            # All there is to be seen was seen: begin anew, so that the rest is spread as well.
            seen.clear()
            continue
        seen |= traits[best]
        chosen.append(best)
        left.remove(best)
    return [candidates[place] for place in sorted(chosen)]


def _far_apart(count: int) -> list[int]:
    """The places up to a count, each one far from those before it: 0, the middle, a quarter."""
    digits = max(1, (count - 1).bit_length())
    return sorted(range(count), key=lambda place: f"{place:0{digits}b}"[::-1])


def _traits(candidates: Sequence[Claimed]) -> list[set[tuple[str, object]]]:
    """What there is to be seen of each candidate."""
    lengths = [sum(len(record.text) for record in one.records) for one in candidates]
    times = [one.records[0].created_at for one in candidates]
    typical_length = median(lengths) if lengths else 0
    typical_time = _median_time(times)
    traits: list[set[tuple[str, object]]] = []
    for one, length, time in zip(candidates, lengths, times, strict=True):
        kind = one.records[0].kind
        size = "long" if length > typical_length else "short"
        traits.append(
            {
                ("user", (one.user_id, one.customer_id)),
                ("kind and size", (kind, size)),
                ("kind and age", (kind, _age(time, typical_time))),
            }
        )
    return traits


def _median_time(times: Sequence[datetime | None]) -> datetime | None:
    known = sorted(time for time in times if time is not None)
    return known[len(known) // 2] if known else None


def _age(time: datetime | None, typical: datetime | None) -> str:
    if time is None or typical is None:
        return "unknown"
    return "old" if time < typical else "new"
