"""Runs that end early, and the same command again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from support.runs import run_import
from support.sources import FakeSource, Slice, record
from support.synap import ScriptedSynap
from synap_import import Page, Partition, SourceUnavailableError, Unreadable
from synap_import.errors import LedgerError, UserMapError
from synap_import.identity import Target, UserMap, identity_user_map, load_user_map
from synap_import.ledger import Ledger
from synap_import.planning import PlanRules, Unmapped
from synap_import.records import Kind, Scope


@dataclass
class FlakySource(FakeSource):
    """Fails once, before the given page."""

    fails_before: int | None = None

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        async for page in super().pages(partition, cursor):
            if self.pages_read[-1][1] == self.fails_before:
                self.fails_before = None
                raise SourceUnavailableError("gone", remedy="try again")
            yield page


def test_a_second_run_reads_nothing_and_loads_nothing(ledger: Ledger, synap: ScriptedSynap) -> None:
    source = FakeSource.giving([record(i) for i in range(300)])
    run_import(source, ledger, synap)
    source.pages_read.clear()
    sent = len(synap.batches)
    assert run_import(source, ledger, synap).loaded == 300
    assert source.pages_read == []
    assert len(synap.batches) == sent


def test_reading_goes_on_at_the_page_that_failed(ledger: Ledger, synap: ScriptedSynap) -> None:
    source = FlakySource(FakeSource.giving([record(i) for i in range(300)]).slices, fails_before=2)
    with pytest.raises(SourceUnavailableError):
        run_import(source, ledger, synap)
    source.pages_read.clear()
    assert run_import(source, ledger, synap).loaded == 300
    assert source.pages_read == [("one", 2)]


@pytest.fixture
def only_ada(tmp_path: Path) -> PlanRules:
    """A user map with a row for one user, and no rule for others."""
    path = tmp_path / "users.csv"
    path.write_text("source_id,user_id,customer_id\nada,u-1,\n")
    return PlanRules(load_user_map(path))


def test_nothing_is_sent_before_every_user_is_known(
    ledger: Ledger, synap: ScriptedSynap, only_ada: PlanRules
) -> None:
    records = [*(record(i) for i in range(500)), record(999, user="bob")]
    with pytest.raises(UserMapError, match="user 'bob' \\(1\\)"):
        run_import(FakeSource.giving(records), ledger, synap, rules=only_ada)
    assert synap.batches == []


def test_with_a_rule_for_all_users_an_unmapped_agent_still_ends_the_run_unsent(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    records = [*(record(i) for i in range(500)), record(999, user=None, scope=Scope(agent="bot"))]
    with pytest.raises(UserMapError, match="agent 'bot' \\(1\\)"):
        run_import(FakeSource.giving(records), ledger, synap)
    assert "legacy_fake_999" not in synap.stored


def test_a_mended_user_map_finishes_the_job(
    ledger: Ledger, synap: ScriptedSynap, only_ada: PlanRules
) -> None:
    source = FakeSource.giving([record(1), record(2, user="bob")])
    with pytest.raises(UserMapError):
        run_import(source, ledger, synap, rules=only_ada)
    mended = replace(only_ada, unmapped=Unmapped.IDENTITY)
    assert run_import(source, ledger, synap, rules=mended).loaded == 2
    assert {d["user_id"] for d in synap.batches[0]} == {"u-1", "bob"}


def test_unmapped_users_are_held_when_told(ledger: Ledger, synap: ScriptedSynap) -> None:
    source = FakeSource.giving([record(1), record(2, user=None, scope=Scope(agent="bot"))])
    rules = PlanRules(identity_user_map(), unmapped=Unmapped.HOLD)
    books = run_import(source, ledger, synap, rules=rules)
    assert books.held == {"unmapped-user": 1}
    assert books.loaded == 1


def test_a_limit_loads_so_many_and_the_next_run_goes_on(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    source = FakeSource.giving([record(i) for i in range(300)])
    assert run_import(source, ledger, synap, limit=25).loaded == 25
    assert run_import(source, ledger, synap, limit=25).loaded == 50
    assert run_import(source, ledger, synap).loaded == 300


def test_a_dry_run_sends_nothing_and_announces_what_a_run_loads(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    records = [record(1), record(2, text=""), record(3)]
    dry = run_import(FakeSource.giving(records), ledger, None)
    assert (dry.unfinished, dry.held) == (2, {"empty-text": 1})
    assert run_import(FakeSource.giving(records), ledger, synap).loaded == dry.unfinished


def test_a_changed_partition_loads_just_what_is_new(ledger: Ledger, synap: ScriptedSynap) -> None:
    def version(number: int, count: int) -> FakeSource:
        pages = [[record(i) for i in range(count)]]
        return FakeSource([Slice(Partition("file", "file", version=str(number)), pages)])

    run_import(version(1, 100), ledger, synap)
    books = run_import(version(2, 130), ledger, synap)
    assert (books.loaded, books.seen_again) == (130, 100)
    assert len(synap.stored) == 130


def test_unreadable_items_are_rejected_and_the_good_ones_go_on(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    part = Slice(Partition("f", "f"), [[record(1)]], [Unreadable("f:2", "not JSON", "{")])
    books = run_import(FakeSource([part]), ledger, synap)
    assert books.loaded == 1
    assert books.rejected == {"unreadable": 1}


def test_a_conversation_is_loaded_as_exchanges(ledger: Ledger, synap: ScriptedSynap) -> None:
    scope = Scope(user="ada", session="chat")
    roles = ["user", "assistant"] * 3
    records = [
        record(i, kind=Kind.MESSAGE, role=role, scope=scope, position=i)
        for i, role in enumerate(roles)
    ]
    books = run_import(FakeSource.giving(records, page_size=4), ledger, synap)
    assert (books.exported, books.loaded, books.documents) == (6, 6, 3)
    assert synap.batches[0][0]["document"] == "User: memory 0\nAssistant: memory 1"


def test_a_user_map_that_changed_before_anything_was_sent_decides_alone(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    source = FakeSource.giving([record(i) for i in range(10)])
    run_import(source, ledger, None)
    other = UserMap("other", identity_user_map().tables)
    other.tables[next(iter(other.tables))].decisions[None] = Target("somebody-else", None)
    run_import(source, ledger, synap, rules=PlanRules(other))
    assert {d["user_id"] for d in synap.batches[0]} == {"somebody-else"}


@pytest.mark.parametrize("ledgers", ["sqlite"], indirect=True)
def test_a_full_disk_ends_the_run_and_space_finishes_it(
    ledger: Ledger, synap: ScriptedSynap
) -> None:
    source = FakeSource.giving([record(i, metadata={"n": [i] * 50}) for i in range(2000)])
    ledger._database._db.execute("PRAGMA max_page_count = 60")
    with pytest.raises(LedgerError, match="full"):
        run_import(source, ledger, synap)
    ledger._database._db.execute("PRAGMA max_page_count = 1000000")
    assert run_import(source, ledger, synap).loaded == 2000
