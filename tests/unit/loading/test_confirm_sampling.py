"""The documents that stand for all: every user, in proportion, always the same."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from synap_import.ledger.sampling import Sampling


def sample(of_owners: list[int], size: int) -> Counter[int]:
    """Documents in the sample by owner, who have so many."""
    sampling = Sampling(sum(of_owners), len(of_owners), size)
    return Counter(
        owner
        for owner, documents in enumerate(of_owners)
        for nth in range(documents)
        if sampling.takes(owner, nth, documents)
    )


OWNERS = st.lists(st.integers(1, 60), min_size=1, max_size=40)


@given(OWNERS, st.integers(1, 500))
def test_it_is_never_larger_than_asked(of_owners: list[int], size: int) -> None:
    assert sum(sample(of_owners, size).values()) <= size


@given(OWNERS, st.integers(40, 500))
def test_every_user_is_in_it_while_that_goes(of_owners: list[int], size: int) -> None:
    assert set(sample(of_owners, size)) == set(range(len(of_owners)))


@given(OWNERS)
def test_what_fits_is_taken_whole(of_owners: list[int]) -> None:
    assert sample(of_owners, sum(of_owners)) == Counter(dict(enumerate(of_owners)))


@given(OWNERS, st.integers(1, 500))
def test_hardly_anything_is_left_free(of_owners: list[int], size: int) -> None:
    possible = min(size, sum(of_owners))
    assert sum(sample(of_owners, size).values()) > possible - len(of_owners)


def test_too_many_users_are_thinned_out_evenly() -> None:
    assert sorted(sample([3] * 10, 5)) == [0, 2, 4, 6, 8]


def test_users_with_more_documents_have_more_in_it() -> None:
    assert sample([900, 90, 10], 103) == {0: 91, 1: 9, 2: 1}


def test_the_documents_of_a_user_are_spread_from_first_to_last() -> None:
    sampling = Sampling(100, 1, 4)
    assert [nth for nth in range(100) if sampling.takes(0, nth, 100)] == [0, 25, 50, 75]
