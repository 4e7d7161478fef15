"""The few documents that are tried first show all kinds of what there is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from support.sources import record
from synap_import.ledger import Claimed, Ledger, PlannedDocument
from synap_import.records import Kind
from synap_import.sources import Page, Partition
from synap_import.trying import Trial, telling, tried

OLD, NEW = datetime(2019, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def candidate(number: int, user: str = "ada", **changes: Any) -> Claimed:
    return Claimed(number, f"doc-{number}", user, None, (record(number, user=user, **changes),))


def numbers(chosen: list[Claimed]) -> list[int]:
    return [one.number for one in chosen]


def test_every_user_is_tried_before_one_is_tried_twice() -> None:
    candidates = [candidate(n, user="ada") for n in range(50)]
    candidates += [candidate(50, user="bob"), candidate(51, user="eve")]
    assert {50, 51} < set(numbers(telling(candidates, 3)))


def test_rare_kinds_and_long_and_old_texts_are_tried() -> None:
    candidates = [candidate(n, created_at=NEW) for n in range(40)]
    candidates += [
        candidate(40, kind=Kind.SUMMARY, created_at=NEW),
        candidate(41, text="long " * 500, created_at=NEW),
        candidate(42, created_at=OLD),
        candidate(43, created_at=None),
    ]
    assert {40, 41, 42, 43} < set(numbers(telling(candidates, 5)))


CANDIDATES = st.lists(
    st.builds(
        lambda user, text, kind: (user, text, kind),
        st.sampled_from(["ada", "bob", "eve"]),
        st.text(min_size=1, max_size=40),
        st.sampled_from(list(Kind)),
    ),
    max_size=30,
).map(
    lambda rows: [
        candidate(n, user=user, text=text, kind=kind) for n, (user, text, kind) in enumerate(rows)
    ]
)


@given(CANDIDATES, st.integers(0, 40))
def test_as_many_as_there_are_are_chosen_in_order_and_once(
    candidates: list[Claimed], size: int
) -> None:
    chosen = numbers(telling(candidates, size))
    assert len(chosen) == min(size, len(candidates))
    assert chosen == sorted(set(chosen))
    assert chosen == numbers(telling(candidates, size))


def planned(ledger: Ledger, count: int) -> None:
    partition = Partition("p", "a partition")
    ledger.reading.open_partition(partition)
    ledger.reading.stage(
        partition, Page([record(n, user=f"user-{n % 3}") for n in range(count)], None)
    )
    ledger.planning.plan(
        [
            PlannedDocument((one.number,), f"doc-{one.number}", one.record.scope.user, None)
            for one in ledger.planning.unplanned(1000)
        ],
        [],
    )


def test_a_job_tries_the_same_documents_again_and_more_if_more_are_wanted(
    ledger: Ledger,
) -> None:
    planned(ledger, 60)
    first = Trial(ledger, 5)
    first.choose()
    again, more = Trial(ledger, 5), Trial(ledger, 8)
    again.choose()
    assert again.numbers == first.numbers == tried(ledger)
    more.choose()
    assert len(more.numbers) == 8
    assert set(first.numbers) < set(more.numbers)


def test_only_the_documents_of_the_trial_are_claimed(ledger: Ledger) -> None:
    planned(ledger, 60)
    trial = Trial(ledger, 5)
    trial.choose()
    claimed = trial.claim(3) + trial.claim(100)
    assert numbers(claimed) == trial.numbers
    assert [one.records[0].text for one in claimed] == [f"memory {n - 1}" for n in trial.numbers]
    assert trial.claim(100) == []
    assert len(ledger.sending.claim(100)) == 55


def test_what_was_given_back_is_claimed_again(ledger: Ledger) -> None:
    planned(ledger, 10)
    trial = Trial(ledger, 2)
    trial.choose()
    ledger.sending.release(numbers(trial.claim(1)))
    assert numbers(trial.claim(10)) == trial.numbers
