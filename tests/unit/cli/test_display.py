"""What a person sees while a run goes on, and at its end."""

from __future__ import annotations

import pytest

from synap_import.cli.display import Pace, describe, estimated_total
from synap_import.cli.preflight_words import warning_lines
from synap_import.cli.summary import notice_lines, summary_lines
from synap_import.cli.terminal import duration, inert
from synap_import.errors import ExitCode
from synap_import.ledger import Books
from synap_import.preflight import CATALOG
from synap_import.progress import Progress, ReadSoFar, foresee
from synap_import.watching import exit_code


def test_while_it_only_reads_the_line_foretells_no_end() -> None:
    progress = Progress(expected=10_000, exported=6237, held=126)
    line = describe(progress, rate=24, now=0)
    assert "exported 6,237" in line
    assert "/s" not in line
    assert "left" not in line


def test_the_line_shows_counts_rate_and_time_left() -> None:
    progress = Progress(exported=2000, loaded=900, held=100, reading_done=True)
    line = describe(progress, rate=100, now=0)
    assert "exported 2,000" in line
    assert "loaded 900" in line
    assert "100/s" in line
    assert "about 10 s left" in line


def test_the_line_counts_a_wait_down() -> None:
    progress = Progress(waiting="Synap's rate limit", waiting_until=130)
    assert "waiting for Synap's rate limit: 30 s" in describe(progress, 0, now=100)


def test_without_an_announcement_the_total_is_judged_by_what_was_read() -> None:
    assert estimated_total(Progress(exported=100, foreseen=400)) == 400
    assert estimated_total(Progress(exported=100)) is None
    assert estimated_total(Progress(exported=100, expected=90)) == 100


@pytest.mark.parametrize(
    ("begun", "now", "total"),
    [((0.1, 100), (0.2, 200), 1000), ((0.5, 0), (0.75, 100), 200), ((0.1, 100), (0.1, 100), None)],
)
def test_the_end_is_foreseen_from_two_moments(
    begun: tuple[float, int], now: tuple[float, int], total: int | None
) -> None:
    assert foresee(ReadSoFar(*begun), ReadSoFar(*now)) == total


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    for second in range(100):
        rate = pace.update(second, finished=0 if second < 50 else (second - 50) * 10)
    assert rate == pytest.approx(10)


def test_the_numbers_of_the_summary_add_up() -> None:
    books = Books(
        exported=12, loaded=8, already_there=1, held={"empty-text": 2}, rejected={"unreadable": 1}
    )
    lines = summary_lines("title", books)
    assert [line.split()[-1] for line in lines[1:4]] == ["12", "8", "1"]
    assert "empty-text 2" in lines[4]
    assert "unreadable 1" in lines[5]


def test_a_single_reason_is_worded_as_one() -> None:
    lines = notice_lines(Books(notices={"naive-time:created_at": 1, "no-time:created_at": 3}))
    assert lines[0].startswith("Note: created_at of 1 record ")
    assert lines[1].startswith("Note: created_at of 3 records ")


@pytest.mark.parametrize(
    ("books", "code"),
    [
        (Books(exported=2, loaded=2), ExitCode.OK),
        (Books(exported=2, loaded=1, held={"x": 1}), ExitCode.OK),
        (Books(exported=2, loaded=1, rejected={"x": 1}), ExitCode.SOMETHING_REJECTED),
        (Books(exported=2, loaded=1), ExitCode.SOMETHING_REJECTED),
        (Books(exported=2, loaded=1, unfinished=1), ExitCode.STOPPED_RESUMABLE),
    ],
)
def test_the_exit_code_follows_the_books(books: Books, code: ExitCode) -> None:
    assert exit_code(books) == code


def test_hostile_text_is_shown_not_obeyed() -> None:
    assert inert("a\x1b[31mb\nc\u202e") == "a\\x1b[31mb\\nc\\u202e"


def test_long_text_is_cut() -> None:
    assert len(inert("x" * 1000)) == 200


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (89, "89 s"), (600, "10 min"), (7300, "2 h 1 min")]
)
def test_durations_read_naturally(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_default_that_was_taken_is_a_sentence() -> None:
    assert notice_lines(Books(notices={"default:user": 3})) == [
        "Note: user of 3 records was absent: the default was taken that was given for it."
    ]


def test_what_was_foretold_of_the_load_is_not_told_after_it() -> None:
    short = CATALOG["credits-short"].found(1, message="The balance is short.")
    future = CATALOG["time-future"].found(2)
    assert len(warning_lines([short, future])) == 2
    [left] = warning_lines([short, future], is_loaded=True)
    assert "time-future" in left
