"""The facts of a report are those of the ledger, each record once."""

from __future__ import annotations

from pathlib import Path

from support.report_jobs import facts_of, samples, told
from synap_import.records import Kind, Scope
from synap_import.report.facts import Outcomes
from synap_import.report.gathering import MOST_USERS
from synap_import.sources import Unreadable


def test_the_account_says_what_became_of_every_record(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        told(0),
        told(1, "already there"),
        told(2, "rejected", "too long"),
        told(3, "held"),
        told(4, "undecided"),
        unreadable=[Unreadable("file:9", "not JSON")],
    )
    assert facts.account.exported == 6
    assert facts.account.outcomes == Outcomes(
        loaded=1, already_there=1, rejected=2, held=1, unfinished=1
    )
    assert facts.account.unaccounted == 0


def test_kinds_times_and_users_count_the_same_records(tmp_path: Path) -> None:
    records = [told(n, ("loaded", "held", "rejected")[n % 3]) for n in range(30)]
    facts = facts_of(tmp_path, *records)
    whole = facts.account.outcomes
    for parts in (facts.kinds, facts.timeline.spans, facts.users.most):
        assert sum(one.outcomes.total for one in parts) == whole.total
        assert sum(one.outcomes.held for one in parts) == whole.held


def test_unreadable_items_have_neither_kind_nor_user(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, told(0), unreadable=[Unreadable("file:9", "not JSON", "{oops")])
    assert [one.outcomes.total for one in facts.kinds] == [1]
    assert facts.users.others.total == 0
    (reason,) = facts.rejected
    (item,) = reason.listed
    assert (reason.reason, reason.count) == ("unreadable", 1)
    assert (item.id, item.detail, item.text) == ("file:9", "not JSON", "{oops")


def test_users_with_few_records_are_told_together(tmp_path: Path) -> None:
    users = [told(n, scope=Scope(user=f"user-{n:02}")) for n in range(MOST_USERS + 5)]
    facts = facts_of(tmp_path, *users)
    assert facts.users.count == MOST_USERS + 5
    assert len(facts.users.most) == MOST_USERS
    assert facts.users.others == Outcomes(loaded=5)


def test_a_user_is_told_with_who_they_became(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, told(0, scope=Scope(agent="helper")))
    (user,) = facts.users.most
    assert (user.scope, user.id, user.user_id, user.user_ids) == ("agent", "helper", "u-1", 1)


def test_every_held_and_rejected_record_is_listed_under_its_reason(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        told(0, "rejected", "too long"),
        told(1, "held", "no-owner"),
        told(2, "held", "empty-text"),
        told(3, "held", "empty-text", text=" "),
    )
    listed = {
        one.reason: [item.id for item in one.listed] for one in (*facts.held, *facts.rejected)
    }
    assert listed == {"empty-text": ["m-2", "m-3"], "no-owner": ["m-1"], "too long": ["m-0"]}


def test_without_text_no_words_of_memories_are_among_the_facts(tmp_path: Path) -> None:
    secret = "only for her eyes"
    records = [told(0, "held", text=secret), told(1, "rejected", "bad", text=secret)]
    unreadable = [Unreadable("file:9", "not JSON", secret)]
    facts = facts_of(tmp_path, *records, unreadable=unreadable, with_text=False)
    assert secret not in str(facts)


def test_loaded_records_are_confirmed_or_not(tmp_path: Path) -> None:
    asked = facts_of(tmp_path / "asked", told(0), told(1)).confirmed
    unasked = facts_of(tmp_path / "not", told(0), told(1), confirmed=False).confirmed
    assert (asked.ingested, asked.unasked, asked.memories) == (2, 0, 2)
    assert (unasked.ingested, unasked.unasked, unasked.memories) == (0, 2, 0)


def test_a_job_without_records_has_facts(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    assert facts.account.exported == 0
    assert facts.timeline.spans == facts.kinds == facts.users.most == ()


def test_samples_of_runs_come_along(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, told(0, kind=Kind.SUMMARY), samples=samples(3))
    assert [moment.loaded for moment in facts.moments] == [0, 100, 200]
    assert len({moment.run for moment in facts.moments}) == 1
