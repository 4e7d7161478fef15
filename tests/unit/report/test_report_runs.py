"""How fast runs were is told from the samples that they left."""

from __future__ import annotations

from pathlib import Path

from support.report_jobs import facts_of, samples
from synap_import.report.facts import Moment
from synap_import.report.runs import stretches, summary_of


def moments(tmp_path: Path, seconds: int, *, second_run: bool = False) -> tuple[Moment, ...]:
    later = samples(seconds, run=1_800_009_000.0) if second_run else []
    # A resumed run counts on from where the earlier one was.
    ahead = 100 * (seconds - 1)
    later = [s._replace(loaded=s.loaded + ahead, exported=s.exported + ahead) for s in later]
    return facts_of(tmp_path, samples=[*samples(seconds), *later]).moments


def test_the_rate_is_what_came_to_an_end_in_a_second(tmp_path: Path) -> None:
    work = stretches(moments(tmp_path, 5))
    assert [one.rate for one in work] == [100.0] * 4
    assert [(one.begin, one.end) for one in work][-1] == (3.0, 4.0)


def test_the_time_between_runs_is_no_work(tmp_path: Path) -> None:
    work = stretches(moments(tmp_path, 4, second_run=True))
    assert work[-1].end == 6.0
    assert {one.run for one in work} == {0, 1}
    assert max(one.rate for one in work) == 100.0


def test_the_summary_names_runs_rate_and_batches(tmp_path: Path) -> None:
    assert summary_of(moments(tmp_path, 4, second_run=True)) == (
        "2 runs, 6 s of work: 100 records a second on average, 100 at best, "
        "at most 4 batches under way at once."
    )


def test_a_run_of_a_moment_has_no_rate(tmp_path: Path) -> None:
    assert summary_of(moments(tmp_path, 2)) == "1 run, under 3 seconds of work."


def test_a_single_sample_tells_nothing(tmp_path: Path) -> None:
    assert summary_of(moments(tmp_path, 1)) == ""


def test_time_in_which_synap_is_asked_is_not_time_of_loading(tmp_path: Path) -> None:
    loading = samples(3)
    asking = [s._replace(at=s.at + 3, loaded=200, exported=200, confirmed=50) for s in samples(7)]
    told = facts_of(tmp_path, samples=[*loading, *asking]).moments
    assert [one.is_confirming for one in stretches(told)] == [False, False, *[True] * 7]
    assert "100 records a second on average" in summary_of(told)


def test_a_clock_that_is_set_back_does_not_make_a_rate(tmp_path: Path) -> None:
    early, late = samples(2)
    told = facts_of(tmp_path, samples=[early, late._replace(at=early.at - 60)]).moments
    assert stretches(told) == []
