"""Whether the account of a job holds, and what a verification tells the shell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from synap_import.errors import ExitCode
from synap_import.ledger import Books, Given, IngestionGap
from synap_import.sources import Finding, Severity
from synap_import.verifying.books import Difference, Weight, differences
from synap_import.verifying.judging import Mixup, Outcome, Sought
from synap_import.verifying.results import as_fields, by_user, exit_code
from synap_import.verifying.run import Verified

EVEN = Books(exported=12, loaded=10, held={"empty-text": 2}, documents=10)


def uneven(
    books: Books = EVEN,
    findings: tuple[Finding, ...] = (),
    gaps: tuple[IngestionGap, ...] = (IngestionGap("completed", 10, ("a",)),),
    unread: int = 0,
) -> list[tuple[Weight, str, int]]:
    return [(one.weight, one.code, one.times) for one in differences(books, findings, gaps, unread)]


def test_books_that_are_even_have_no_difference() -> None:
    assert uneven() == []


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"loaded": 9}, (Weight.MISSING, "unaccounted", 1)),
        ({"loaded": 8, "rejected": {"x": 2}}, (Weight.MISSING, "rejected", 2)),
        ({"loaded": 7, "unfinished": 3}, (Weight.OPEN, "not-sent", 3)),
        ({"loaded": 9, "in_doubt": 1}, (Weight.OPEN, "in-doubt", 1)),
        ({"loaded": 4, "rolled_back": 6}, None),
        ({"loaded": 4, "already_there": 6}, None),
    ],
)
def test_every_state_that_is_not_an_end_is_a_difference(
    changes: dict[str, Any], difference: tuple[Weight, str, int] | None
) -> None:
    fields = {"exported": 12, "held": {"empty-text": 2}, "documents": 10, **changes}
    assert uneven(Books(**fields)) == ([difference] if difference else [])


@pytest.mark.parametrize(
    ("what", "weight"),
    [
        ("partial_success", Weight.MISSING),
        ("unfinished", Weight.OPEN),
        ("no_memories", Weight.NOTE),
        ("no_id", Weight.NOTE),
        ("unknown", Weight.NOTE),
    ],
)
def test_what_was_not_confirmed_is_named_with_its_documents(what: str, weight: Weight) -> None:
    [one] = differences(EVEN, (), [IngestionGap(what, 3, ("doc-1", "doc-2"))], 0)
    assert (one.weight, one.times, one.examples) == (weight, 3, ("doc-1", "doc-2"))


def test_what_nobody_asked_about_is_only_counted() -> None:
    [one] = differences(EVEN, (), [IngestionGap("not_asked", 1_200, ("doc-1", "doc-2"))], 0)
    assert (one.weight, one.examples) == (Weight.NOTE, ())
    assert one.message == "1,200 documents that Synap was not asked about."


def test_what_the_source_missed_counts_and_what_it_only_remarked_does_not() -> None:
    lost = Finding(Severity.ERROR, "fewer-than-announced", "40 are missing", count=40)
    remark = Finding(Severity.WARNING, "odd", "something is odd")
    known = Finding(Severity.INFO, "fyi", "nothing to do")
    assert uneven(findings=(remark, lost, known), unread=1) == [
        (Weight.MISSING, "fewer-than-announced", 40),
        (Weight.OPEN, "source-not-read-to-its-end", 1),
        (Weight.NOTE, "odd", 1),
    ]


@pytest.mark.parametrize(
    ("announced", "codes"),
    [(None, []), (12, []), (11, []), (13, ["fewer-than-announced"])],
)
def test_what_the_source_announced_is_compared_with_what_came_out(
    announced: int | None, codes: list[str]
) -> None:
    assert [one.code for one in differences(EVEN, (), (), 0, announced)] == codes


def test_what_came_out_twice_was_announced_twice() -> None:
    assert differences(replace(EVEN, seen_again=3), (), (), 0, EVEN.exported + 3) == []


def test_a_source_that_was_not_read_to_its_end_is_not_held_to_its_word() -> None:
    [one] = differences(EVEN, (), (), 1, 100)
    assert one.code == "source-not-read-to-its-end"


def sought(user: str, outcome: Outcome | None) -> Sought:
    return Sought(1, "doc", user, None, 5, None, outcome=outcome)


def test_the_worst_users_come_first() -> None:
    found = Verified(
        [
            sought("fine", Outcome.FOUND),
            sought("fine", Outcome.FOUND_BY_WORDS),
            sought("open", Outcome.UNVERIFIED),
            sought("lost", Outcome.NOT_FOUND),
            sought("mixed", Outcome.FOUND),
        ],
        [Mixup("mixed", None, Given(9, "doc-9", "fine", None))],
    )
    users = by_user(found)
    assert [user.user_id for user in users] == ["mixed", "lost", "open", "fine"]
    assert [user.is_fine for user in users] == [False, False, False, True]
    assert (users[3].sought, users[3].found, users[3].by_words) == (2, 1, 1)


OPEN = Difference(Weight.OPEN, "not-sent", 1, "…")
LOST = Difference(Weight.MISSING, "rejected", 1, "…")
NOTED = Difference(Weight.NOTE, "not-asked", 1, "…")


@pytest.mark.parametrize(
    ("outcomes", "books", "code"),
    [
        ([Outcome.FOUND, Outcome.FOUND_BY_WORDS], [], ExitCode.OK),
        ([Outcome.NO_WORDS, Outcome.NO_MEMORIES, Outcome.OUTRANKED], [NOTED], ExitCode.OK),
        ([Outcome.FOUND], [OPEN], ExitCode.STOPPED_RESUMABLE),
        ([Outcome.UNVERIFIED], [], ExitCode.STOPPED_RESUMABLE),
        ([Outcome.UNFINISHED], [], ExitCode.STOPPED_RESUMABLE),
        ([None], [], ExitCode.STOPPED_RESUMABLE),
        ([Outcome.NOT_FOUND, Outcome.UNVERIFIED], [OPEN], ExitCode.SOMETHING_REJECTED),
        ([Outcome.FAILED], [], ExitCode.SOMETHING_REJECTED),
        ([Outcome.FOUND], [LOST, OPEN], ExitCode.SOMETHING_REJECTED),
    ],
)
def test_what_is_missing_weighs_more_than_what_is_open(
    outcomes: list[Outcome | None], books: list[Difference], code: ExitCode
) -> None:
    assert exit_code(Verified([sought("ada", one) for one in outcomes]), books) is code


def test_a_mixup_is_an_error_even_if_all_is_found() -> None:
    mixup = Mixup("ada", None, Given(9, "doc-9", "bob", None))
    found = Verified([sought("ada", Outcome.FOUND)], [mixup])
    assert exit_code(found, []) is ExitCode.SOMETHING_REJECTED


def test_the_result_names_the_worst_users_and_counts_all() -> None:
    found = Verified([sought(f"user-{n}", Outcome.FOUND) for n in range(9)])
    found.sought.append(sought("lost", Outcome.NOT_FOUND))
    fields = as_fields(found, [], users=3)
    assert [user["user_id"] for user in fields["users"]] == ["lost", "user-0", "user-1"]
    assert (fields["users_sought"], fields["users_fine"]) == (10, 9)
    assert fields["documents"]["not_found"] == 1
