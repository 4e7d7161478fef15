"""What a report says can be read by people, and obeys nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.report.words import clock, counted, percent, shown

anything = st.text(st.characters())


@given(anything, st.integers(1, 60))
def test_shown_text_is_printable_short_and_in_one_line(text: str, limit: int) -> None:
    said = shown(text, limit)
    assert len(said) <= limit
    assert all(c.isprintable() or c in "\u200c\u200d" for c in said)


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=40))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert shown(text, 40) == text


def test_what_cannot_be_seen_is_written_as_its_code() -> None:
    assert shown("a\u202egpj.exe \x1b[2J") == "a\\u202egpj.exe \\x1b[2J"


def test_pictures_of_several_characters_stay_whole() -> None:
    family = "\U0001f469\u200d\U0001f467"
    assert shown(family) == family


def test_lines_become_one() -> None:
    assert shown("one\n  two\tthree") == "one two three"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "0 %"),
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (1, 3, "33.3 %"),
        (3, 10, "30 %"),
        (1, 100_000, "under 0.1 %"),
        (99_999, 100_000, "over 99.9 %"),
    ],
)
def test_shares_say_none_and_all_only_where_it_is_so(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said


def test_counts_have_their_nouns() -> None:
    assert (counted(1, "record"), counted(1200, "record")) == ("1 record", "1,200 records")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (2.5, "2.5 s"), (45, "45 s"), (120, "2 min"), (150, "2:30 min"), (5400, "1:30 h")],
)
def test_moments_of_a_run(seconds: float, said: str) -> None:
    assert clock(seconds) == said
