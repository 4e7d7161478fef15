"""Which documents stand for all, when asking about every one would take too long."""

from __future__ import annotations

from typing import NamedTuple


class Sampling(NamedTuple):
    """A sample of at most ``size`` of so many ``documents`` of so many ``owners``.

    Every owner is in it with a document while the size allows, else evenly chosen owners; the
    rest goes to the owners in proportion to what they have, spread over their documents from
    first to last. No chance in it: the same documents give the same sample.
    """

    documents: int
    owners: int
    size: int

    def takes(self, owner: int, nth: int, of_owner: int) -> bool:
        """Whether the sample holds the nth document (from 0) of an owner (from 0)."""
        if self.owners > self.size:
            return nth == 0 and _evenly(owner, self.size, self.owners)
        return _evenly(nth, self._share(of_owner), of_owner)

    def _share(self, of_owner: int) -> int:
        """Documents taken of an owner: one, and a share of what the others leave."""
        if self.documents <= self.size:
            return of_owner
        beyond_firsts = self.documents - self.owners
        return 1 + (self.size - self.owners) * (of_owner - 1) // beyond_firsts


def _evenly(place: int, chosen: int, of: int) -> bool:
    """Whether the place (from 0) is one of so many, the first one included, with equal gaps."""
    return place * chosen // of > (place - 1) * chosen // of
