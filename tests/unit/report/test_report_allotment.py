"""A report lists so many records that it still opens at once, and some of each reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from synap_import.report.allotment import MOST_REASONS, allot

counts = st.dictionaries(st.text(max_size=3), st.integers(1, 5000), max_size=30)


@given(counts, st.integers(100, 3000))
def test_no_more_than_wanted_and_all_where_that_is_few_enough(
    counts: dict[str, int], most: int
) -> None:
    allotted = allot(counts, most)
    assert sum(allotted.values()) <= most
    if sum(counts.values()) <= most:
        assert allotted == counts


@given(counts)
def test_every_reason_has_records_in_the_list(counts: dict[str, int]) -> None:
    allotted = allot(counts, 300)
    assert allotted.keys() == counts.keys()
    assert all(0 < allotted[reason] <= counts[reason] for reason in counts)


def test_what_a_rare_reason_leaves_goes_to_the_others() -> None:
    assert allot({"rare": 10, "often": 500, "most": 900}, 110) == {
        "rare": 10,
        "often": 50,
        "most": 50,
    }


def test_of_very_many_reasons_the_most_frequent_are_told() -> None:
    counts = {f"reason {n}": n for n in range(1, MOST_REASONS + 51)}
    allotted = allot(counts)
    assert min(counts[reason] for reason in allotted) == 51
