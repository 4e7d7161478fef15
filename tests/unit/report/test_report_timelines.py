"""Original times are counted once each, in steps that a picture has room for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from synap_import.report.charts.timeline import all_starts
from synap_import.report.facts import Step, Timeline
from synap_import.report.timelines import Times, next_start, step_start

times = st.none() | st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))])
)
DAY = datetime(2025, 6, 1, tzinfo=UTC)


def timeline_of(*moments: datetime | None) -> Timeline:
    counted = Times()
    for moment in moments:
        counted.add(moment, "loaded")
    return counted.timeline()


@given(st.lists(times, max_size=60))
def test_every_record_is_counted_once(moments: list[datetime | None]) -> None:
    timeline = timeline_of(*moments)
    in_spans = sum(span.outcomes.total for span in timeline.spans)
    assert in_spans + timeline.timeless + timeline.earlier + timeline.later == len(moments)


@given(st.lists(times.filter(bool), min_size=1, max_size=20))
def test_a_picture_has_room_for_all_steps(moments: list[datetime]) -> None:
    timeline = timeline_of(*moments)
    starts = all_starts(timeline)
    assert {span.start for span in timeline.spans} <= set(starts)
    assert len(starts) <= 120 or timeline.step is Step.YEAR


@given(st.dates(max_value=date(9990, 1, 1)), st.sampled_from(Step))
def test_steps_follow_each_other_without_a_gap(day: date, step: Step) -> None:
    start = step_start(day, step)
    after = next_start(start, step)
    assert start <= day < after
    assert step_start(after, step) == after
    assert step_start(after - timedelta(days=1), step) == start


def test_the_step_grows_with_the_time_that_is_covered() -> None:
    def step(days: int) -> Step:
        return timeline_of(*(DAY + timedelta(days=n) for n in range(0, days, days // 10))).step

    assert [step(60), step(300), step(1200), step(9000), step(30_000)] == [
        Step.DAY,
        Step.WEEK,
        Step.MONTH,
        Step.QUARTER,
        Step.YEAR,
    ]


def test_one_record_far_away_does_not_make_the_others_a_single_bar() -> None:
    timeline = timeline_of(
        datetime(1970, 1, 1, tzinfo=UTC), *(DAY + timedelta(days=n) for n in range(90))
    )
    assert timeline.earlier == 1
    assert timeline.first == date(1970, 1, 1)
    assert len(timeline.spans) == 90


def test_many_records_far_away_are_drawn_with_the_others() -> None:
    timeline = timeline_of(*[DAY - timedelta(days=9000)] * 30, *[DAY] * 60)
    assert timeline.earlier == 0
    assert sum(span.outcomes.total for span in timeline.spans) == 90


def test_times_all_over_the_calendar_are_kept_by_the_year() -> None:
    counted = Times()
    for number in range(30_000):
        counted.add(DAY + timedelta(days=number * 90), "loaded")
    timeline = counted.timeline()
    assert timeline.step is Step.YEAR
    assert sum(span.outcomes.total for span in timeline.spans) == 30_000
