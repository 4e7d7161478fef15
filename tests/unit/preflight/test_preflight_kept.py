"""What was found is kept with the job, and is right after whatever happened to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.runs import run_import
from support.sources import FakeSource, Slice, record
from support.synap import ScriptedSynap
from synap_import import fault_points
from synap_import.identity import identity_user_map
from synap_import.ledger import Ledger, Origin, SqliteLedger
from synap_import.planning import PlanRules
from synap_import.preflight import Marker, look
from synap_import.preflight.marks import Mark
from synap_import.records import MemoryRecord
from synap_import.sources import Finding, Page, Partition, Severity

RULES = PlanRules(identity_user_map())
OLD = datetime(1970, 1, 1, tzinfo=UTC)


class KilledError(Exception):
    """As if the process was gone: nothing of ours handles it."""


def counts(ledger: Ledger) -> dict[str, int]:
    return {
        one.code: one.count
        for one in ledger.findings.kept(Origin.PREFLIGHT)
        if one.severity is Severity.WARNING
    }


def records() -> list[MemoryRecord]:
    return [record(n, text="tea", created_at=OLD) for n in range(10)]


@pytest.fixture
def kill() -> Iterator[Callable[[str, int], None]]:
    """Kills what comes to a fault point for the n-th time."""

    def arm(name: str, times: int) -> None:
        left = [times]

        def hook(point: str) -> None:
            left[0] -= point == name
            if left[0] == 0:
                raise KilledError

        fault_points.on_reaching(hook)

    yield arm
    fault_points.on_reaching(None)


def test_findings_of_one_part_of_a_run_leave_those_of_another(ledger: Ledger) -> None:
    missing = Finding(Severity.ERROR, "mem0-memories-missing", "Missing.")
    ledger.findings.keep([missing])
    run_import(FakeSource.giving(records()), ledger, None)
    ledger.findings.keep([], Origin.PREFLIGHT)
    ledger.findings.keep([missing], Origin.RECONCILE)
    assert ledger.findings.kept() == [missing]


def test_a_finding_is_an_answer_also_after_the_job_was_closed(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    run_import(FakeSource.giving(records()), ledger, None)
    ledger.close()
    again = SqliteLedger(tmp_path / "ledger.sqlite")
    assert counts(again) == {"time-odd": 10, "same-text": 9}
    again.close()


@pytest.mark.parametrize("point", ["ledger.stage.before_commit", "ledger.plan.after_commit"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_kill_and_a_resume_count_nothing_twice(
    tmp_path: Path, kill: Callable[[str, int], None], point: str, times: int
) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = SqliteLedger(path)
    kill(point, times)
    with pytest.raises(KilledError):
        run_import(FakeSource.giving(records(), page_size=3), ledger, None)
    fault_points.on_reaching(None)
    ledger.close()

    ledger = SqliteLedger(path)
    run_import(FakeSource.giving(records(), page_size=3), ledger, None)
    assert counts(ledger) == {"time-odd": 10, "same-text": 9}
    ledger.close()


def test_other_rules_give_other_findings_about_the_same_records(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    run_import(FakeSource.giving(records()), ledger, None)
    only = PlanRules(identity_user_map(), only_user="bob")
    run_import(FakeSource.giving(records()), ledger, None, rules=only)
    assert counts(ledger) == {}
    run_import(FakeSource.giving(records()), ledger, synap)
    assert counts(ledger) == {"time-odd": 10, "same-text": 9}


def test_findings_of_a_void_plan_are_gone_at_once(ledger: Ledger) -> None:
    run_import(FakeSource.giving(records()), ledger, None)
    ledger.planning.replan("another plan")
    assert ledger.findings.kept(Origin.PREFLIGHT) == []


def test_a_record_that_was_mended_is_no_longer_remarkable(ledger: Ledger) -> None:
    broken = FakeSource([Slice(Partition("a", "a", version="1"), [records()])])
    run_import(broken, ledger, None)
    mended = [record(n, text=f"tea {n}") for n in range(10)]
    run_import(FakeSource([Slice(Partition("a", "a", version="2"), [mended])]), ledger, None)
    assert counts(ledger) == {}


def test_a_job_that_was_begun_before_there_were_marks_gets_them(ledger: Ledger) -> None:
    partition = Partition("one", "one")
    source = FakeSource([Slice(partition, [records()])])
    ledger.reading.open_partition(partition)
    ledger.reading.stage(partition, Page(records(), None))
    assert ledger.surveying.survey([int(Mark.TIME_ODD)], 5).marked == {}
    run_import(source, ledger, None)
    assert counts(ledger)["time-odd"] == 10


def test_marks_of_many_pages_are_made_anew(ledger: Ledger) -> None:
    source = FakeSource.giving([record(n) for n in range(2500)], page_size=700)
    run_import(source, ledger, None)
    all_secret = Marker(lambda item: int(Mark.SECRET) if item.id != "7" else 0)
    ledger.surveying.remark(all_secret.marks)
    seen = ledger.surveying.survey([int(Mark.SECRET)], 5).marked[int(Mark.SECRET)]
    assert seen.records == 2499
    assert [one.id for one in seen.examples] == ["0", "1", "2", "3", "4"]


def test_every_owner_is_looked_at_also_of_very_many(ledger: Ledger) -> None:
    people = [record(n, f"user {n}") for n in range(5001)]
    run_import(FakeSource.giving(people, page_size=1000), ledger, None)
    assert look(ledger, RULES, {}, scanned=False).outlook.users == 5001
    assert sum(one.records for one in ledger.surveying.planned_owners()) == 5001
