"""How runs went is kept in few samples, whatever their length."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from synap_import.ledger import Ledger, Sample, samples
from synap_import.ledger.samples import Samples
from synap_import.ledger.schema import migrate
from synap_import.ledger.sqlite import SqliteConnection

LONG = 2_000


def sample(at: float, run: float = 0.0) -> Sample:
    return Sample(run, at, int(at), 0, 0, 0, 0, 0, 0, 4, 2.5)


def empty() -> Samples:
    connection = sqlite3.connect(":memory:", factory=SqliteConnection)
    migrate(connection)
    return Samples(lambda _="read": nullcontext(connection))


def test_a_sample_comes_back_as_it_was(ledger: Ledger) -> None:
    kept = [sample(1.5), sample(3.25)._replace(pace=None)]
    for one in kept:
        ledger.samples.keep(one)
    assert ledger.samples.kept() == kept


def test_a_long_run_keeps_its_ends_and_is_evenly_covered() -> None:
    runs = empty()
    for second in range(LONG):
        runs.keep(sample(second))
    kept = [one.at for one in runs.kept()]
    assert len(kept) == samples.MOST_SAMPLES
    assert (kept[0], kept[-1]) == (0, LONG - 1)
    # An even spread has gaps of LONG / MOST_SAMPLES.
    assert max(b - a for a, b in pairwise(kept)) <= 4 * LONG / samples.MOST_SAMPLES


def test_a_short_run_after_a_long_one_keeps_its_ends() -> None:
    runs = empty()
    for second in range(LONG):
        runs.keep(sample(second))
    for second in range(3):
        runs.keep(sample(LONG + second, run=LONG))
    of_second_run = [one.at for one in runs.kept() if one.run == LONG]
    assert {of_second_run[0], of_second_run[-1]} == {LONG, LONG + 2}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=12))
def test_there_are_never_too_many_and_they_stay_in_order(lengths: list[int]) -> None:
    runs = empty()
    at = 0
    for length in lengths:
        begun = at
        for _ in range(length):
            runs.keep(sample(at, run=begun))
            at += 1
    kept = [one.at for one in runs.kept()]
    assert len(kept) <= samples.MOST_SAMPLES
    assert kept == sorted(kept)
    assert kept[-1] == at - 1
