"""Original times, counted day by day and told in steps that a picture has room for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from .facts import Span, Step, Timeline
from .tallies import Tally, outcomes

_MOST_DAYS = 5_000
# A picture of so many bars is still one of bars.
_MOST_SPANS = 110
_DAYS = {Step.DAY: 1.0, Step.WEEK: 7.0, Step.MONTH: 30.44, Step.QUARTER: 91.3, Step.YEAR: 365.25}
# Of so few records, so far away, a picture tells nothing, and of the others next to nothing.
_FEW, _FAR = 0.005, 3
_ENOUGH = 20  # of so many records a single one may be left out


@dataclass(slots=True)
class Times:
    """Counts records by day; when there are very many days, by the month or the year.

    So a source with a made-up time for every record takes no more memory than another.
    """

    timeless: int = 0
    first: date | None = None
    last: date | None = None
    _tallies: defaultdict[date, Tally] = field(default_factory=lambda: defaultdict(Counter))
    _finest: Step = Step.DAY

    def add(self, created_at: datetime | None, outcome: str) -> None:
        """A record goes by."""
        if created_at is None:
            self.timeless += 1
            return
        day = _day(created_at)
        self.first = day if self.first is None else min(day, self.first)
        self.last = day if self.last is None else max(day, self.last)
        self._tallies[step_start(day, self._finest)][outcome] += 1
        if len(self._tallies) > _MOST_DAYS and self._finest is not Step.YEAR:
            self._finest = Step.MONTH if self._finest is Step.DAY else Step.YEAR
            self._tallies = _regrouped(self._tallies, self._finest)

    def timeline(self) -> Timeline:
        """What went by, in steps that fit the time that it covers."""
        core = _core({day: tally.total() for day, tally in self._tallies.items()})
        kept = {day: tally for day, tally in self._tallies.items() if day in core}
        step = max(fitting_step(core), self._finest, key=_DAYS.__getitem__)
        spans = _regrouped(kept, step)
        return Timeline(
            self.first,
            self.last,
            self.timeless,
            step,
            tuple(Span(start, outcomes(spans[start])) for start in sorted(spans)),
            earlier=sum(t.total() for day, t in self._tallies.items() if core and day < core[0]),
            later=sum(t.total() for day, t in self._tallies.items() if core and day > core[-1]),
        )


def step_start(day: date, step: Step) -> date:
    """The first day of the step that the day is in."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            # The first week of the calendar begins before its first day.
            return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
        case Step.MONTH:
            return day.replace(day=1)
        case Step.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Step.YEAR:
            return day.replace(month=1, day=1)


def next_start(start: date, step: Step) -> date:
    """The first day of the step after this one, or the last day that there is."""
    longer = {Step.DAY: 1, Step.WEEK: 7, Step.MONTH: 31, Step.QUARTER: 92, Step.YEAR: 366}
    if start > date.max - timedelta(days=longer[step]):
        return date.max
    return step_start(start + timedelta(days=longer[step]), step)


def fitting_step(days: list[date]) -> Step:
    """The shortest step in which the days, in order, are not too many to be drawn."""
    if not days:
        return Step.DAY
    covered = (days[-1] - days[0]).days + 1
    for step, length in _DAYS.items():
        if covered / length <= _MOST_SPANS:
            return step
    return Step.YEAR


def _core(counts: dict[date, int]) -> list[date]:
    """The days, in order, without those few that lie far away from all others."""
    days = sorted(counts)
    if not days:
        return []
    total = sum(counts.values())
    spare = max(int(total * _FEW), total >= _ENOUGH)
    low, high = 0, len(days) - 1
    left = spare
    while low < high and counts[days[low]] <= left:
        left -= counts[days[low]]
        low += 1
    while low < high and counts[days[high]] <= left:
        left -= counts[days[high]]
        high -= 1
    middle = max((days[high] - days[low]).days + 1, 1)
    if days[low] - days[0] < timedelta(days=_FAR * middle):
        low = 0
    if days[-1] - days[high] < timedelta(days=_FAR * middle):
        high = len(days) - 1
    return days[low : high + 1]


def _regrouped(tallies: dict[date, Tally], step: Step) -> defaultdict[date, Tally]:
    grouped: defaultdict[date, Tally] = defaultdict(Counter)
    for day, tally in tallies.items():
        grouped[step_start(day, step)].update(tally)
    return grouped


def _day(moment: datetime) -> date:
    try:
        return moment.astimezone(UTC).date()
    except OverflowError:  # within a day of the calendar's ends
        return moment.date()
