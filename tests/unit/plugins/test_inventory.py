"""Who is in a source, told by it or found out, and what it says is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio

from support.sources import FakeSource, Slice, record
from synap_import.identity import SourceOwner
from synap_import.inventory import passing_ledger, read_all, take_inventory
from synap_import.records import Scope, ScopeKind
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
    inventory = inventory_of(FakeSource.of([record(1), bot, record(3, user=None)]))
    assert list(inventory.owners) == [
        SourceOwner(ScopeKind.USER, "ada", 1),
        SourceOwner(ScopeKind.AGENT, "bot", 1),
    ]
    assert (inventory.records, inventory.unowned) == (3, 1)


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


def test_the_source_sees_what_came_out_when_it_compares() -> None:
    slices = [Slice(Partition("a", "a"), [[record(1), record(2)]])]
    with passing_ledger() as ledger:
        assert anyio.run(read_all, TellingSource(slices, holds=2), ledger) == []
    with passing_ledger() as ledger:
        (hole,) = anyio.run(read_all, TellingSource(slices, holds=5), ledger)
        assert hole.message == "3 are missing."
