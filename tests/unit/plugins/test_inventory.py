"""Who is in a source, told by it or found out, and what it says is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio

from support.sources import FakeSource, Slice, record
from synap_import.inventory import passing_ledger, read_all, take_inventory
from synap_import.records import Kind, Scope, ScopeKind
from synap_import.sources import Finding, Partition, ScopeCount, Severity, Unreadable


@dataclass
class TellingSource(FakeSource):
    """A source that says who is there, and how many it holds."""

    told: list[ScopeCount] | None = None
    holds: int = 0
    asked: list[int] = field(default_factory=list)

    async def scopes(self) -> list[ScopeCount] | None:
        return self.told

    async def reconcile(self) -> list[Finding]:
        came = sum(count for _, count in self.context.exported.scopes())
        if came == self.holds:
            return []
        return [Finding(Severity.ERROR, "hole", f"{self.holds - came} are missing.")]


def inventory_of(source: FakeSource):
    with passing_ledger() as ledger:
        return anyio.run(take_inventory, source, ledger)


def test_owners_are_counted_by_the_id_that_decides() -> None:
    bot = record(2, scope=Scope(agent="bot"))
    inventory = inventory_of(FakeSource.giving([record(1), bot, record(3, user=None)]))
    assert [one[:3] for one in inventory.owners] == [
        (ScopeKind.USER, "ada", 1),
        (ScopeKind.AGENT, "bot", 1),
    ]
    assert (inventory.records, inventory.unowned) == (3, 1)


def test_kinds_and_the_ends_of_time_are_known_of_who_was_read() -> None:
    noon = datetime(2025, 6, 1, 12, tzinfo=UTC)
    changed = record(2, created_at=noon + timedelta(days=1), updated_at=noon + timedelta(days=9))
    turn = record(3, kind=Kind.MESSAGE, created_at=None)
    (ada,) = inventory_of(FakeSource.giving([record(1), changed, turn])).owners
    assert ada.kinds == [(Kind.FACT, 2), (Kind.MESSAGE, 1)]
    assert (ada.first, ada.last) == (noon, noon + timedelta(days=9))


def test_other_content_under_a_known_id_is_no_further_record() -> None:
    slices = [
        Slice(Partition(name, name), [[record(1, text=name)]]) for name in ("first", "second")
    ]
    inventory = inventory_of(FakeSource(slices))
    assert (inventory.records, inventory.owners[0].records) == (1, 1)


def test_what_two_partitions_show_is_counted_once() -> None:
    slices = [Slice(Partition(name, name), [[record(1), record(2)]]) for name in ("a", "b")]
    assert inventory_of(FakeSource(slices)).records == 2


def test_unreadable_items_are_counted() -> None:
    one = Slice(Partition("a", "a"), [[record(1)]], [Unreadable("a:2", "no text")])
    assert inventory_of(FakeSource([one])).unreadable == 1


def test_a_source_that_tells_who_is_there_is_not_read() -> None:
    told = [ScopeCount(ScopeKind.USER, "ada", 7), ScopeCount(ScopeKind.AGENT, "bot")]
    source = TellingSource([Slice(Partition("a", "a"), [[record(1)]])], told=told)
    inventory = inventory_of(source)
    assert source.pages_read == []
    assert inventory.records is None
    assert [(one.id, one.records) for one in inventory.owners] == [("ada", 7), ("bot", None)]


def test_a_source_that_tells_is_read_when_that_is_asked_for() -> None:
    told = [ScopeCount(ScopeKind.USER, "ada", 7, "Ada"), ScopeCount(ScopeKind.AGENT, "bot")]
    source = TellingSource([Slice(Partition("a", "a"), [[record(1)]])], told=told, holds=3)
    pages = []
    with passing_ledger() as ledger:
        inventory = anyio.run(
            partial(take_inventory, source, ledger, read=True, on_records=pages.append)
        )
    assert [one[:4] for one in inventory.owners] == [
        (ScopeKind.USER, "ada", 1, "Ada"),
        (ScopeKind.AGENT, "bot", 0, ""),
    ]
    assert [finding.code for finding in inventory.findings] == ["hole"]
    assert pages == [1]


def test_the_source_sees_what_came_out_when_it_compares() -> None:
    slices = [Slice(Partition("a", "a"), [[record(1), record(2)]])]
    with passing_ledger() as ledger:
        assert anyio.run(read_all, TellingSource(slices, holds=2), ledger) == []
    with passing_ledger() as ledger:
        (hole,) = anyio.run(read_all, TellingSource(slices, holds=5), ledger)
        assert hole.message == "3 are missing."
