"""How many of each reason's records are listed, so that a report stays one that opens at once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

GroupT = TypeVar("GroupT", bound=Hashable)

MOST_LISTED = 1_500
MOST_REASONS = 100


def allot(counts: Mapping[GroupT, int], most: int = MOST_LISTED) -> dict[GroupT, int]:
    """How many of each to list: all where that is few enough, otherwise the same of each.

    What a reason does not need goes to the others. Reasons that are too many to be told one by
    one, the rarest of them, get nothing.
    """
    by_count = sorted(counts, key=lambda reason: counts[reason])
    told = by_count[-MOST_REASONS:]
    allotted: dict[GroupT, int] = {}
    left = most
    for place, reason in enumerate(told):
        share = min(counts[reason], left // (len(told) - place))
        allotted[reason] = share
        left -= share
    return allotted
