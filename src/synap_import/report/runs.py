"""How fast the runs of a job were, from the samples that they left behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from .words import counted, duration, number

if TYPE_CHECKING:
    from .facts import Moment


_TOO_SHORT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Between two samples of a run, in seconds of work since the job began, pauses left out.

    ``rate`` is records a second that came to an end, ``in_flight`` batches at the stretch's end.
    When it ``is_confirming``, loading is over, and documents are asked about.
    """

    run: int
    begin: float
    end: float
    rate: float
    in_flight: int
    pace: float | None
    is_confirming: bool = False


def stretches(moments: Sequence[Moment]) -> list[Stretch]:
    """What the samples say, run by run, on one clock that stands still between runs."""
    return list(_stretches(moments))


def _stretches(moments: Sequence[Moment]) -> Iterator[Stretch]:
    clock = 0.0
    for number_of_run, (_, samples) in enumerate(groupby(moments, key=attrgetter("run"))):
        for before, after in pairwise(samples):
            seconds = (after.at - before.at).total_seconds()
            if seconds <= 0:
                continue
            rate = max(0, _finished(after) - _finished(before)) / seconds
            yield Stretch(
                number_of_run,
                clock,
                clock + seconds,
                rate,
                after.in_flight,
                after.pace,
                is_confirming=after.confirmed > 0 and rate == 0,
            )
            clock += seconds


def summary_of(moments: Sequence[Moment]) -> str:
    """The runs in a sentence; empty where no sample tells of any."""
    work = stretches(moments)
    if not work:
        return ""
    runs = counted(len({one.run for one in work}), "run")
    seconds = work[-1].end
    if seconds < _TOO_SHORT_SECONDS:
        return f"{runs}, under {_TOO_SHORT_SECONDS} seconds of work."
    loading = [one for one in work if not one.is_confirming] or work
    finished = sum(one.rate * (one.end - one.begin) for one in work)
    mean = finished / sum(one.end - one.begin for one in loading)
    most = max(one.in_flight for one in work)
    return (
        f"{runs}, {duration(seconds)} of work: "
        f"{number(mean)} records a second on average, "
        f"{number(max(one.rate for one in work))} at best, "
        f"at most {counted(most, 'batch', 'batches')} under way at once."
    )


def are_worth_a_picture(work: Sequence[Stretch]) -> bool:
    """Whether there is more to see than a sentence says."""
    return bool(work) and work[-1].end >= _TOO_SHORT_SECONDS


def _finished(moment: Moment) -> int:
    return moment.loaded + moment.already_there + moment.held + moment.rejected + moment.in_doubt
