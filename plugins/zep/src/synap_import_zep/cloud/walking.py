"""A walk through a list by cursors: where it ends, and what came into it meanwhile."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from .answers import Listed
from .dialect import Order
from .times import moment

Fetch = Callable[[str | None, Order], Awaitable[Listed]]

MARGIN = timedelta(minutes=10)
"""By which Zep's clock and ours may differ."""
_MOST_EMPTY_PAGES = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of a partition is; its text is the partition's cursor.

    ``part`` counts the lists of the partition, ``seen`` the items of the list so far. ``began``
    is when reading began, ``again`` that the list is looked at once more, newest first, for what
    was created since.
    """

    part: int = 0
    cursor: str | None = None
    seen: int = 0
    began: str | None = None
    again: bool = False

    @classmethod
    def of(cls, cursor: str | None) -> Place:
        """From the text."""
        return cls(**json.loads(cursor)) if cursor else cls()

    def begun(self) -> Place:
        """Now, if it has not begun before."""
        return self if self.began else replace(self, began=datetime.now(UTC).isoformat())

    def __str__(self) -> str:
        """The text."""
        return json.dumps(asdict(self))


class Step(NamedTuple):
    """A page: where it was, where to go on within the list, and what is wrong with the list."""

    place: Place
    items: Sequence[Any]
    behind: Place | None
    problem: str | None
    first: int
    """The number of the page's first item within the list."""


@dataclass(slots=True)
class Walk:
    """Decides after each page what is next.

    Only the absence of a cursor ends a list: pages may be empty in the middle. A cursor that
    was asked for already would go round for ever. New items get ids anywhere in a list that is
    sorted by them, so a walk of several pages misses about half of what is created meanwhile:
    then the newest are looked at again.
    """

    fetch: Fetch
    catches_up: bool = True
    again: Order = Order.NEWEST

    async def steps(self, start: Place) -> AsyncGenerator[Step, None]:
        """The pages from a place on."""
        asked: set[str] = set()
        place: Place | None = start.begun()
        empty = 0
        while place is not None:
            order = self.again if place.again else Order.STABLE
            listed = await self.fetch(place.cursor, order)
            empty = 0 if listed.items else empty + 1
            if place.cursor is not None:
                asked.add(place.cursor)
            goes_round = listed.next in asked or empty > _MOST_EMPTY_PAGES
            step = self._step(place, listed, goes_round=goes_round)
            yield step
            if step.behind is not None and step.behind.again and not place.again:
                asked.clear()
            place = step.behind

    def _step(self, place: Place, listed: Listed, *, goes_round: bool) -> Step:
        first = 0 if listed.whole else place.seen
        seen = first + len(listed.items)
        behind, problem = None, None
        if goes_round:
            problem = "Zep gives a cursor again that it gave before; what is behind it is not read"
        elif place.again:
            if listed.next is not None and not self._is_old(listed.items, place):
                behind = replace(place, cursor=listed.next)
        elif listed.next is not None:
            behind = replace(place, cursor=listed.next, seen=seen)
        else:
            if listed.total is not None and seen < listed.total:
                problem = f"Zep counts {listed.total} and lists {seen}"
            if self.catches_up and place.cursor is not None:
                behind = replace(place, cursor=None, again=True)
        return Step(place, listed.items, behind, problem, first)

    def _is_old(self, items: Sequence[Any], place: Place) -> bool:
        """Whether the page reaches back to before the walk began."""
        began = moment(place.began)
        changed = ("updated_at", "created_at") if self.again is Order.LAST_CHANGED else ()
        times = [_time(item, *changed, "created_at") for item in items]
        return began is not None and any(time < began - MARGIN for time in times if time)


def recent(since: datetime) -> Place:
    """The beginning of a walk that only looks for what was created or changed since then."""
    return Place(began=since.isoformat(), again=True)


def _time(item: Any, *names: str) -> datetime | None:
    if not isinstance(item, Mapping):
        return None
    return next((time for name in names if (time := moment(item.get(name)))), None)
